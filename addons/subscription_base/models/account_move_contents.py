"""Does an invoice say what German law asks for (§ 14 (4) UStG, § 33 UStDV; LAW-35)?"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

SMALL_AMOUNT = 250  # euro with taxes, § 33 UStDV


class AccountMove(models.Model):
    _inherit = "account.move"

    missing_contents = fields.Text(
        compute="_compute_missing_contents",
        compute_sudo=True,
        help="What German law asks for and the invoice does not say.",
    )

    @api.depends(
        "state", "move_type", "partner_id", "invoice_line_ids", "invoice_line_ids.name",
        "invoice_line_ids.quantity", "invoice_line_ids.tax_ids", "delivery_date", "amount_total",
        "fiscal_position_id", "narration", "ref", "company_id.vat",
        "company_id.invoice_content_check", "company_id.german_documents",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_missing_contents(self):
        for move in self:
            checked = move._is_content_checked() and move.state != "cancel"
            move.missing_contents = checked and "\n".join(move._get_missing_contents())

    def _is_content_checked(self):
        self.ensure_one()
        company = self.company_id
        return (
            self.move_type in ("out_invoice", "out_refund")
            and bool(self.invoice_line_ids)
            and company.invoice_content_check != "off"
            and company._uses_german_documents()
        )

    @api.constrains("state")
    def _check_contents(self):
        """However an invoice is posted: without what it has to say it is not, if so chosen."""
        for move in self.filtered(lambda move: move.state == "posted"):
            blocks = move.company_id.invoice_content_check == "block"
            if not blocks or not move._is_content_checked():
                continue
            if missing := move.sudo()._get_missing_contents():
                raise UserError(
                    self.env._(
                        "%(move)s cannot be posted: German law asks for what it does not say.\n"
                        "- %(missing)s",
                        move=move.display_name,
                        missing="\n- ".join(missing),
                    )
                )

    def _get_missing_contents(self):
        """What German law asks for and the document does not say, in the reader's language.

        :rtype: list[str]
        """
        self.ensure_one()
        company, is_small = self.company_id, self._is_small_amount()
        missing = []
        if not self._is_address_complete(company.partner_id):
            missing.append(self.env._("Name and full address of your company"))
        if not is_small:
            if not self._has_tax_number(company):
                missing.append(
                    self.env._("VAT identification number or tax number of your company")
                )
            if not self._is_address_complete(self.partner_id):
                missing.append(self.env._("Name and full address of the customer"))
        missing += self._get_missing_of_lines(is_small)
        if self._is_untaxed_abroad() and not self.commercial_partner_id.vat:
            missing.append(self.env._("VAT identification number of the customer"))
        if self.move_type == "out_refund" and not (self.ref or self._get_corrected_invoices()):
            missing.append(self.env._("Number of the invoice that is corrected"))
        return missing

    def _get_missing_of_lines(self, is_small):
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        unnamed = lines.filtered(lambda line: not (line.name and line.quantity))
        undated = lines.browse()
        if not is_small and not self.delivery_date:
            undated = lines.filtered(lambda line: not line.subscription_period_start)
        untaxed = lines.browse()
        if is_html_empty(self.narration) and is_html_empty(self.fiscal_position_id.note):
            untaxed = lines.filtered(lambda line: line.price_subtotal and line._lacks_tax_note())
        found = (
            (self.env._("Quantity and kind of the service: %s"), unnamed),
            (self.env._("Time of the service: %s"), undated),
            (self.env._("Tax rate, or why no tax is due: %s"), untaxed),
        )
        return [text % "; ".join(lines._get_short_names()) for text, lines in found if lines]

    def _is_small_amount(self):
        """Whether the simpler rules for up to 250 euro apply: not across borders."""
        self.ensure_one()
        country = self.commercial_partner_id.country_id.code
        return abs(self.amount_total_signed) <= SMALL_AMOUNT and country in (False, "DE")

    def _is_untaxed_abroad(self):
        """Whether a business elsewhere in the Union owes the tax (§ 14a (1) UStG)."""
        self.ensure_one()
        country = self.commercial_partner_id.country_id
        in_union = "EU" in country.country_group_codes if country else False
        return in_union and country.code != "DE" and not self.amount_tax and self.amount_untaxed

    @api.model
    def _is_address_complete(self, partner):
        lender = partner.commercial_partner_id
        return bool(
            (partner.name or lender.name) and partner.street and partner.zip and partner.city
        )

    @api.model
    def _has_tax_number(self, company):
        numbers = [company.vat]
        if "l10n_de_stnr" in company._fields:
            numbers.append(company.l10n_de_stnr)
        return any(numbers)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _lacks_tax_note(self):
        """Whether the line bears no tax and nothing says why."""
        self.ensure_one()
        charged = any(tax.amount for tax in self.tax_ids.flatten_taxes_hierarchy())
        noted = any(not is_html_empty(tax.invoice_legal_notes) for tax in self.tax_ids)
        return not charged and not noted

    def _get_short_names(self):
        """The first row of each text; of a line without one, its product."""
        return [
            (line.name or line.product_id.display_name or self.env._("a line")).split("\n")[0]
            for line in self
        ]
