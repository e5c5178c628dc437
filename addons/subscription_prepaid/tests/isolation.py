"""What the tests of isolation plant of this module."""

from odoo.fields import Command


def plant(case, partner, product, price, mark):
    """Give a customer a balance, and a prepaid contract that has been extended.

    :param case: the class of the tests.
    :return: records by the names that routes have for them.
    """
    env = case.env
    plan = case._create_plan(
        f"{mark} prepaid",
        [
            {"product_id": product.id, "price_unit": price},
            {
                "product_id": product.id,
                "name": f"{mark} deposit",
                "charge_type": "deposit",
                "price_unit": price,
            },
        ],
        is_prepaid=True,
        package_ids=[Command.create({"length_count": 1, "length_unit": "month"})],
    )
    contract = case._create_subscription(plan, "2026-01-01", partner_id=partner.id)
    contract.name = f"{mark}-PREPAID"
    wallet = env["subscription.wallet"]._get(partner, contract.company_id, contract.currency_id)
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": wallet.partner_id.id,
            "amount": price,
            "memo": f"{mark} top-up",
            "subscription_wallet_id": wallet.id,
        }
    )
    payment.action_post()
    extensions = env["subscription.extension"].sudo()
    extension = extensions.create(
        {
            "subscription_id": contract.id,
            "package_id": plan.package_ids.id,
            "date_from": "2026-02-01",
            "date_to": "2026-03-01",
        }
    )
    meter = env["subscription.meter"].create(
        {"name": f"{mark} messages", "handle": f"pack-{mark.lower()}"}
    )
    pack = env["subscription.allowance.pack"].create(
        {"product_id": product.id, "meter_id": meter.id, "units": price, "is_self_service": True}
    )
    pack_line = contract.line_ids.create(
        {
            "subscription_id": contract.id,
            "product_id": product.id,
            "name": f"{mark} pack",
            "charge_type": "one_time",
            "price_unit": price,
        }
    )
    agreement = _plant_recharge(case, wallet, partner, price, mark)
    bonus = env["subscription.bonus"].create(
        {
            "partner_id": partner.commercial_partner_id.id,
            "company_id": contract.company_id.id,
            "currency_id": contract.currency_id.id,
            "amount": price,
            "reason": f"{mark} bonus",
        }
    )
    settled = env["subscription.settlement.line"].sudo()
    settlement_line = settled.create(
        {
            "subscription_id": contract.id,
            "date": "2026-01-31",
            "kind": "bonus",
            "outcome": "kept",
            "amount": price,
        }
    )
    return {
        "settlement_line": settlement_line,
        "package": plan.package_ids,
        "wallet": wallet,
        "recharge": agreement,
        "recharge_attempt": agreement.attempt_ids,
        "extension": extension,
        "pack": pack,
        "allowance": pack_line.allowance_ids,
        "bonus": bonus,
        "bonus_wallet": bonus.wallet_id,
        "bonus_entry": bonus.entry_ids,
    }


def _plant_recharge(case, wallet, partner, price, mark):
    """An automatic top-up that the customer has agreed to, and one that has failed."""
    token = case._create_saved_method(partner, payment_details=f"{mark} top-up card")
    agreement = case.env["subscription.recharge"]._agree(wallet, partner, token, price, price)
    transaction = (
        case.env["payment.transaction"]
        .sudo()
        .create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "amount": price,
                "currency_id": wallet.currency_id.id,
                "partner_id": partner.id,
                "operation": "offline",
                "reference": f"{mark}-RECHARGE",
            }
        )
    )
    case.env["subscription.recharge.attempt"].sudo().create(
        {
            "recharge_id": agreement.id,
            "transaction_id": transaction.id,
            "date": "2026-03-01",
            "date_asked": "2026-03-01 09:00:00",
        }
    )
    transaction._set_error(f"{mark} no funds")
    return agreement
