"""The pro-forma invoice asks for the money of the first invoice in advance (SM-28, SM-43).

It has a number of its own, takes none of an invoice and posts nothing.
"""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from .house_language import in_house_language


class SubscriptionProforma(models.Model):
    _name = "subscription.proforma"
    _description = "Pro-Forma Invoice"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _check_company_auto = True
    _order = "id desc"
    _rec_names_search = ["name", "subscription_id", "partner_id"]

    name = fields.Char("Number", required=True, readonly=True, copy=False, index=True)
    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, check_company=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    plan_id = fields.Many2one(related="subscription_id.plan_id")
    sale_order_id = fields.Many2one(related="subscription_id.sale_order_id")
    user_id = fields.Many2one(related="subscription_id.user_id")
    date = fields.Date(required=True, readonly=True)
    date_due = fields.Date(
        "To Be Paid by", required=True, readonly=True, help="Last day on which it can be paid."
    )
    state = fields.Selection(
        [("open", "Open"), ("paid", "Paid"), ("expired", "Expired"), ("void", "Void")],
        "Status",
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        group_expand=True,
    )
    line_ids = fields.One2many("subscription.proforma.line", "proforma_id", readonly=True)
    amount_untaxed = fields.Monetary("Untaxed Amount", required=True, readonly=True)
    amount_total = fields.Monetary("Total", required=True, readonly=True)
    amount_tax = fields.Monetary("Taxes", compute="_compute_amount_tax")
    tax_totals = fields.Json(readonly=True)
    date_paid = fields.Date("Paid on", readonly=True)
    sent_on = fields.Datetime("Sent", readonly=True)
    invoice_id = fields.Many2one(
        "account.move", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _name_uniq = models.UniqueIndex("(company_id, name)", "This number is taken already.")
    _one_open = models.UniqueIndex(
        "(subscription_id) WHERE state = 'open'", "The subscription has an open pro-forma invoice."
    )

    @api.depends("amount_untaxed", "amount_total")
    def _compute_amount_tax(self):
        for proforma in self:
            proforma.amount_tax = proforma.amount_total - proforma.amount_untaxed

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for proforma in self:
            proforma.access_url = f"/my/subscription-proforma/{proforma.id}"
        return result

    @api.model
    def _request(self, subscription, preview):
        """Ask for the money of the invoice that ``preview`` shows.

        :param preview: a ``PreviewedInvoice``.
        """
        company, today = subscription.company_id, subscription._get_today()
        partner = subscription.partner_invoice_id
        localized = subscription.with_context(lang=partner.lang)
        proforma = self.create(
            {
                "name": self.env["ir.sequence"]
                .with_company(company)
                .next_by_code("subscription.proforma"),
                "subscription_id": subscription.id,
                "company_id": company.id,
                "partner_id": partner.id,
                "currency_id": subscription.currency_id.id,
                "date": today,
                "date_due": fields.Date.add(today, days=subscription.prepayment_days),
                "amount_untaxed": preview.untaxed,
                "amount_total": preview.total,
                "tax_totals": localized._get_preview_tax_totals(preview),
                "line_ids": [
                    Command.create(self._prepare_line(localized, charge))
                    for charge in preview.charges.with_context(lang=partner.lang)
                ],
            }
        )
        proforma._portal_ensure_token()
        house = in_house_language(subscription)
        text = house.env._(
            "%(proforma)s over %(amount)s, to be paid by %(day)s",
            proforma=proforma.name,
            amount=proforma.with_env(house.env).currency_id.format(proforma.amount_total),
            day=format_date(house.env, proforma.date_due),
        )
        subscription._log_event("prepayment_requested", description=text)
        return proforma

    @api.model
    def _prepare_line(self, subscription, charge):
        figures = charge._get_invoice_line_figures()
        base_line = charge._get_preview_base_line()
        return {
            "name": subscription._get_invoice_line_name(charge),
            "product_id": charge.line_id.product_id.id,
            "quantity": float(figures.quantity),
            "price_unit": float(figures.price_unit),
            "discount": float(figures.discount),
            "tax_names": ", ".join(tax.invoice_label or tax.name for tax in base_line["tax_ids"]),
            "amount": charge.amount,
        }

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.name

    def _get_lapse_text(self):
        """What comes of an order that is not paid in time, in the language of the context."""
        self.ensure_one()
        day = format_date(self.env, self.date_due)
        return self.env._(
            "If it does not arrive by %s, your order lapses and you owe nothing.", day
        )

    def _get_bank_account(self):
        """Where the customer transfers the money to.

        :rtype: res.partner.bank
        """
        self.ensure_one()
        return self.company_id._get_customer_bank_account(self.currency_id)

    def action_print(self):
        return self.env.ref("subscription_base.action_report_proforma").report_action(self)

    def action_view_subscription(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "subscription.subscription",
            "view_mode": "form",
            "res_id": self.subscription_id.id,
        }

    def action_view_invoice(self):
        return self.invoice_id._get_subscription_invoice_action()

    def action_preview(self):
        """Open the page on which the customer pays."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "target": "self", "url": self.get_portal_url()}


class SubscriptionProformaLine(models.Model):
    _name = "subscription.proforma.line"
    _description = "Line of a Pro-Forma Invoice"
    _order = "id"

    proforma_id = fields.Many2one(
        "subscription.proforma", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="proforma_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="proforma_id.currency_id")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    name = fields.Text("Description", required=True, readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    price_unit = fields.Float("Price", min_display_digits="Product Price", readonly=True)
    discount = fields.Float("Discount (%)", digits="Discount", readonly=True)
    tax_names = fields.Char("Taxes", readonly=True)
    amount = fields.Monetary(readonly=True)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    proforma_ids = fields.One2many("subscription.proforma", "subscription_id", copy=False)
    proforma_count = fields.Integer(compute="_compute_proforma_count")
    open_proforma_id = fields.Many2one("subscription.proforma", compute="_compute_proforma_count")
    open_proforma_amount = fields.Monetary(compute="_compute_proforma_count")
    open_proforma_date = fields.Date(compute="_compute_proforma_count")
    has_open_proforma = fields.Boolean(compute="_compute_proforma_count")

    @api.depends("proforma_ids.state", "proforma_ids.amount_due", "proforma_ids.date_due")
    def _compute_proforma_count(self):
        for subscription in self:
            proformas = subscription.proforma_ids
            open_one = proformas.filtered(lambda one: one.state == "open")[:1]
            subscription.proforma_count = len(proformas)
            subscription.open_proforma_id = open_one
            subscription.open_proforma_amount = open_one.amount_due
            subscription.open_proforma_date = open_one.date_due
            subscription.has_open_proforma = bool(open_one)

    def _get_preview_tax_totals(self, preview):
        """The tax totals of an invoice to be, as documents print them.

        :rtype: dict
        """
        tax_engine, company = self.env["account.tax"], self.company_id
        charges = preview.charges.with_context(lang=self.env.lang)
        base_lines = [charge._get_preview_base_line() for charge in charges]
        tax_engine._add_tax_details_in_base_lines(base_lines, company)
        tax_engine._round_base_lines_tax_details(base_lines, company)
        return tax_engine._get_tax_totals_summary(
            base_lines=base_lines, currency=self.currency_id, company=company
        )

    def action_view_proformas(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_proforma_action"
        )
        if self.proforma_count == 1:
            return action | {"views": [(False, "form")], "res_id": self.proforma_ids.id}
        return action | {"domain": [("id", "in", self.proforma_ids.ids)], "context": {}}
