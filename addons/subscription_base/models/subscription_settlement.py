"""The end on paper: the confirmation of a termination, and the final settlement."""

from dataclasses import dataclass
from datetime import date

from odoo import models
from odoo.exceptions import UserError

from .subscription_proforma_money import RECEIVED

TERMINATED = ("ordinary", "extraordinary")
#: The documents that go with messages to the customer.
TERMINATION_REPORT = "subscription_base.report_termination"
SETTLEMENT_REPORT = "subscription_base.report_settlement"


@dataclass(frozen=True)
class SettlementRow:
    """A document of the subscription.

    :param amount: with taxes, what it states for the subscription; negative for a credit.
    :param kind: what it is, such as "Invoice", in the language of the reader.
    :param open: what of it is not settled; negative where the customer gets money.
    :param due_on: by when it is to be paid.
    :param is_shared: it states other subscriptions, too.
    """

    kind: str
    name: str
    day: date
    amount: float
    open: float
    due_on: date
    is_shared: bool


@dataclass(frozen=True)
class Settlement:
    """What was billed, credited and paid, and what is still open, with taxes.

    :param unused: money that the customer has paid and that no document has used.
    """

    rows: tuple[SettlementRow, ...]
    billed: float
    credited: float
    settled: float
    due: float
    refund: float
    unused: float


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_settlement(self):
        """The final settlement: all documents of the subscription and what is left of them.

        :rtype: Settlement
        """
        self.ensure_one()
        moves = self.sudo()._get_invoices().filtered(lambda move: move.state == "posted")
        rows = tuple(
            self._get_settlement_row(move)
            for move in moves.sorted(lambda m: (m.invoice_date, m.id))
        )
        round_ = self.currency_id.round
        billed = sum(row.amount for row in rows if row.amount > 0)
        credited = -sum(row.amount for row in rows if row.amount < 0)
        due = sum(row.open for row in rows if row.open > 0)
        refund = -sum(row.open for row in rows if row.open < 0)
        return Settlement(
            rows=rows,
            billed=round_(billed),
            credited=round_(credited),
            settled=round_(billed - credited - due + refund),
            due=round_(due),
            refund=round_(refund),
            unused=round_(self._get_unused_prepayment()),
        )

    def _get_settlement_row(self, move):
        """The subscription's part of a document; of what is open, in the same proportion."""
        own = move.invoice_line_ids.filtered(lambda line: line.subscription_id == self)
        amount = -move.direction_sign * sum(own.mapped("price_total"))
        share = abs(amount / move.amount_total) if move.amount_total else 0.0
        residual = -move.direction_sign * move.amount_residual * share
        return SettlementRow(
            kind=move.type_name,
            name=move.name,
            day=move.invoice_date,
            amount=self.currency_id.round(amount),
            open=self.currency_id.round(residual),
            due_on=move.invoice_date_due,
            is_shared=bool(move.subscription_ids - self),
        )

    def _get_unused_prepayment(self):
        """What of the money paid in advance, or with the order, is still a credit of the customer.

        Of the order's money, what its other subscriptions wait for is not counted.
        """
        proformas = self.sudo().proforma_ids
        credits = proformas._get_open_credits(
            proformas.payment_ids.move_id | proformas.statement_line_ids.move_id
        )
        loose = proformas.payment_ids.filtered(
            lambda p: p.state in RECEIVED and not p.move_id and not p.invoice_ids
        )
        own = sum(loose.mapped("amount")) - sum(credits.mapped("amount_residual_currency"))
        return own + proformas._get_received_by_order(waiting=("open",))

    def _get_contact(self):
        """Whom the customer may ask: the salesperson, else the company.

        :rtype: res.partner
        """
        self.ensure_one()
        subscription = self.sudo()
        return subscription.user_id.partner_id or subscription.company_id.partner_id

    def action_print_settlement(self):
        """The final settlement of ended subscriptions."""
        if running := self.filtered(lambda s: s.state != "closed")[:1]:
            raise UserError(
                self.env._("%s has not ended, so it cannot be settled finally.", running.name)
            )
        return self.env.ref("subscription_base.action_report_settlement").report_action(self)

    def action_print_termination(self):
        """The confirmation of a termination, as a letter."""
        self._check_terminated()
        return self.env.ref("subscription_base.action_report_termination").report_action(self)

    def _check_terminated(self):
        for subscription in self:
            if subscription.termination_kind not in TERMINATED:
                raise UserError(
                    self.env._(
                        "%s has not been terminated, so there is nothing to confirm.",
                        subscription.name,
                    )
                )

    def _get_termination_grounds(self):
        """What was recorded about the reason of an extraordinary termination."""
        self.ensure_one()
        is_extraordinary = self.termination_kind == "extraordinary"
        return self.close_reason_id.name if is_extraordinary else False

    def _get_message_attachments(self, kind):
        attachments = super()._get_message_attachments(kind)
        if kind == "terminated" and self.termination_kind in TERMINATED:
            attachments |= self._attach_document(
                TERMINATION_REPORT, self.env._("Termination of %s", self.name)
            )
        if kind == "ended":
            attachments |= self._attach_document(
                SETTLEMENT_REPORT, self.env._("Final settlement of %s", self.name)
            )
        return attachments

    def _attach_document(self, report, name):
        """The document as a file of the subscription.

        :rtype: ir.attachment
        """
        self.ensure_one()
        content, kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(report, self.ids)
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{name}.{kind}",
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
