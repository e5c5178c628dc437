"""Finds bonus credit, deposits, packs of units and settlements; makes some first."""

from odoo.fields import Command

from . import portal, records
from .records import address

PACKS = ((200, 9.0), (1000, 39.0))


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


def metered_with_pack(env):
    """A metered subscription that has bought a pack; another one is offered."""
    number = int(records.metered_subscription(env).rpartition("/")[2])
    contract = env["subscription.subscription"].browse(number)
    packs = env["subscription.allowance.pack"].search([])
    if not packs:
        meter = contract.line_ids.meter_id[:1]
        for units, price in PACKS:
            product = env["product.product"].create(
                {"name": f"Pack of {units} GB", "type": "service", "list_price": price}
            )
            product.product_tmpl_id.update_field_translations(
                "name", {"de_DE": f"Kontingent von {units} GB"}
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
    metered_with_pack(env)
    return address("action-subscription_prepaid.subscription_allowance_pack_action")


def contract_with_pack(env):
    return address("subscriptions", metered_with_pack(env))


def with_deposit(env):
    """A contract whose deposit has been paid."""
    contracts = env["subscription.subscription"]
    found = contracts.search([("line_ids.charge_type", "=", "deposit")], order="id", limit=1)
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
        found = start_with_deposit(env, plan)
        request = found._get_deposit_requests()
        register = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=request.ids
        )
        register.create({})._create_payments()
    return found


def start_with_deposit(env, plan):
    """A new contract of the plan, whose deposit is asked for."""
    contract = env["subscription.subscription"].create(
        {"partner_id": _partner(env).id, "plan_id": plan.id}
    )
    contract.line_ids = [Command.create(vals) for vals in contract._prepare_plan_lines()]
    contract.action_start()
    return contract


def deposit(env):
    return address("action-subscription_base.subscription_subscription_action", with_deposit(env))


def deposit_requests(env):
    with_deposit(env)
    return address("action-subscription_prepaid.subscription_deposit_request_action")


def settled(env):
    """A contract that has ended; its customer had paid in and gets the rest back."""
    contracts = env["subscription.subscription"]
    reader = [("partner_id.lang", "=", env.lang)]
    found = env["subscription.settlement.line"].search(reader, limit=1).subscription_id
    if not found:
        found = contracts.search([("state", "=", "closed"), ("cleaned_on", "=", False)], limit=1)
        found.partner_id.lang = env.lang
        wallet = env["subscription.wallet"]._get(
            found.partner_invoice_id, found.company_id, found.currency_id, "service", found
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
        found.sudo()._clean_up()
    return found


def settlements(env):
    settled(env)
    return address("action-subscription_prepaid.subscription_settlement_line_action")
