"""What is open of instalments: due dates, remaining balance, and the rest at an early end (SM-21).

An instalment is a receivable item of the invoice; nothing else is kept about it.
"""

from odoo import fields, models
from odoo.tools import format_date


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    instalment_residual = fields.Monetary(
        "Instalments Open",
        compute="_compute_instalments",
        compute_sudo=True,
        help="What is still to be paid of charges that are paid in instalments.",
    )
    instalment_next_date = fields.Date(
        "Next Instalment", compute="_compute_instalments", compute_sudo=True
    )

    def _compute_instalments(self):
        for subscription in self:
            items = subscription._get_open_instalments()
            subscription.instalment_residual = sum(items.mapped("amount_residual_currency"))
            subscription.instalment_next_date = items[:1].date_maturity

    def _get_instalment_invoices(self):
        """The posted invoices that are paid in instalments."""
        lines = self.sudo().line_ids.filtered(lambda line: line._has_instalments())
        return lines.charge_ids.move_line_ids.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )

    def _get_open_instalments(self):
        """The instalments that are not paid in full, in the order of their due dates.

        :rtype: account.move.line
        """
        return (
            self._get_instalment_invoices()
            ._get_instalments()
            .filtered(lambda item: not item.reconciled)
        )

    def action_view_instalments(self):
        """The instalments with their due dates, paid ones included."""
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref("subscription_prepaid.account_move_line_view_instalments")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Instalments"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "views": [(view.id, "list"), (False, "form")],
            "domain": [("id", "in", self._get_instalment_invoices()._get_instalments().ids)],
            "context": {"create": False},
        }

    def _end_instalments(self):
        """Let the rest fall due with the end, where that was agreed; what is booked stays."""
        for subscription in self:
            today = subscription._get_today()
            for invoice in subscription._get_instalment_invoices():
                if "keep" in invoice._get_instalment_lines().mapped("instalment_end"):
                    continue
                invoice._bring_forward(
                    today,
                    self.env._(
                        "%(subscription)s has ended: what is open falls due on %(day)s.",
                        subscription=subscription.name,
                        day=format_date(self.env, today),
                    ),
                )


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    def _react(self):
        result = super()._react()
        closed = self.filtered(lambda event: event.event_type == "closed")
        closed.subscription_id._end_instalments()
        return result


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # what is read of posted invoices, and their due dates

    def _get_instalment_lines(self):
        """The subscription lines that the invoice lets be paid in instalments."""
        lines = self.sudo().invoice_line_ids.subscription_charge_id.line_id
        return lines.filtered(lambda line: line._has_instalments())

    def _get_instalments(self):
        """The receivable items of the invoices, each of which falls due by itself.

        :rtype: account.move.line
        """
        items = self.sudo().line_ids.filtered(lambda item: item.display_type == "payment_term")
        return items.sorted(lambda item: (item.date_maturity, item.id))

    def _is_paid_in_instalments(self):
        self.ensure_one()
        return bool(self._get_instalment_lines()) and len(self._get_instalments()) > 1

    def _get_instalment_text(self):
        """What the customer reads about the instalments.

        :rtype: str
        """
        self.ensure_one()
        return self.env._(
            "Paid in %(count)s instalments, remaining balance %(amount)s",
            count=len(self._get_instalments()),
            amount=self.currency_id.format(self.amount_residual),
        )

    def _bring_forward(self, day, text):
        """Let all that is open and not due fall due on a day.

        :param date day: the new due date.
        :param str text: why, for the record of the invoice.
        """
        self.ensure_one()
        later = self._get_instalments().filtered(
            lambda item: not item.reconciled and item.date_maturity > day
        )
        if later:
            later.date_maturity = day
            self.sudo().invoice_date_due = max(self._get_instalments().mapped("date_maturity"))
            self.sudo()._message_log(body=text)
