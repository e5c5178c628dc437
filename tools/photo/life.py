"""Finds what happens in the life of contracts, for the pictures of our own pages."""

from . import portal
from .records import address, of_demo


def _record(model, path, what, *domain, order="id"):
    """What finds the address of the first record of a model that a path of the web client shows."""

    def find(env):
        found = env[model].search(list(domain), order=order, limit=1)
        return address(path, of_demo(found, what))

    return find


def _list(path):
    return lambda _env: address(path)


individual = _record(
    "subscription.subscription",
    "subscriptions",
    "individual agreement",
    ("is_individual", "=", True),
    ("state", "=", "active"),
)
declarations = _list("subscription-declarations")
declaration = _record(
    "subscription.declaration",
    "subscription-declarations",
    "declaration in the work list",
    ("state", "=", "new"),
)
attempts = _list("subscription-payment-attempts")
failed_attempt = _record(
    "subscription.payment.attempt",
    "subscription-payment-attempts",
    "failed payment",
    ("state", "=", "failed"),
    order="id desc",
)
failed_actions = _list("subscription-failed-actions")
history = _list("subscription-history")
messages = _list("subscription-messages")
proformas = _list("subscription-proformas")
proforma = _record(
    "subscription.proforma", "subscription-proformas", "open pro forma", ("state", "=", "open")
)
withdrawal = _record("subscription.withdrawal", "subscription-withdrawals", "withdrawal")
invoices = _list("subscription-invoices")
prepaid_plan = _record(
    "subscription.plan",
    "subscription-plans",
    "plan paid in advance",
    ("release_policy", "=", "payment"),
)
hosting_plan = _record(
    "subscription.plan",
    "subscription-plans",
    "plan with self-service",
    ("self_plan_ids", "!=", False),
)
waiting = _record(
    "subscription.subscription",
    "subscriptions",
    "subscription that waits",
    ("waiting_for", "=", "payment"),
)
terminated = _record(
    "subscription.subscription",
    "subscriptions",
    "terminated subscription",
    ("termination_kind", "=", "ordinary"),
    ("state", "=", "active"),
)


def consumer(env):
    """A running subscription of a consumer that nobody has terminated."""
    plan = env.ref("subscription_base.demo_plan_hosting_monthly")
    found = env["subscription.subscription"].search(
        [("plan_id", "=", plan.id), ("state", "=", "active"), ("date_end", "=", False)],
        order="id",
        limit=1,
    )
    return address("subscriptions", of_demo(found, "running subscription"))


def upsell(env):
    return address("action-sale.action_quotations_with_onboarding", portal.upsell_order(env))


def settings(_env):
    return "/odoo/action-subscription_base.res_config_settings_action"


def partner(env):
    found = env["subscription.subscription"].search([("state", "=", "active")], order="id", limit=1)
    return address("res.partner", of_demo(found, "subscription").partner_id)
