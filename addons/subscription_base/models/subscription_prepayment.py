"""The service waits for its payment: release after payment (K3-28 to K3-30, SM-44)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..billing import bill, next_billing_date
from .subscription_legal_mixin import PAYMENT_TRIGGERS


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    date_release = fields.Date(
        "Released from",
        readonly=True,
        copy=False,
        help="First day on which the payment lets the service start.",
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"date_release"}

    def _get_waiting_reason(self, today):
        is_released = self.date_release and self.date_release <= today
        if self.release_policy == "payment" and not is_released:
            return "payment"
        return super()._get_waiting_reason(today)

    def _follow_calendar(self, today):
        waiting = self.filtered(lambda s: s.waiting_for == "payment")
        result = super()._follow_calendar(today)
        waiting.filtered(lambda s: s.waiting_for != "payment")._log_event("released")
        return result

    def action_start(self):
        result = super().action_start()
        self.filtered(lambda s: s._needs_prepayment())._request_prepayment()
        return result

    def _withdraw(self):
        result = super()._withdraw()
        self.sudo().date_release = False
        self._void_proformas()
        return result

    def _undo(self, kind, *, is_uncharged, received_on=None):
        result = super()._undo(kind, is_uncharged=is_uncharged, received_on=received_on)
        self._void_proformas()
        self._ask_to_pay_back()
        return result

    def _ask_to_pay_back(self):
        """Let a person see to money that was paid for what is not delivered."""
        self.ensure_one()
        unused = self._get_unused_prepayment()
        if self.is_uncharged and self.currency_id.compare_amounts(unused, 0) > 0:
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "Pay back %(amount)s that was paid in advance",
                    amount=self.currency_id.format(unused),
                ),
                user_id=self.user_id.id or self.env.uid,
            )

    def _void_proformas(self):
        open_ones = self.sudo().proforma_ids.filtered(lambda p: p.state == "open")
        open_ones.state = "void"

    def action_bill_now(self):
        for subscription in self.filtered("waiting_for"):
            reasons = dict(self._fields["waiting_for"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The service of %(subscription)s has not been released, so nothing is "
                    "billed. It waits for: %(reason)s.",
                    subscription=subscription.name,
                    reason=reasons[subscription.waiting_for],
                )
            )
        return super().action_bill_now()

    def action_request_prepayment(self):
        """Ask once more for what was not paid in time, of contracts that bind all the same."""
        self.check_access("write")
        for subscription in self:
            if subscription.waiting_for != "payment" or subscription.date_release:
                raise UserError(
                    self.env._("%s does not wait for a payment.", subscription.display_name)
                )
            if subscription.sudo().has_open_proforma:
                raise UserError(
                    self.env._("%s has an open pro-forma invoice.", subscription.display_name)
                )
        self._ask_for_prepayment()
        return True

    def _request_prepayment(self):
        self._filter_unaffirmed()._ask_for_prepayment()

    def _ask_for_prepayment(self):
        """Ask for the money of the first invoice; what costs nothing is released at once."""
        for subscription in self:
            preview = subscription._preview_prepayment()
            if preview and preview.total > 0:
                self.env["subscription.proforma"].sudo()._request(subscription, preview)
                self.env.ref("subscription_base.ir_cron_prepayment").sudo()._trigger()
            else:
                subscription._pass_prepayment(subscription._get_today())

    def _preview_prepayment(self):
        """What falls due first, as an invoice of its own; ``None`` when nothing will.

        :rtype: ~.subscription_invoice_preview.PreviewedInvoice | None
        """
        day, entries = self._get_first_due()
        charges = self._get_charges_in_memory(entries, self._get_today())
        charges = charges.filtered(lambda charge: charge._is_prepaid(day))
        return self._prepare_preview(day, charges) if charges else None

    def _get_first_due(self):
        """The first day on which something falls due, and what it is for the ledger."""
        self.ensure_one()
        timeline, ledger = self._get_billing_inputs()[self.id]
        day = next_billing_date(timeline, ledger)
        return day, bill(timeline, ledger, day).entries if day else []

    def _get_billing_day(self, run):
        """What has been paid in advance is invoiced in advance."""
        day = super()._get_billing_day(run)
        is_paid = "paid" in self.sudo().proforma_ids.mapped("state")
        if is_paid and not self.sudo().charge_ids:
            return max(day, self._get_first_due()[0] or day)
        return day

    def _pass_prepayment(self, release, text=None):
        """Nothing (more) is to be paid in advance: release the service from a day on.

        The service starts on that day, unless a later one was agreed. Days on which it was
        withheld are not charged.

        :param date release: first day on which the payment is final.
        :param str text: what makes the contract binding, where payment does.
        """
        self.ensure_one()
        if self.release_policy == "payment":
            self.sudo().date_release = release
            if release > self.date_start and not self.sudo().charge_ids:
                self.date_start = release
        if self.affirm_trigger in PAYMENT_TRIGGERS:
            self._affirm(text or self.env._("Nothing to be paid"))
        self._release()
        self._follow_affirmation()

    @api.depends("date_release")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _is_prepaid(self, day):
        """Whether the service waits for the charge to be paid: not if it is invoiced later."""
        return self._get_invoice_from() <= day


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_follow_conditions(self):
        """Also subscriptions whose direct debit has become final."""
        return [
            *super()._get_follow_conditions(),
            SQL(
                "state = 'pending' AND waiting_for = 'payment' AND date_release <= %s",
                self._get_follow_date(),
            ),
        ]
