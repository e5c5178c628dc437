"""Header values of an invoice, as plain Odoo's computed fields would fill them in."""

from dataclasses import dataclass

from odoo import fields, models

from .columns import MOVE_COMPUTED, MOVE_LINKS, has_side_effects
from .common import SALE_MOVE_TYPES, Memo, NotBulkable

# Given values that change how plain Odoo works, so that it had better do the work itself.
UNSUPPORTED = frozenset(
    {
        "line_ids",
        "invoice_cash_rounding_id",
        "quick_edit_total_amount",
        "tax_totals",
        "name",
        "date",
        "invoice_currency_rate",
        "auto_post_until",
        "auto_post_origin_id",
        "statement_line_id",
        "origin_payment_id",
        "tax_cash_basis_rec_id",
        "tax_cash_basis_origin_move_id",
        "posted_before",
        "is_storno",
        "checked",
        "made_sequence_gap",
        "payment_state",
        "is_manually_modified",
        "inalterable_hash",
        "taxable_supply_date",
    }
)


@dataclass
class Document:
    """One invoice on its way to the database.

    :param dict vals: column values of account.move
    :param list line_vals: one dict of given values a product line
    """

    vals: dict
    line_vals: list
    company: models.BaseModel
    journal: models.BaseModel
    currency: models.BaseModel
    partner: models.BaseModel
    commercial: models.BaseModel
    fiscal_position: models.BaseModel
    term: models.BaseModel
    rate: float
    lines: list = None

    @property
    def is_refund(self):
        return self.vals["move_type"] == "out_refund"

    @property
    def sign(self):
        """Sign of the product lines' balance, ``account.move.direction_sign``."""
        return 1 if self.is_refund else -1


