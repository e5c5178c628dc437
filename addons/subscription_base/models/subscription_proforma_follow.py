"""What becomes of a pro-forma invoice: sent, paid, or expired, each once (SM-29, SM-43, SM-44)."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .house_language import in_house_language
from .subscription_conflict import is_conflict
from .subscription_message import LAYOUT_CONTEXT

_logger = logging.getLogger(__name__)

CRON = "subscription_base.ir_cron_prepayment"
TEMPLATE = "subscription_base.mail_template_proforma"
SENDERS = ("subscription_base.group_subscription_user", "account.group_account_invoice")


class SubscriptionProforma(models.Model):
    _inherit = "subscription.proforma"

    @api.model
    def _cron_follow(self):
        """Look for money, release what has been paid, cancel what was not paid in time."""
        open_ones = self.search([("state", "=", "open")], order="id")
        open_ones._match_bank_lines()
        self._note_late_transfers()
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(open_ones))
        for proforma in open_ones:
            one = in_house_language(proforma.with_company(proforma.company_id))
            one._do_safely(one._follow)
            if not commit(1):
                break

    def _do_safely(self, work):
        """Do ``work()``; what fails is shown on the subscription and stops nobody else."""
        try:
            with self.env.cr.savepoint():
                work()
        except Exception as error:
            if is_conflict(error):
                raise
            _logger.info("following of %s failed", self, exc_info=True)
            run = self.env["subscription.billing.run"]
            self.subscription_id._mark_billing_failed(run, error)

    def _follow(self):
        """Do what is due now, unless another process is at it."""
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True) or self.state != "open":
            return
        subscription, today = self.subscription_id, self.subscription_id._get_today()
        paid = self.amount_paid
        if self.currency_id.compare_amounts(paid, self.amount_total) >= 0:
            self._accept(today)
        elif paid > 0 and subscription.affirm_trigger == "payment_part":
            self._accept_part(paid)
        elif self.date_due < today and not self._is_under_way():
            self._expire()
        elif not self.sent_on and not self._is_under_way():
            self._send()

    def _accept(self, today):
        """The money is there: bind, release and invoice what was paid for.

        The service starts today at the earliest, whatever day the bank has booked: it was
        withheld until now.
        """
        subscription = self.subscription_id
        self.write({"state": "paid", "date_paid": self._get_payment_date() or today})
        text = self.env._(
            "%(proforma)s: %(amount)s",
            proforma=self.name,
            amount=self.currency_id.format(self.amount_paid),
        )
        subscription._log_event("prepayment_paid", description=text)
        release = today
        if subscription.release_debit == "window" and self._is_paid_by_debit():
            release = max(today, self.date_paid + timedelta(days=subscription.return_window_days))
        subscription._pass_prepayment(release, self._get_affirmation_text())
        self._invoice()

    def _accept_part(self, paid):
        """A first part binds; the rest is owed by the invoice."""
        subscription = self.subscription_id
        text = self.env._(
            "%(proforma)s: %(paid)s of %(total)s",
            proforma=self.name,
            paid=self.currency_id.format(paid),
            total=self.currency_id.format(self.amount_total),
        )
        self.write({"state": "void", "date_paid": self._get_payment_date()})
        subscription._log_event("prepayment_paid", description=text)
        subscription._affirm(self._get_affirmation_text())
        self._invoice()
        self._message_log(body=self.env._("A part was paid; the invoice claims the rest."))

    def _get_affirmation_text(self):
        subscription = self.subscription_id
        labels = dict(subscription._fields["affirm_trigger"]._description_selection(self.env))
        return f"{labels[subscription.affirm_trigger]}: {self.name}"

    def _invoice(self):
        """Make and post the invoice, settled with the money, if the contract binds by now."""
        subscription = self.subscription_id
        if not subscription.affirmed_on:
            return
        Run = self.env["subscription.billing.run"]
        run = Run.create(
            {"company_id": self.company_id.id, "date": Run._get_today(self.company_id)}
        )
        moves = run._bill_subscriptions(
            subscription.with_context(subscription_invoice_waiting=True)
        ).sudo()
        moves.filtered(lambda move: move.state == "draft")._post_subscription_invoices()
        self.invoice_id = moves[:1]

    def _expire(self):
        """Not paid in time: no claim, no dunning, the order is cancelled (SM-44)."""
        self.state = "expired"
        subscription = self.subscription_id
        text = self.env._(
            "%(proforma)s was to be paid by %(day)s",
            proforma=self.name,
            day=format_date(self.env, self.date_due),
        )
        subscription._log_event("prepayment_expired", description=text)
        if subscription.affirmed_on:
            self._ask_salesperson(
                self.env._("%s was not paid in time", self.name),
                self.env._("The contract is binding, but its service has not been released."),
            )
        subscription._filter_unaffirmed()._void(text)

    def action_send(self):
        """Send the customer the pro-forma invoice, once more if it has been sent."""
        self.check_access("read")
        if not any(map(self.env.user.has_group, SENDERS)):
            raise AccessError(self.env._("You may not send pro-forma invoices."))
        for proforma in self.filtered(lambda proforma: proforma.state == "open"):
            if not proforma.partner_id.email:
                raise UserError(proforma.env._("The customer has no e-mail address."))
            proforma.sudo()._send()
        return True

    def _send(self):
        """Queue the e-mail with the link to pay and the document."""
        if self.partner_id.email:
            self.env.ref(TEMPLATE).with_context(**LAYOUT_CONTEXT).send_mail(self.id)
        else:
            self._ask_salesperson(
                self.env._("Send %s to the customer", self.name),
                self.env._("The customer has no e-mail address."),
            )
        self.sent_on = fields.Datetime.now()

    def _ask_salesperson(self, summary, note):
        """Leave to a person what the job cannot do."""
        subscription = self.subscription_id
        subscription.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=subscription.user_id.id or self.env.uid,
        )
