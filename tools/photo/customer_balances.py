"""Finds what customers see of packs, advances, automatic top-ups and receipts; makes some."""

from odoo.fields import Command

from . import balances, portal, prepaid

ADVANCE_PLAN = "Prepaid Backup"
GERMAN_ADVANCE_PLAN = "Prepaid-Backup"
ADVANCE = 40.0
AGREED = {"threshold": 20.0, "amount": 50.0, "limit": 150.0}
PERIOD_DAYS = 30


def _read(record):
    """The record, whose customer reads the language of the picture."""
    record.partner_id.lang = record.env.lang
    return record


# ------------------------------------------------------------------ packs of units
def contract_with_pack(env):
    """The metered subscription, as the mails find it."""
    return _read(balances.metered_with_pack(env))


def packs(env):
    return contract_with_pack(env).get_portal_url(suffix="/packs")


def pack_summary(env):
    contract = contract_with_pack(env)
    offered = f"&pack_id={contract._get_self_packs()[:1].id}"
    return contract.get_portal_url(suffix="/packs", query_string=offered)


# ------------------------------------------------------------------ advances
def _paid_in_advance(env):
    """A prepaid contract whose money is asked for by advance invoices."""
    partner = portal._subscription(env).partner_id
    contracts = env["subscription.subscription"]
    found = contracts.search([("plan_id.top_up_kind", "=", "dedicated")], limit=1)
    if not found:
        product = env["product.product"].create(
            {"name": ADVANCE_PLAN, "type": "service", "list_price": 10.0}
        )
        plan = env["subscription.plan"].create(
            {
                "name": ADVANCE_PLAN,
                "is_prepaid": True,
                "top_up_kind": "dedicated",
                "component_ids": [Command.create({"product_id": product.id})],
                "package_ids": [Command.create({"length_count": 30, "length_unit": "day"})],
            }
        )
        plan.action_activate()
        for named in (product.product_tmpl_id, plan, plan.component_ids):
            named.update_field_translations("name", {"de_DE": GERMAN_ADVANCE_PLAN})
        found = contracts.create({"partner_id": partner.id, "plan_id": plan.id})
        found.line_ids = [Command.create(vals) for vals in found._prepare_plan_lines()]
        found.action_start()
    return _read(found)


def advance(env):
    return f"/my/subscriptions/{_paid_in_advance(env).id}/advance?amount={ADVANCE:.0f}"


def advance_invoice(env):
    return "account.account_invoices", _paid_in_advance(env)._ask_for_advance(ADVANCE)


# ------------------------------------------------------------------ automatic top-ups
def recharge_consent(env):
    """The consent text, before the customer agrees to it."""
    prepaid.page()(env)
    token = env["payment.token"].search(
        [("partner_id", "=", portal._subscription(env).partner_id.id)], limit=1
    )
    chosen = "&".join(f"{name}={value:.0f}" for name, value in AGREED.items())
    return f"/my/balance/recharge?{chosen}&token={token.id}"


def _agreement(env):
    wallet = prepaid.low(env)
    if not wallet.recharge_id:
        partner = portal._subscription(env).partner_id
        token = env["payment.token"].search([("partner_id", "=", partner.id)], limit=1)
        env["subscription.recharge"]._agree(
            wallet, partner, token=token, period_days=PERIOD_DAYS, **AGREED
        )
    return _read(wallet.recharge_id)


def recharge(env):
    _agreement(env)
    return "/my/balance/recharge"


def agreement(env):
    """The agreement, as the mail finds it."""
    return _agreement(env)


# ------------------------------------------------------------------ receipts and documents
def _top_up(env):
    entries = prepaid.low(env).entry_ids.filtered(lambda entry: entry.amount > 0)
    return _read(entries.sorted("id")[:1])


def top_up(env):
    """The entry of a top-up, as the mail finds it."""
    return _top_up(env)


def top_up_receipt(env):
    return "subscription_prepaid.action_report_top_up_receipt", _top_up(env)


def extended(env):
    """The contract that has been extended, as the mail finds it."""
    return _read(prepaid.expiring(env))


def deposit_request(env):
    """What asks for a deposit that is not paid yet, as the mail finds it."""
    plan = balances.with_deposit(env).plan_id
    requests = env["subscription.subscription"].search([("plan_id", "=", plan.id)])
    unpaid = requests._get_deposit_requests().filtered("amount_residual")[:1]
    return _read(unpaid or balances.start_with_deposit(env, plan)._get_deposit_requests())


def deposit_request_paper(env):
    return "account.account_invoices", deposit_request(env)


def deposit_page(env):
    return _read(balances.with_deposit(env)).get_portal_url()


def settled_contract(env):
    return "subscription_base.action_report_settlement", balances.settled(env)
