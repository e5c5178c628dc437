"""Affirmation: from when on a contract binds both sides (SM-34, SM-46 to SM-52, SM-55, SM-56).

Before, either side may cancel the order without condition and nothing is invoiced; afterwards the
contract is billed and can only be terminated.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .subscription_legal_mixin import TRIGGERS
from .subscription_subscription import RUNNING_STATES

STARTED_STATES = ("trial", "active", "paused", "suspended")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    affirmed_on = fields.Datetime(
        "Binding since",
        compute="_compute_affirmed_on",
        store=True,
        copy=False,
        help="When the contract became binding for both sides. Empty while the order can still be "
        "cancelled.",
    )
    affirmed_by_id = fields.Many2one("res.users", "Recorded by", readonly=True, copy=False)
    affirmed_by = fields.Char("Made Binding by", readonly=True, copy=False)

    _unaffirmed_idx = models.Index(
        "(company_id, affirm_trigger) "
        "WHERE affirmed_on IS NULL AND state NOT IN ('draft', 'closed')"
    )

    @api.depends()
    def _compute_affirmed_on(self):
        """What ran before affirmation was recorded has been binding since it was started."""
        for subscription in self:
            subscription.affirmed_on = (
                False
                if subscription.state in (False, "draft")
                else min(subscription.sudo().event_ids.mapped("date"), default=False)
                or subscription.create_date
            )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"affirmed_on", "affirmed_by_id", "affirmed_by"}

    def action_start(self):
        result = super().action_start()
        self._follow_affirmation()
        return result

    def _withdraw(self):
        result = super()._withdraw()
        self.sudo().write({"affirmed_on": False, "affirmed_by_id": False, "affirmed_by": False})
        return result

    def _filter_unaffirmed(self):
        """Those that run but do not bind yet."""
        return self.filtered(lambda s: s.state in RUNNING_STATES and not s.affirmed_on)

    def _affirm(self, text, moment=None):
        """Make the contracts binding; once is enough.

        :param str text: what made them so, for people.
        :param datetime moment: since when, in UTC; now when left out.
        """
        unaffirmed = self._filter_unaffirmed()
        for subscription in unaffirmed:
            subscription.sudo().write(
                {
                    "affirmed_on": moment or fields.Datetime.now(),
                    "affirmed_by_id": self.env.uid,
                    "affirmed_by": text,
                }
            )
            subscription._log_event("affirmed", description=text)
        unaffirmed._bill_soon()

    def _bill_soon(self):
        """Let the billing job come at once when there is something to bill now."""
        if any(s.next_billing_date and s.next_billing_date <= s._get_today() for s in self):
            self.env.ref("subscription_base.ir_cron_billing").sudo()._trigger()

    def _follow_affirmation(self):
        """Make binding what its trigger has reached."""
        for subscription in self._filter_unaffirmed():
            if reached := subscription._get_affirmation():
                subscription._affirm(*reached)

    def _get_affirmation(self):
        """What has made the contract binding, by its trigger; ``None`` while nothing has.

        :return: the text, and the moment in UTC where it is not now.
        :rtype: tuple[str, datetime | None] | None
        """
        self.ensure_one()
        order = self.sale_order_id.sudo()
        label = dict(self._fields["affirm_trigger"]._description_selection(self.env))
        text = label[self.affirm_trigger]
        match self.affirm_trigger:
            case "order":
                return (f"{text}: {order.name}" if order else self.env._("Started by hand"), None)
            case "signature" if order.signed_on:
                by = order.signed_by or order.partner_id.name
                return f"{text}: {by}, {order.name}", order.signed_on
            case "service_start" if self.state in STARTED_STATES:
                return text, None
            case "trial_end" if self._is_trial_over():
                return text, None
            case "delivery" if self._is_delivered():
                return f"{text}: {order.name}", None
        return None

    def _is_trial_over(self):
        last = self.date_trial_end
        return self.state in STARTED_STATES and not (last and last >= self._get_today())

    def _is_delivered(self):
        """Whether all goods of the subscription are delivered; without goods, what sold the plan.

        Only the quantities of the order are looked at, whoever counts them.
        """
        self.ensure_one()
        sold = self.line_ids.sale_line_id.sudo().filtered("product_uom_qty")
        goods = sold.filtered(lambda line: line.product_id.type == "consu")
        awaited = goods or sold.filtered("subscription_plan_id")
        return bool(awaited) and all(
            line.product_uom_id.compare(line.qty_delivered, line.product_uom_qty) >= 0
            for line in awaited
        )

    def action_confirm_delivery(self):
        """The delivery that makes the contract binding is done."""
        return self._affirm_by_hand("delivery")

    def action_confirm_signature(self):
        """The customer has signed elsewhere, such as on paper."""
        return self._affirm_by_hand("signature")

    def _affirm_by_hand(self, trigger):
        self.check_access("write")
        for subscription in self:
            if subscription.affirm_trigger != trigger or not subscription._filter_unaffirmed():
                raise UserError(
                    self.env._(
                        "%s does not wait for this to become binding.", subscription.display_name
                    )
                )
        self._affirm(dict(self._fields["affirm_trigger"]._description_selection(self.env))[trigger])
        return True

    def action_bill_now(self):
        for subscription in self._filter_unaffirmed():
            raise UserError(
                self.env._(
                    "%(subscription)s is not binding yet, so nothing is billed. It becomes so "
                    "with: %(trigger)s.",
                    subscription=subscription.name,
                    trigger=dict(TRIGGERS)[subscription.affirm_trigger],
                )
            )
        return super().action_bill_now()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("signed_on"):
            self.subscription_ids._follow_affirmation()
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def write(self, vals):
        result = super().write(vals)
        if "qty_delivered" in vals:
            subscriptions = self.subscription_line_ids.subscription_id
            subscriptions.filtered(lambda s: s.affirm_trigger == "delivery")._follow_affirmation()
        return result
