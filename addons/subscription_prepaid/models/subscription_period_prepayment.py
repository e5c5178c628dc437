"""Each period is paid first (SM-45): asked for by a pro-forma invoice, and billed once it is paid.

Not paid when the period before ends, the service is suspended or the contract ends, as the plan
says. Nothing has been invoiced then, so nothing is owed.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.subscription_base.billing import bill

from .subscription_advance import ENDING_EVENTS

REASON = "subscription_prepaid.close_reason_not_prepaid"
ASKED_STATES = ("trial", "active")


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    period_prepayment = fields.Selection(
        [("suspend", "Suspend the service"), ("end", "End the contract")],
        "Each Period Is Paid First; Else",
        tracking=True,
        help="A pro-forma invoice asks for the next period before it begins, as many days ahead as "
        "the payment deadline says. What happens when it is not paid in time: nothing is owed.",
    )

    @api.constrains("period_prepayment", "is_prepaid", "schedule_type", "component_ids")
    def _check_period_prepayment(self):
        for plan in self.filtered("period_prepayment"):
            if plan.is_prepaid or plan.schedule_type == "manual":
                raise ValidationError(
                    self.env._(
                        "%s has no periods that follow by themselves, so none can be asked for in "
                        "advance.",
                        plan.name,
                    )
                )
            recurring = plan.component_ids.filtered(lambda c: c.charge_type == "recurring")
            if any(component.timing != "advance" for component in recurring):
                raise ValidationError(
                    self.env._(
                        "%s asks for each period first: all that recurs must be paid in advance.",
                        plan.name,
                    )
                )

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {"period_prepayment"}


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_unpaid_period_start(self):
        """The first day that has not been charged; ``None`` before the first period is.

        :rtype: date | None
        """
        self.ensure_one()
        recurring = self.sudo().charge_ids.filtered(
            lambda charge: charge.line_id.charge_type == "recurring" and charge.sign > 0
        )
        last = max(recurring.mapped("period_end"), default=None)
        return last and last + timedelta(days=1)

    def _get_period_proforma(self, day):
        """The pro-forma invoice for the period that begins on a day; empty when there is none."""
        return self.sudo().proforma_ids.filtered(
            lambda proforma: proforma.period_start == day and proforma.state in ("open", "paid")
        )[:1]

    def _get_billing_day(self, run):
        """What has not been paid first is not billed; what has been is billed in advance."""
        day = super()._get_billing_day(run)
        start = self.plan_id.period_prepayment and self._get_unpaid_period_start()
        if not start:
            return day
        if self._get_period_proforma(start).state == "paid":
            return max(day, start)
        return min(day, start - timedelta(days=1))

    @api.model
    def _ask_for_periods(self):
        """Send pro-forma invoices for periods that begin soon."""
        due = self.search(
            [
                ("plan_id.period_prepayment", "!=", False),
                ("state", "in", ASKED_STATES),
                ("affirmed_on", "!=", False),
            ],
            order="id",
        )
        for subscription in due:
            start = subscription._get_unpaid_period_start()
            ahead = timedelta(days=subscription.prepayment_days)
            if start and start - ahead <= subscription._get_today():
                subscription.with_company(subscription.company_id)._ask_for_period(start)

    def _ask_for_period(self, start):
        """Ask for the period that begins on a day, once."""
        self.ensure_one()
        if self.sudo().has_open_proforma or self._get_period_proforma(start):
            return
        preview = self._preview_period(start)
        if preview and preview.total > 0:
            proforma = self.env["subscription.proforma"].sudo()._request(self, preview)
            last = max(start - timedelta(days=1), proforma.date)
            proforma.write({"period_start": start, "date_due": last})

    def _preview_period(self, start):
        timeline, ledger = self._get_billing_inputs()[self.id]
        entries = bill(timeline, ledger, start).entries
        charges = self._get_charges_in_memory(entries, self._get_today())
        return self._prepare_preview(start, charges) if charges else None

    def _void_proformas(self):
        """What was paid and never invoiced is not owed either (SM-66)."""
        result = super()._void_proformas()
        paid = self.sudo().proforma_ids.filtered(lambda p: p.state == "paid" and not p.invoice_id)
        paid.state = "void"
        return result


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    def _react(self):
        """What has ended is asked for no further period."""
        result = super()._react()
        ended = self.filtered(lambda event: event.event_type in ENDING_EVENTS)
        ended.subscription_id.filtered("plan_id.period_prepayment")._void_proformas()
        return result


class SubscriptionProforma(models.Model):
    _inherit = "subscription.proforma"

    period_start = fields.Date(
        "For the Period from",
        readonly=True,
        help="First day of the period that it asks for; empty for the first one.",
    )

    @api.model
    def _cron_follow(self):
        self.env["subscription.subscription"]._ask_for_periods()
        return super()._cron_follow()

    def _follow(self):
        """A period that the contract does not reach any more is not asked for."""
        last = self.subscription_id.date_end
        if self.state == "open" and self.period_start and last and last < self.period_start:
            self.state = "void"
            return None
        return super()._follow()

    def _accept(self, today):
        """A further period is paid: it is billed, and a suspended service goes on today."""
        if not self.period_start:
            return super()._accept(today)
        subscription = self.subscription_id
        self.write({"state": "paid", "date_paid": self._get_payment_date() or today})
        subscription._log_event("prepayment_paid", description=self.name)
        if self._get_own_suspension():
            subscription.sudo()._resume(today)
        self._invoice()
        return None

    def _accept_part(self, paid):
        """A part of a further period binds nobody anew; the rest is waited for."""
        if not self.period_start:
            return super()._accept_part(paid)
        if self.date_due < self.subscription_id._get_today() and not self._is_under_way():
            self._expire()
        return None

    def _expire(self):
        if not self.period_start:
            return super()._expire()
        subscription = self.subscription_id.sudo()
        text = self.env._(
            "%(proforma)s was to be paid by %(day)s",
            proforma=self.name,
            day=format_date(self.env, self.date_due),
        )
        if subscription.plan_id.period_prepayment == "end":
            self.state = "expired"
            subscription._log_event("prepayment_expired", description=text)
            subscription._terminate_extraordinarily(
                self.period_start - timedelta(days=1), self.env.ref(REASON), rule=text
            )
        elif not self._get_own_suspension():
            subscription._log_event("prepayment_expired", description=text)
            subscription._pause(self.period_start, kind="suspension", is_charged=False, reason=text)
        return None

    def _get_own_suspension(self):
        """The suspension that waits for the payment; empty when there is none."""
        pauses = self.subscription_id.sudo().pause_ids
        return pauses.filtered(
            lambda pause: (
                pause.kind == "suspension"
                and pause.date_start == self.period_start
                and not pause.date_end
            )
        )

    def _get_lapse_text(self):
        if not self.period_start:
            return super()._get_lapse_text()
        day = format_date(self.env, self.date_due)
        if self.subscription_id.plan_id.period_prepayment == "end":
            return self.env._(
                "If it does not arrive by %s, the contract ends on that day, and you owe nothing.",
                day,
            )
        return self.env._(
            "If it does not arrive by %s, the service is suspended until it does, and you owe "
            "nothing for that time.",
            day,
        )
