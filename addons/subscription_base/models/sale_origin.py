"""Quotations that belong to a running subscription: upsell, change and renewal.

Confirming one changes the subscription that it belongs to and starts no second one; until then,
and when it is cancelled, declined or left to expire, the subscription stays as it is.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .locking import changed_fields

KINDS = [
    ("new", "New subscription"),
    ("upsell", "Upsell"),
    ("change", "Plan change"),
    ("renewal", "Renewal"),
]
#: Kinds that say what the whole subscription is to be, so only one of them can be accepted.
REPLACING = ("change", "renewal")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    origin_subscription_id = fields.Many2one(
        "subscription.subscription",
        "Running Subscription",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The subscription that confirming the quotation changes.",
    )
    subscription_order_kind = fields.Selection(
        KINDS,
        "Kind of Order",
        compute="_compute_subscription_order_kind",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        help="What the order does: start subscriptions, or add to, change or renew a running one.",
    )
    origin_plan_id = fields.Many2one(
        "subscription.plan",
        readonly=True,
        copy=False,
        help="The plan that the running subscription had when the quotation was made.",
    )
    origin_last_order_id = fields.Many2one(
        "sale.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The change or renewal that had been agreed last when the quotation was made.",
    )
    origin_warning = fields.Char(
        compute="_compute_origin_warning",
        compute_sudo=True,
        help="Why the quotation can no longer be accepted.",
    )

    @api.depends("origin_subscription_id", "has_plan")
    def _compute_subscription_order_kind(self):
        for order in self:
            if not order.origin_subscription_id:
                order.subscription_order_kind = "new" if order.has_plan else False
            else:
                order.subscription_order_kind = order.subscription_order_kind or "upsell"

    @api.depends("origin_subscription_id")
    def _compute_has_plan(self):
        result = super()._compute_has_plan()
        self.filtered("origin_subscription_id").has_plan = True
        return result

    @api.depends("origin_subscription_id")
    def _compute_subscription_count(self):
        result = super()._compute_subscription_count()
        for order in self:
            order.subscription_count = len(order.subscription_ids | order.origin_subscription_id)
        return result

    @api.depends(
        "state", "validity_date", "subscription_start_date", "origin_subscription_id.plan_id",
        "origin_subscription_id.state", "origin_subscription_id.date_end",
        "order_line.product_uom_qty", "order_line.subscription_plan_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_origin_warning(self):
        for order in self:
            is_open = order.origin_subscription_id and order.state in ("draft", "sent")
            order.origin_warning = order._get_origin_error() if is_open else False

    def action_view_subscriptions(self):
        action = super().action_view_subscriptions()
        if not self.origin_subscription_id:
            return action
        return action | {
            "domain": [],
            "views": [(False, "form")],
            "res_id": self.origin_subscription_id.id,
        }

    def _get_plan_error_message(self):
        """Why the order cannot be confirmed; a renewal may keep a plan that is no longer sold."""
        origin = self.origin_subscription_id
        if not origin:
            return super()._get_plan_error_message()
        return (
            self._get_plan_lines().subscription_plan_id != origin.plan_id
            and super()._get_plan_error_message()
        ) or self._get_origin_error()

    def _get_origin_error(self):
        """Why the running subscription cannot take what the quotation says.

        :return: a sentence for people, or ``False`` when nothing is in the way.
        :rtype: str | bool
        """
        self.ensure_one()
        subscription, on = self.origin_subscription_id, self._get_subscription_start()
        if subscription.state in ("draft", "closed"):
            return self.env._(
                "%s is not running any more. Make a quotation for a new subscription.",
                subscription.name,
            )
        if self.is_expired:
            return self.env._(
                "The quotation has expired on %s. Extend its validity or make a new one.",
                format_date(self.env, self.validity_date),
            )
        end = subscription.date_end
        if end and end < on and self.subscription_order_kind != "renewal":
            return self.env._(
                "%(subscription)s ends on %(end)s, before the change. Renew it, or choose an "
                "earlier day.",
                subscription=subscription.name,
                end=format_date(self.env, end),
            )
        if on < subscription.date_start:
            return self.env._(
                "%(subscription)s starts on %(start)s only. Choose that day or a later one.",
                subscription=subscription.name,
                start=format_date(self.env, subscription.date_start),
            )
        return self._get_conflict_error() or self._get_content_error()

    def _get_conflict_error(self):
        """Why what was accepted meanwhile leaves no room for the quotation."""
        subscription = self.origin_subscription_id
        if subscription.plan_id != self.origin_plan_id:
            return self.env._(
                "%(subscription)s has another plan by now: %(plan)s. Make a new quotation.",
                subscription=subscription.name,
                plan=subscription.plan_id.display_name,
            )
        if self.subscription_order_kind not in REPLACING:
            return False
        accepted = subscription._get_last_agreement()
        if accepted != self.origin_last_order_id:
            return self.env._(
                "%(other)s was accepted meanwhile and changes %(subscription)s already. Make a new "
                "quotation.",
                other=accepted.name,
                subscription=subscription.name,
            )
        return False

    def _get_content_error(self):
        """Why the lines of the quotation say nothing that could be done."""
        plan_lines = self._get_plan_lines()
        if self.subscription_order_kind in REPLACING:
            if len(plan_lines) != 1:
                return self.env._(
                    "The quotation needs exactly one line with the plan that %s is to have.",
                    self.origin_subscription_id.name,
                )
            return False
        if plan_lines:
            return self.env._(
                "An upsell adds to the running plan. Quote another plan as a change or on its own."
            )
        taken = self._get_priced_lines().filtered("product_uom_qty")
        if not taken:
            return self.env._("Nothing is chosen yet: enter a quantity.")
        return False

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self.origin_warning

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self.origin_warning


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    origin_line_id = fields.Many2one(
        "subscription.line",
        "Running Line",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The line of the running subscription that this line adds to, or changes.",
    )

    def _get_component_quantity(self, component):
        """What runs already has been set up; what is offered with it is not taken yet."""
        if self.order_id.origin_subscription_id and component.charge_type in ("setup", "one_time"):
            return 0.0
        return super()._get_component_quantity(component)

    def _is_upsell(self):
        return self.order_id.subscription_order_kind == "upsell" and bool(
            self.subscription_component_id
        )

    def _is_line_optional(self):
        """Customers say themselves how much more of something they take."""
        return super()._is_line_optional() or self._is_upsell()

    def _get_component_text(self):
        text = super()._get_component_text()
        if self._is_upsell() and self.origin_line_id:
            return self.env._("Additional units. %s", text)
        return text

    @api.depends("origin_line_id")
    def _compute_name(self):
        return super()._compute_name()

    def _get_unbilled_lines(self):
        return (
            super()
            ._get_unbilled_lines()
            .filtered(lambda line: not line.order_id.origin_subscription_id)
        )

    def _check_not_running(self, vals):
        for line in self.filtered(lambda line: line.state == "sale"):
            origin = line.order_id.origin_subscription_id
            changed = changed_fields(line, vals, self._get_agreed_fields())
            if origin and changed and line._get_subscription_lines():
                line._refuse_change(origin)
        return super()._check_not_running(vals)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        for line in lines._get_subscription_lines():
            origin = line.order_id.origin_subscription_id
            if origin and line.state == "sale":
                raise UserError(
                    self.env._(
                        "%(order)s has been accepted and changed %(subscription)s already. Make "
                        "a new quotation for what comes on top.",
                        order=line.order_id.name,
                        subscription=origin.name,
                    )
                )
        return lines
