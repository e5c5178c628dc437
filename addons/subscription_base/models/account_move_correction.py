"""What customers read on invoices and credit notes: the service period, and what is corrected.

German law reserves the word "Gutschrift" for what a customer issues (§ 14 (2) and (4) Nr. 10 UStG):
a credit note is an invoice correction there, and names the invoice that it corrects (LAW-40).
"""

from odoo import api, models


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.depends("company_id.german_documents")
    def _compute_type_name(self):
        result = super()._compute_type_name()
        for move in self.filtered(lambda move: move._is_called_correction()):
            move.type_name = self.env._("Invoice Correction")
        return result

    def _is_called_correction(self):
        """Whether the customer must not read that the document is a credit note.

        :rtype: bool
        """
        self.ensure_one()
        return self.move_type == "out_refund" and self.company_id._uses_german_documents()

    def _has_facts_of_its_own(self):
        """Whether the head of the printed document states other facts than Odoo's.

        :rtype: bool
        """
        self.ensure_one()
        return self._is_called_correction() or bool(self._get_service_period())

    def _get_report_base_filename(self):
        """The file of an invoice correction bears that name, in the customer's language."""
        name = super()._get_report_base_filename()
        if self.state != "posted" or not self._is_called_correction():
            return name
        localized = self.with_context(lang=self.partner_id.lang or self.env.lang)
        return f"{localized.type_name} {name}"

    def _get_corrected_invoices(self):
        """The posted invoices that a credit note refers to: Odoo's link, else those that its
        charges give days back of.

        :rtype: account.move
        """
        self.ensure_one()
        if self.move_type != "out_refund":
            return self.browse()
        if self.reversed_entry_id:
            return self.reversed_entry_id
        found = self.sudo().browse()
        charges = self.sudo().invoice_line_ids.subscription_charge_id
        for subscription, credits in charges.grouped("subscription_id").items():
            found |= subscription._get_credited_invoices(credits)
        return found.sorted(lambda move: (move.invoice_date, move.id))

    def _get_service_period(self):
        """First and last day of what an invoice of subscriptions charges; ``None`` without any.

        :rtype: tuple[date, date] | None
        """
        self.ensure_one()
        lines = self.invoice_line_ids.filtered("subscription_period_start")
        if not lines:
            return None
        return min(lines.mapped("subscription_period_start")), max(
            lines.mapped("subscription_period_end")
        )

    def _get_advance_lines(self):
        """The lines whose service had not begun on the date of the invoice (LAW-37).

        :rtype: account.move.line
        """
        self.ensure_one()
        if self.move_type != "out_invoice" or not self.company_id._uses_german_documents():
            return self.invoice_line_ids.browse()
        return self.invoice_line_ids.filtered(lambda line: line._is_in_advance())

    def _is_all_in_advance(self):
        """Whether nothing on the invoice had begun on its date."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        return bool(lines) and self._get_advance_lines() == lines


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _is_in_advance(self):
        """Whether the service had not begun on the date of the invoice, and takes longer."""
        self.ensure_one()
        day, start = self.move_id.invoice_date, self.subscription_period_start
        return bool(day and start and start >= day and self.subscription_period_end > day)
