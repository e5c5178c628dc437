"""Odoo's demo payment provider and the payment methods that customers have saved with it."""

PROVIDER = "payment.payment_provider_demo"
METHOD = "payment.payment_method_unknown"


def enable(env, company):
    """The demo provider in test mode, booking on a bank journal of `company`."""
    provider = env.ref(PROVIDER)
    if provider.state != "test":
        provider.write({"company_id": company.id, "state": "test"})
    if not provider.journal_id:
        provider.journal_id = env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
        )
    return provider


def token_values(provider, partner, answer, number):
    """Values of a saved method whose every charge is answered with `answer`."""
    method = provider.payment_method_ids[:1] or provider.env.ref(METHOD)
    return {
        "provider_id": provider.id,
        "payment_method_id": method.id,
        "partner_id": partner.id,
        "provider_ref": f"demo-{number:04}",
        "payment_details": f"{number:04}",
        "demo_simulated_state": answer,
    }
