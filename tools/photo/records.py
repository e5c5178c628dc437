"""Finds what is worth a picture in the demo database. Returns addresses; never uses fixed ids."""

from datetime import datetime, time

from odoo import fields
from odoo.fields import Command, Domain

from suite.console import Problem

SHARE_DONE = 0.6
BEGIN = time(4)  # UTC, on the day of the billing run
TUTORIAL_DAY = 22
LATEST = 5  # charges that the form shows at once


def of_demo(records, what):
    """The first of the records; a clear error when the demo has none."""
    if not records:
        raise Problem(f"the demo database has no {what}: make demo")
    return records[0]


def address(action, record=None):
    """The web client's address of an action, or of a record in it."""
    return f"/odoo/{action}" + (f"/{record.id}" if record else "")


def _quotation(env):
    """A draft quotation with a plan and its set-up fee, in the language of the picture."""
    orders = env["sale.order"].search(
        Domain("state", "in", ("draft", "sent"))
        & Domain("partner_id.lang", "=", env.lang)
        & Domain("order_line.subscription_plan_id", "!=", False)
        & Domain("order_line.subscription_component_id.charge_type", "=", "setup"),
        order="id",
    )
    return orders.sorted(lambda order: -len(order.order_line))[:1] or _new_quotation(env)


def _new_quotation(env):
    """The tutorial's quotation; the demo has confirmed all of its own.

    It is for a customer who reads the language, and starts on the tutorial's day of the month.
    """
    best = _tutorial_plan(env)
    product = best.main_component_id.product_id
    subscriptions = best.subscription_ids.sorted("id")
    customers = subscriptions.filtered(lambda one: one.currency_id == best.currency_id).partner_id
    customer = of_demo(customers, f"customer of the plan {best.name}")
    customer.lang = env.lang
    today = fields.Date.context_today(customer)
    line = {"product_id": product.id, "subscription_plan_id": best.id}
    return env["sale.order"].create(
        {
            "partner_id": customer.id,
            "subscription_start_date": today.replace(day=TUTORIAL_DAY),
            "order_line": [Command.create(line)],
        }
    )


def quotation(env):
    return address("action-sale.action_quotations_with_onboarding", _quotation(env))


def portal_quotation(env):
    return _quotation(env).get_portal_url()


def _corrected_subscriptions(env):
    return env["subscription.subscription"].search(
        [("state", "=", "active"), ("charge_ids.amount", "<", 0)], order="id"
    )


def subscription(env):
    """A running subscription with a credit among its latest charges."""

    def interest(one):
        return any(charge.amount < 0 for charge in one.charge_ids[:LATEST]), len(one.charge_ids)

    best = _corrected_subscriptions(env).sorted(interest, reverse=True)
    return address("subscriptions", of_demo(best, "active subscription with a credit"))


def varied_subscription(env):
    """A running subscription with many kinds of charges, credits among them."""

    def interest(one):
        return len(set(one.charge_ids.mapped("charge_type"))), len(one.charge_ids)

    best = _corrected_subscriptions(env).sorted(interest, reverse=True)
    return address("subscriptions", of_demo(best, "active subscription with a credit"))


def subscriptions(env):
    of_demo(env["subscription.subscription"].search([], limit=1), "subscription")
    return address("subscriptions")


def metered_subscription(env):
    """A running subscription that has used something in its current period."""
    subscriptions = env["subscription.subscription"].search(
        [
            ("state", "=", "active"),
            ("usage_ids", "!=", False),
            ("line_ids.pricing_model", "=", "graduated"),
        ],
        order="id",
    )
    best = subscriptions.sorted("usage_amount", reverse=True)
    return address("subscriptions", of_demo(best, "active subscription with usage"))


def portal_usage(env):
    subscription = int(metered_subscription(env).rpartition("/")[2])
    return env["subscription.subscription"].browse(subscription).get_portal_url(suffix="/usage")


def seats(env):
    """A running subscription whose line counts a few seats."""
    lines = env["subscription.line"].search(
        [
            ("subscription_id.state", "=", "active"),
            ("quantity", ">", 1),
            ("charge_type", "=", "recurring"),
            ("date_end", "=", False),
        ],
        order="id",
    )
    return address("subscriptions", of_demo(lines, "seats").subscription_id)


def _variety(plan):
    components = plan.component_ids
    return bool(components.tier_ids), len(set(components.mapped("charge_type"))), len(components)


def _tutorial_plan(env):
    return env.ref("subscription_base.demo_plan_phone")


def tutorial_plan(env):
    return address("subscription-plans", _tutorial_plan(env))


def plan(env):
    """The active plan with the most kinds of components."""
    plans = env["subscription.plan"].search([("state", "=", "active")], order="id")
    best = plans.sorted(_variety, reverse=True)
    return address("subscription-plans", of_demo(best, "active plan"))


def version(env):
    """The draft of a version for all subscribers."""
    plans = env["subscription.plan"].search(
        [("state", "=", "draft"), ("version_audience", "=", "all")], order="id"
    )
    return address("subscription-plans", of_demo(plans, "draft of a version"))


def plans(env):
    of_demo(env["subscription.plan"].search([], limit=1), "plan")
    return address("subscription-plans")


def invoice(env):
    """The latest posted invoice with several products and service periods."""
    lines = env["account.move.line"].search(
        [
            ("subscription_period_start", "!=", False),
            ("parent_state", "=", "posted"),
            ("move_id.move_type", "=", "out_invoice"),
        ]
    )

    def interest(move):
        lines = move.invoice_line_ids
        periods = set(lines.mapped("subscription_period_start"))
        positive = all(line.quantity > 0 for line in lines)
        return positive, min(len(lines.product_id), 3), min(len(periods), 3), min(len(lines), 3)

    best = lines.move_id.sorted("id", reverse=True).sorted(interest, reverse=True)
    return address(
        "action-account.action_move_out_invoice_type", of_demo(best, "posted subscription invoice")
    )


def charges(env):
    of_demo(env["subscription.charge"].search([], limit=1), "charge")
    return address("subscription-charges")


def billing_run(env):
    """A run that is under way: the first part of what falls due next has been billed.

    It changes the database, which is a copy of the demo: so it comes last.
    """
    due = env["subscription.subscription"].search(
        [
            ("state", "in", ("pending", "trial", "active")),
            ("next_billing_date", "!=", False),
            ("company_id", "=", env.company.id),
        ],
        order="next_billing_date, id",
    )
    middle = of_demo(due[len(due) // 2 :], "subscription that will fall due")
    env.company.subscription_bill_ahead = True
    run = env["subscription.billing.run"].create({"date": middle.next_billing_date})
    run._begin()
    run.sudo().date_begin = datetime.combine(run.date, BEGIN)
    run._do_create(run._claim_create(set())[: round(run.due_count * SHARE_DONE)])
    return address("subscription-billing-runs", run)
