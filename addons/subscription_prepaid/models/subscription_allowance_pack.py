from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.subscription_base.models.price_text import quantity_text

from .subscription_allowance_terms import TERMS


class SubscriptionAllowancePack(models.Model):
    """What a product brings: units that are bought in advance and used before metered billing."""

    _name = "subscription.allowance.pack"
    _description = "Pack of Units"
    _inherit = ["subscription.allowance.terms"]
    _check_company_auto = True
    _order = "sequence, id"
    _rec_name = "product_id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'service'), ('sale_ok', '=', True)]",
        help="Sold once on a subscription, by a component of its plan or by itself, it brings the "
        "units. Its price is the price of the pack.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    units = fields.Float(digits="Product Unit", required=True, aggregator=None)
    validity_length = fields.Integer(
        "Valid for", aggregator=None, help="From the day on which it is bought; 0 for ever."
    )
    validity_unit = fields.Selection(
        [("day", "Days"), ("month", "Months")], default="month", required=True
    )
    is_self_service = fields.Boolean(
        "Offered in the Portal", help="Customers buy it on the page of their subscription."
    )
    text = fields.Char("In Words", compute="_compute_text")

    _units_positive = models.Constraint(
        "CHECK (units > 0 AND validity_length >= 0)",
        "A pack holds more than 0 units, and is valid for a number of days or months, or for ever.",
    )
    _product_uniq = models.UniqueIndex(
        "(company_id, product_id) WHERE active", "The product is another pack already."
    )

    @api.depends("units", "meter_id", "validity_length", "validity_unit")
    @api.depends_context("lang")
    def _compute_text(self):
        for pack in self:
            pack.text = f"{pack._get_units_text()}, {pack._get_validity_text()}"

    @api.depends("product_id", "text")
    def _compute_display_name(self):
        for pack in self:
            pack.display_name = f"{pack.product_id.name or ''} ({pack.text})"

    @api.constrains("product_id")
    def _check_product(self):
        for pack in self:
            if pack.product_id.type != "service":
                raise ValidationError(
                    self.env._(
                        "%s is not a service, so it cannot be a pack of units.",
                        pack.product_id.display_name,
                    )
                )

    def _get_units_text(self, count=1.0):
        """How many units ``count`` packs bring, such as "1,000 messages"."""
        self.ensure_one()
        return f"{quantity_text(self.env, self.units * count)} {self.unit or ''}".strip()

    def _get_validity_text(self):
        """How long the units can be used, in the language of the reader."""
        self.ensure_one()
        match self.validity_unit, self.validity_length:
            case _, 0:
                return self.env._("never expires")
            case "day", 1:
                return self.env._("valid for 1 day")
            case "day", count:
                return self.env._("valid for %s days", count)
            case _, 1:
                return self.env._("valid for 1 month")
            case _, count:
                return self.env._("valid for %s months", count)

    def _can_expire(self):
        return bool(self.validity_length)

    def _get_last_day(self, start):
        """The last day on which units that are bought for ``start`` can be used.

        :rtype: date | bool
        """
        self.ensure_one()
        if not self.validity_length:
            return False
        expiry = fields.Date.add(start, **{f"{self.validity_unit}s": self.validity_length})
        return fields.Date.subtract(expiry, days=1)

    def _prepare_allowance_values(self, line):
        """Values of what a ``subscription.line`` that sells the pack brings, as sold now."""
        self.ensure_one()
        terms = self.read(TERMS, load=None)[0]
        terms.pop("id")
        return {
            **terms,
            "pack_id": self.id,
            "line_id": line.id,
            "units_each": self.units,
        }

    @api.model
    def _get_for(self, lines):
        """The packs of the lines' products.

        :return: ``{(product, company): pack}``
        """
        packs = self.sudo().search(
            [("product_id", "in", lines.product_id.ids), ("company_id", "in", lines.company_id.ids)]
        )
        return {(pack.product_id, pack.company_id): pack for pack in packs}
