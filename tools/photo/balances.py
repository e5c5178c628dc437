"""Finds bonus credit, deposits, packs of units and settlements; makes some first."""

from odoo.fields import Command

from . import portal, records
from .records import address


def _partner(env):
    return portal._subscription(env).partner_id.commercial_partner_id


def _bonus(env):
    bonuses = env["subscription.bonus"]
    return bonuses.search([], limit=1) or bonuses.create(
        {"partner_id": _partner(env).id, "amount": 10.0, "reason": "A friend has joined"}
    )


def bonuses(env):
    _bonus(env)
    return address("action-subscription_prepaid.subscription_bonus_action")


def _metered(env):
    """A metered subscription that has bought a pack; another one is offered."""
    number = int(records.metered_subscription(env).rpartition("/")[2])
    contract = env["subscription.subscription"].browse(number)
    packs = env["subscription.allowance.pack"].search([])
    if not packs:
        meter = contract.line_ids.meter_id[:1]
        for units, price in ((100_000, 9.0), (1_000_000, 59.0)):
            product = env["product.product"].create(
                {"name": f"Pack of {units:,}", "type": "service", "list_price": price}
            )
            packs += packs.create(
                {
                    "product_id": product.id,
                    "meter_id": meter.id,
                    "units": units,
                    "validity_length": 12,
                    "is_self_service": True,
                }
            )
        wizard = env["subscription.pack.wizard"].create(
            {"subscription_id": contract.id, "pack_id": packs[0].id}
        )
        wizard.action_add()
    return contract


def packs(env):
    _metered(env)
    return address("action-subscription_prepaid.subscription_allowance_pack_action")


def contract_with_pack(env):
    return address("subscriptions", _metered(env))


def _with_deposit(env):
    """A contract whose deposit has been paid."""
    contracts = env["subscription.subscription"]
    found = contracts.search([("line_ids.charge_type", "=", "deposit")], limit=1)
    if not found:
        router, deposit = env["product.product"].create(
            [
                {"name": "Router rental", "type": "service", "list_price": 8.0},
                {"name": "Deposit for the router", "type": "service", "list_price": 100.0},
            ]
        )
        plan = env["subscription.plan"].create(
            {
                "name": "Router",
                "component_ids": [
                    Command.create({"product_id": router.id}),
                    Command.create({"product_id": deposit.id, "charge_type": "deposit"}),
                ],
            }
        )
        plan.action_activate()
        found = contracts.create({"partner_id": _partner(env).id, "plan_id": plan.id})
        found.line_ids = [Command.create(vals) for vals in found._prepare_plan_lines()]
        found.action_start()
        request = found._get_deposit_requests()
        register = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=request.ids
        )
        register.create({})._create_payments()
    return found


def deposit(env):
    return address("action-subscription_base.subscription_subscription_action", _with_deposit(env))


def deposit_requests(env):
    _with_deposit(env)
    return address("action-subscription_prepaid.subscription_deposit_request_action")


def settlements(env):
    """What became of the bonus of a customer whose only contract has ended."""
    lines = env["subscription.settlement.line"]
    if not lines.search([], limit=1):
        ended = env["subscription.subscription"].search(
            [("state", "=", "closed"), ("cleaned_on", "=", False)], limit=1
        )
        wallet = env["subscription.wallet"]._get(
            ended.partner_invoice_id, ended.company_id, ended.currency_id, "service", ended
        )
        env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": wallet.partner_id.id,
                "amount": 12.5,
                "subscription_wallet_id": wallet.id,
            }
        ).action_post()
        ended.sudo()._clean_up()
    return address("action-subscription_prepaid.subscription_settlement_line_action")