class DocumentBuilder:
    """Turns the values for ``account.move.create`` into :class:`Document` s.

    :param env: environment of the caller; its user and language count
    :param list vals_list: values of all invoices of the call (for prefetching)
    """

    def __init__(self, env, vals_list):
        self.env = env
        self.memo = Memo()
        self.moves = env["account.move"]
        self.today = fields.Date.context_today(self.moves)
        self.use_terms = env["ir.config_parameter"].sudo().get_param("account.use_invoice_terms")
        partner_ids = {
            vals[name]
            for vals in vals_list
            for name in ("partner_id", "partner_shipping_id")
            if vals.get(name)
        }
        self.partners = {
            partner.id: partner for partner in env["res.partner"].browse(sorted(partner_ids))
        }

    def build(self, given, defaults):
        """Return the :class:`Document` of one invoice.

        :param dict given: values as for ``create``
        :param dict defaults: default values of account.move
        :raises NotBulkable: where plain Odoo has to do it
        """
        vals = {**defaults, **given}
        line_vals = self._get_line_vals(vals.pop("invoice_line_ids", ()))
        self._check(vals)
        company, journal, currency = self._get_company_journal_currency(vals)
        partner = self.partners[vals["partner_id"]].with_company(company)
        commercial = partner.commercial_partner_id
        vals.setdefault("partner_shipping_id", self._get_shipping_id(vals, partner))
        fiscal_position = self._get_fiscal_position(vals, company, partner)
        if "invoice_payment_term_id" not in vals:
            vals["invoice_payment_term_id"] = partner.property_payment_term_id.id
        term = self.env["account.payment.term"].browse(vals["invoice_payment_term_id"] or ())
        if term.early_discount:
            raise NotBulkable("early payment discount")
        vals.setdefault(
            "invoice_user_id", (partner.user_id or commercial.user_id or self.env.user).id
        )
        if "preferred_payment_method_line_id" not in vals:
            vals["preferred_payment_method_line_id"] = (
                partner.property_inbound_payment_method_line_id.id
            )
        vals.update(
            company_id=company.id,
            journal_id=journal.id,
            currency_id=currency.id,
            commercial_partner_id=commercial.id,
            fiscal_position_id=fiscal_position.id,
            date=vals["invoice_date"],
            state="draft",
            always_tax_exigible=False,
            checked=False,
            made_sequence_gap=False,
            is_manually_modified=False,
            sequence_prefix="",
            sequence_number=0,
            payment_state="not_paid",
            invoice_partner_display_name=partner.display_name,
        )
        rate = vals["invoice_currency_rate"] = self._get_rate(company, currency, vals["date"])
        if currency != company.currency_id and rate <= 0:
            raise NotBulkable("currency rate is not positive")
        if "partner_bank_id" not in vals:
            vals["partner_bank_id"] = self._get_partner_bank_id(vals, company, currency, commercial)
        vals.setdefault("invoice_incoterm_id", company.incoterm_id.id)
        if "team_id" in self.moves._fields and "team_id" not in vals:
            vals["team_id"] = self.memo.once(
                ("team", vals["invoice_user_id"], company.id),
                self._get_team_id,
                vals["invoice_user_id"],
                company,
            )
        if "narration" not in vals and self.use_terms:
            vals["narration"] = self._get_narration(company, partner)
        return Document(
            vals=vals,
            line_vals=line_vals,
            company=company,
            journal=journal,
            currency=currency,
            partner=partner,
            commercial=commercial,
            fiscal_position=fiscal_position,
            term=term,
            rate=rate,
        )

    def _check(self, vals):
        if vals.get("move_type") not in SALE_MOVE_TYPES:
            raise NotBulkable("not a customer invoice or credit note")
        if not (vals.get("partner_id") and vals.get("invoice_date")):
            raise NotBulkable("no customer or no invoice date")
        if vals.get("state", "draft") != "draft" or vals.get("auto_post", "no") != "no":
            raise NotBulkable("state or automatic posting is given")
        for name in vals:
            field = self.moves._fields.get(name)
            if (
                field is None
                or (name in UNSUPPORTED | MOVE_LINKS and vals[name])
                or has_side_effects(field, MOVE_COMPUTED)
            ):
                raise NotBulkable(f"value for {name}")
        vals["invoice_date"] = fields.Date.to_date(vals["invoice_date"])
        vals["auto_post"] = "no"

    @staticmethod
    def _get_line_vals(commands):
        line_vals = []
        for command in commands:
            if isinstance(command, dict) or command[0] != fields.Command.CREATE:
                raise NotBulkable("lines other than new ones")
            line_vals.append(command[2])
        if not line_vals:
            raise NotBulkable("no lines")
        return line_vals

    def _get_company_journal_currency(self, vals):
        given = {
            name: vals[name]
            for name in ("move_type", "company_id", "journal_id", "currency_id")
            if vals.get(name)
        }
        return self.memo.once(("journal", *given.items()), self._probe_journal, given)

    def _probe_journal(self, given):
        probe = self.moves.new(given)
        company, journal, currency = (
            probe.company_id._origin,
            probe.journal_id._origin,
            probe.currency_id._origin,
        )
        if company.account_storno:
            raise NotBulkable("storno accounting")
        if journal.type != "sale" or not journal.active or journal.restrict_mode_hash_table:
            raise NotBulkable("journal is archived, hashed or not a sale journal")
        if not currency.active:
            raise NotBulkable("currency is archived")
        if company not in self.env.companies or journal.company_id not in company.parent_ids:
            raise NotBulkable("journal or company is not allowed here")
        return company, journal, currency

    @staticmethod
    def _get_shipping_id(vals, partner):
        if "partner_shipping_id" in vals:
            return vals["partner_shipping_id"]
        return partner.address_get(["delivery"])["delivery"]

    def _get_fiscal_position(self, vals, company, partner):
        if "fiscal_position_id" in vals:
            return self.env["account.fiscal.position"].browse(vals["fiscal_position_id"] or ())
        shipping_id = vals["partner_shipping_id"] or partner.address_get(["delivery"])["delivery"]
        shipping = self.partners.get(shipping_id) or self.env["res.partner"].browse(
            shipping_id or ()
        )
        shipping = shipping.with_company(company)
        key = (
            "fiscal_position",
            company.id,
            *(
                value
                for address in (partner, shipping)
                for value in (
                    address.property_account_position_id.id,
                    address.country_id.id,
                    address.state_id.id,
                    address.zip,
                    (address.vat or "")[:2],
                    address and address._get_vat_required_valid(company=company),
                )
            ),
        )
        return self.memo.once(
            key,
            self.env["account.fiscal.position"].with_company(company)._get_fiscal_position,
            partner,
            shipping,
        )

    def _get_rate(self, company, currency, date):
        return self.memo.once(
            ("rate", company.id, currency.id, date),
            self.env["res.currency"]._get_conversion_rate,
            company.currency_id,
            currency,
            company,
            date,
        )

    def _get_partner_bank_id(self, vals, company, currency, commercial):
        if vals["move_type"] == "out_refund":
            return self._select_bank_id(commercial, company, currency)
        method_id = (
            vals["preferred_payment_method_line_id"]
            or company.partner_id.property_inbound_payment_method_line_id.id
        )
        method = self.env["account.payment.method.line"].browse(method_id or ())
        if method.journal_id:
            return method.journal_id.bank_account_id.id
        return self.memo.once(
            ("bank", company.id, currency.id),
            self._select_bank_id,
            company.partner_id,
            company,
            currency,
        )

    @staticmethod
    def _select_bank_id(partner, company, currency):
        banks = partner.bank_ids.filtered(
            lambda bank: not bank.company_id or bank.company_id == company
        )
        return banks.sorted(
            key=lambda bank: (
                0 if bank.currency_id == currency or not bank.currency_id else 1,
                not bank.allow_out_payment,
            )
        )[:1].id

    def _get_team_id(self, user_id, company):
        teams = self.env["crm.team"].with_context(allowed_company_ids=[company.id])
        return teams._get_default_team_id(user_id=user_id).id

    def _get_narration(self, company, partner):
        return self.memo.once(
            ("narration", company.id, partner.lang), self._probe_narration, company, partner
        )

    def _probe_narration(self, company, partner):
        return self.moves.new(
            {"move_type": "out_invoice", "company_id": company.id, "partner_id": partner.id}
        ).narration
