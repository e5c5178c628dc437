"""Finds what customers and staff see of a prepaid contract and its balance; makes one first."""

from odoo.fields import Command, Domain

from . import portal
from .records import address

PLAN = "Prepaid Hosting"
GERMAN_PLAN = "Prepaid-Hosting"
TOP_UP = 150.0
PACKAGES = ((30, "day", 0.0), (90, "day", 5.0), (12, "month", 15.0))


def _plan(env):
    found = env["subscription.plan"].search(
        [("is_prepaid", "=", True), ("top_up_kind", "!=", "dedicated")], limit=1
    )
    if not found:
        product = env["product.product"].create(
            {"name": PLAN, "type": "service", "list_price": 30.0}
        )
        found = env["subscription.plan"].create(
            {
                "name": PLAN,
                "is_prepaid": True,
                "component_ids": [Command.create({"product_id": product.id})],
                "package_ids": [
                    Command.create({"length_count": count, "length_unit": unit, "bonus": bonus})
                    for count, unit, bonus in PACKAGES
                ],
            }
        )
        found.action_activate()
        for named in (product.product_tmpl_id, found, found.component_ids):
            named.update_field_translations("name", {"de_DE": GERMAN_PLAN})
    return found


def _contract(env):
    """A contract that has been extended once; its customer can log in and reads the language."""
    partner = portal._subscription(env).partner_id
    plan = _plan(env)
    contracts = env["subscription.subscription"]
    owner = Domain("plan_id", "=", plan.id) & Domain("partner_id", "=", partner.id)
    contract = contracts.search(owner, limit=1)
    if not contract:
        contract = contracts.create({"partner_id": partner.id, "plan_id": plan.id})
        contract.line_ids = [Command.create(vals) for vals in contract._prepare_plan_lines()]
        contract.action_start()
        wallet = _top_up(env, partner)
        run = env["subscription.billing.run"].create({})
        wallet._settle(run._bill_subscriptions(contract))
        contract._extend(_package(contract))
    return contract


def _top_up(env, partner):
    wallet = env["subscription.wallet"]._get(partner, env.company, env.company.currency_id)
    env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": wallet.partner_id.id,
            "amount": TOP_UP,
            "memo": wallet.name,
            "subscription_wallet_id": wallet.id,
        }
    ).action_post()
    return wallet


def _package(contract):
    """The package that the balance is enough for."""
    return contract.plan_id.package_ids.sorted()[0]


def _wallet(env):
    return _contract(env)._find_wallet()


def page(suffix=""):
    return lambda env: _contract(env).get_portal_url(suffix=suffix)


def summary(env):
    contract = _contract(env)
    chosen = f"&package_id={_package(contract).id}"
    return contract.get_portal_url(suffix="/extend", query_string=chosen)


def own_balance(query=""):
    def find(env):
        _contract(env)
        return f"/my/balance{query}"

    return find


def plan(env):
    return address("action-subscription_base.subscription_plan_action", _plan(env))


def contract(env):
    return address("action-subscription_base.subscription_subscription_action", _contract(env))


def wallet(env):
    return address("subscription-balances", _wallet(env))


def of_action(action):
    def find(env):
        _contract(env)
        return address(f"action-subscription_prepaid.{action}")

    return find


def expiring(env):
    """The contract whose customer is warned, as the mail finds it."""
    return _contract(env)


def low(env):
    return _wallet(env)
