"""What a withdrawal leads to: the contract ends, and what was charged is credited (LAW-16).

Without an early start all is given back, set-up fees too. With one, the days used are paid for
pro rata, and what was done once and for good, such as the set-up, stays charged. Billing finds
both as the difference between timeline and ledger.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..billing.withdrawal import refund_deadline

OPEN = ("not_paid", "partial")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    withdrawal_ids = fields.One2many("subscription.withdrawal", "subscription_id", copy=False)
    withdrawal_count = fields.Integer(compute="_compute_withdrawal_count")

    @api.depends("withdrawal_ids")
    def _compute_withdrawal_count(self):
        for subscription in self:
            subscription.withdrawal_count = len(subscription.withdrawal_ids)

    def action_view_withdrawals(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_withdrawal_action"
        )
        if self.withdrawal_count == 1:
            return action | {"views": [(False, "form")], "res_id": self.withdrawal_ids.id}
        return action | {"domain": [("id", "in", self.withdrawal_ids.ids)]}

    def _revoke(
        self,
        received_at=None,
        early_start=None,
        declared_by=None,
        email=None,
        content=None,
        channel="other",
        accept_late=False,
    ):
        """Carry out the withdrawal of a consumer: close, credit, and plan the refund.

        :param datetime received_at: when it was received, in UTC; now when left out.
        :param bool early_start: the consumer has asked for the service to start early; as it was
            recorded on the subscription when left out.
        :param str content: what was declared, word for word.
        :param str channel: a value of ``channel`` of ``subscription.withdrawal``.
        :param bool accept_late: accept it as goodwill although the period is over.
        :return: the ``subscription.withdrawal``.
        :raise UserError: when there is no right to withdraw (any more).
        """
        self.ensure_one()
        self.check_access("write")
        received_at = fields.Datetime.to_datetime(received_at) or fields.Datetime.now()
        day = self._get_local_day(received_at)
        is_late = self._check_revocable(day, accept_late)
        early_start = self.early_start_requested if early_start is None else bool(early_start)
        pays_used = self._pays_used_days(day, early_start)
        withdrawal = (
            self.env["subscription.withdrawal"]
            .sudo()
            .create(
                {
                    "subscription_id": self.id,
                    "received_at": received_at,
                    "declared_by": declared_by or self.partner_id.name,
                    "email": email or self.partner_id.email,
                    "content": content,
                    "channel": channel,
                    "user_id": self.env.uid,
                    "withdrawal_until": self.withdrawal_until,
                    "is_late": is_late,
                    "early_start": early_start,
                    "date_last_used": pays_used and day,
                    "refund_deadline": refund_deadline(day),
                }
            )
        )
        self._undo("withdrawal", is_uncharged=not pays_used, received_on=day)
        self._log_event("revoked", recurring=True, description=format_date(self.env, day))
        credits = self._settle_withdrawal()
        withdrawal._record_settlement(credits)
        if not pays_used:
            self.sale_order_id._cancel_undone()
        return withdrawal

    def _get_local_day(self, moment):
        """The day of a moment in UTC on the calendar of the company."""
        zone = ZoneInfo(self.company_id._get_timezone())
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()

    def _pays_used_days(self, day, early_start):
        """Whether the days until a withdrawal are to be paid for."""
        return bool(early_start and self.affirmed_on and self.date_start <= day)

    def _check_revocable(self, day, accept_late=False):
        """Refuse what is no right to withdraw.

        :return: whether it comes late and is accepted all the same.
        """
        self.ensure_one()
        if self.state == "draft" or self._is_undone():
            raise UserError(self.env._("%s is not running, so it cannot be ended.", self.name))
        if self.customer_kind != "consumer":
            raise UserError(
                self.env._(
                    "Only consumers have a right to withdraw, and the customer of %s is a "
                    "business. Terminate it instead.",
                    self.name,
                )
            )
        last = self.withdrawal_until
        if self._is_withdrawable_anyway() or (last and day <= last):
            return False
        if not accept_late:
            if not last:
                raise UserError(
                    self.env._(
                        "The right to withdraw from %s has expired, because its digital content "
                        "was delivered with consent.",
                        self.name,
                    )
                )
            raise UserError(
                self.env._(
                    "The withdrawal period of %(subscription)s ended on %(day)s. Terminate it "
                    "instead, or accept the withdrawal as goodwill.",
                    subscription=self.name,
                    day=format_date(self.env, last),
                )
            )
        return True

    def _get_billing_day(self, run):
        """What is billed in arrears is settled with the withdrawal."""
        day = super()._get_billing_day(run)
        if self.termination_kind == "withdrawal" and self.date_end:
            return max(day, self.date_end + timedelta(days=1))
        return day

    def _settle_withdrawal(self):
        """Credit what is not owed any more, and set it off against what is still open.

        :return: the posted credit notes.
        """
        self.ensure_one()
        moves = self.env["account.move"].sudo()
        if not self.sudo().charge_ids and self.is_uncharged:
            return moves
        invoices = self.sudo()._get_invoices()
        own = invoices.filtered(lambda m: m.state == "draft" and m.subscription_ids == self)
        own.button_cancel()
        Run = self.env["subscription.billing.run"].sudo()
        run = Run.create(
            {"company_id": self.company_id.id, "date": Run._get_today(self.company_id)}
        )
        subscription = self.sudo().with_context(subscription_invoice_waiting=True)
        moves = run._bill_subscriptions(subscription).sudo()
        moves.filtered(lambda move: move.state == "draft")._post_subscription_invoices()
        open_ones = (invoices | moves).filtered(
            lambda m: m.state == "posted" and m.move_type == "out_invoice"
        )
        open_ones.filtered(lambda m: m.payment_state in OPEN)._offset_subscription_credits()
        return moves.filtered(lambda move: move.move_type == "out_refund")

    def _get_payment_means(self):
        """By which means the customer has paid, for people."""
        invoices = self.sudo()._get_invoices().filtered(lambda m: m.move_type == "out_invoice")
        payments = invoices._get_reconciled_payments()
        names = [
            payment.payment_token_id.display_name or payment.payment_method_line_id.name
            for payment in payments
        ]
        if invoices._get_reconciled_statement_lines():
            names.append(self.env._("Bank transfer"))
        return ", ".join(dict.fromkeys(filter(None, names)))


class SubscriptionWithdrawal(models.Model):
    _inherit = "subscription.withdrawal"

    def _record_settlement(self, credits):
        """Keep what is to be refunded, and see to it that somebody does so in time."""
        self.ensure_one()
        subscription = self.subscription_id
        amount = sum(credits.mapped("amount_residual"))
        means = subscription._get_payment_means() if amount else False
        self.write({"credit_ids": credits.ids, "refund_amount": amount, "refund_means": means})
        if amount:
            subscription.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.refund_deadline,
                summary=self.env._(
                    "Refund %(amount)s after the withdrawal",
                    amount=self.currency_id.format(amount),
                ),
                note=self.env._(
                    "By the means by which the customer has paid (§ 357 (3) BGB): %s.",
                    means or self.env._("unknown"),
                ),
                user_id=subscription.user_id.id or self.env.uid,
            )
