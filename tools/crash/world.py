"""What is billed: subscriptions that are due, of all kinds, some of them impossible to bill."""

from datetime import date, timedelta

from demo import catalogue, provider

from odoo.fields import Command

DATE = date(2026, 7, 1)
PARTNERS_FOR_EACH = 0.64  # many customers have two subscriptions
ANSWERS = {"done": 0.14, "pending": 0.03, "error": 0.03}
#: plan, share, and how many days before DATE a subscription may have begun
KINDS = (
    ("hosting_monthly", 0.30, 30),
    ("phone", 0.20, 45),
    ("team_planner", 0.20, 45),
    ("gym", 0.10, 25),
    ("arrears", 0.15, 75),
    ("game_server", 0.05, 20),
)
POISONED = {"refused by the database": 2, "archived account": 2, "inactive currency": 1}


def build(env, count, rng):
    """Create `count` due subscriptions; return the ids of those that cannot be billed."""
    env = env(context={**env.context, "tracking_disable": True})
    catalogue.load(env)
    catalogue.reduce_taxes(env, env.company)
    _arrears_plan(env)
    partners = _partners(env, round(count * PARTNERS_FOR_EACH), rng)
    subscriptions = env["subscription.subscription"].create(
        [_subscription(env, partners[number % len(partners)], rng) for number in range(count)]
    )
    _tokens(env, subscriptions, rng)
    subscriptions.action_start()
    _usage(env, subscriptions, rng)
    return _poison(env, subscriptions, rng)


def _arrears_plan(env):
    product = catalogue.product(env, "support")
    plan = env["subscription.plan"].create(
        {
            "name": "Support, monthly afterwards",
            "schedule_type": "month_last",
            "component_ids": [
                Command.create(
                    {"product_id": product.id, "price_unit": 149.99, "timing": "arrears"}
                )
            ],
        }
    )
    plan.action_activate()
    env["ir.model.data"]._update_xmlids(
        [{"xml_id": f"{catalogue.MODULE}.demo_plan_arrears", "record": plan}]
    )


def _partners(env, count, rng):
    germany = env.ref("base.de")
    return env["res.partner"].create(
        [
            {
                "name": f"Customer {number + 1:03}",
                "country_id": germany.id,
                "is_company": rng.random() < 0.5,
            }
            for number in range(count)
        ]
    )


def _subscription(env, partner, rng):
    name, _share, days = rng.choices(KINDS, [share for _n, share, _d in KINDS])[0]
    plan = catalogue.plan(env, name)
    components = plan.component_ids.filtered(
        lambda component: not component.is_optional or rng.random() < 0.4
    )
    return {
        "partner_id": partner.id,
        "plan_id": plan.id,
        "date_start": DATE - timedelta(rng.randint(0 if name != "arrears" else 40, days)),
        "line_ids": [
            Command.create(
                component._prepare_subscription_line_values()
                | ({} if component.charge_type != "recurring" else {"quantity": rng.randint(1, 9)})
            )
            for component in components
        ],
    }


def _tokens(env, subscriptions, rng):
    """Save a payment method for some customers, and use it for all that they have."""
    demo = provider.enable(env, env.company)
    none = 1 - sum(ANSWERS.values())
    chosen = {
        partner: rng.choices([*ANSWERS, None], [*ANSWERS.values(), none])[0]
        for partner in subscriptions.partner_id
    }
    payers = [partner for partner, answer in chosen.items() if answer]
    tokens = env["payment.token"].create(
        [
            provider.token_values(demo, partner, chosen[partner], number)
            for number, partner in enumerate(payers)
        ]
    )
    for token in tokens:
        subscriptions.filtered(
            lambda subscription, token=token: subscription.partner_id == token.partner_id
        ).payment_token_id = token


def _usage(env, subscriptions, rng):
    metered = subscriptions.line_ids.filtered(lambda line: line.charge_type == "usage")
    env["subscription.usage"].create(
        [
            {
                "line_id": line.id,
                "date": line.date_start + timedelta(rng.randint(0, 40)),
                "quantity": rng.randint(1, 90),
                "key": f"{line.id}-{number}",
            }
            for line in metered
            for number in range(rng.randint(1, 6))
        ]
    )


def _poison(env, subscriptions, rng):
    """Make some subscriptions impossible to invoice, or their invoices impossible to post."""
    ids = rng.sample(subscriptions.ids, sum(POISONED.values()))
    left = env["subscription.subscription"].browse(ids)
    poisons = (_refuse, _archive_account, _hide_currency)
    for count, poison in zip(POISONED.values(), poisons, strict=True):
        poison(left[:count])
        left = left[count:]
    return ids


def _refuse(subscriptions):
    """The database does not take the invoice's lines: creating the invoice fails."""
    subscriptions.line_ids.name = "Refused"
    subscriptions.env.flush_all()
    subscriptions.env.cr.execute(
        """ALTER TABLE account_move_line
             ADD CONSTRAINT crash_test_refused CHECK (name NOT LIKE 'Refused%')"""
    )


def _archive_account(subscriptions):
    env = subscriptions.env
    account = env["account.account"].create(
        {"name": "Given up", "code": "8999", "account_type": "income"}
    )
    subscriptions.line_ids.product_id = env["product.product"].create(
        {"name": "Given up", "type": "service", "property_account_income_id": account.id}
    )
    account.active = False


def _hide_currency(subscriptions):
    """As data of another program may be: what runs does not change its currency otherwise."""
    currencies = subscriptions.env["res.currency"].with_context(active_test=False)
    currency = currencies.search([("name", "=", "CHF")])
    currency.active = False
    subscriptions.flush_recordset()
    subscriptions.env.cr.execute(
        "UPDATE subscription_subscription SET currency_id = %s WHERE id IN %s",
        (currency.id, tuple(subscriptions.ids)),
    )
    subscriptions.invalidate_recordset()
