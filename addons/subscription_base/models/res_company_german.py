"""How documents of German companies are called and checked; any company may choose otherwise."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    german_documents = fields.Selection(
        [("country", "If the company is German"), ("always", "Always"), ("never", "Never")],
        "German Document Rules",
        default="country",
        required=True,
        help="Call credit notes invoice corrections, name the invoice that they correct, and mark "
        "what is invoiced before it is rendered.",
    )
    invoice_content_check = fields.Selection(
        [("off", "Do not check"), ("warn", "Warn"), ("block", "Do not post")],
        "Mandatory Invoice Contents",
        default="warn",
        required=True,
        help="What to do when an invoice lacks what German law asks for (§ 14 (4) UStG).",
    )

    def _uses_german_documents(self):
        """Whether documents of the company follow German law.

        :rtype: bool
        """
        self.ensure_one()
        if self.german_documents != "country":
            return self.german_documents == "always"
        country = self.sudo().account_fiscal_country_id or self.sudo().country_id
        return country.code == "DE"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    german_documents = fields.Selection(related="company_id.german_documents", readonly=False)
    invoice_content_check = fields.Selection(
        related="company_id.invoice_content_check", readonly=False
    )
