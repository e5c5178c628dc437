import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..billing.metering import Aggregation
from .locking import changed_fields

HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]*")


class SubscriptionMeter(models.Model):
    """What is measured, and how the events of a billing period become one quantity."""

    _name = "subscription.meter"
    _description = "Usage Meter"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    handle = fields.Char(
        required=True,
        copy=False,
        help="How the API and imports name the meter: small letters, digits, '.', '_' and '-'.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    aggregation = fields.Selection(
        [
            (Aggregation.SUM.value, "Sum of the quantities"),
            (Aggregation.COUNT.value, "Number of events"),
            (Aggregation.MAX.value, "Greatest quantity"),
            (Aggregation.LAST.value, "Last quantity"),
            (Aggregation.UNIQUE.value, "Number of different values"),
        ],
        default=Aggregation.SUM.value,
        required=True,
    )
    unit = fields.Char(translate=True, help="What is counted, such as minutes or GB.")
    dimension = fields.Char(
        help="What tells the events of the meter apart, such as the destination of a call. Plan "
        "components can count some of its values only.",
    )
    digits = fields.Integer(
        "Decimals",
        default=2,
        required=True,
        help="The quantity of a billing period is rounded half up to so many decimals.",
    )
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        copy=False,
        help="Usage of this product is counted by the meter where no other one is named.",
    )

    _handle_uniq = models.UniqueIndex(
        "(company_id, handle)", "There is a meter with this handle already."
    )
    _product_uniq = models.UniqueIndex(
        "(company_id, product_id) WHERE product_id IS NOT NULL",
        "Usage of this product is counted by another meter already.",
    )

    @api.constrains("handle")
    def _check_handle(self):
        for meter in self:
            if not HANDLE.fullmatch(meter.handle):
                raise ValidationError(
                    self.env._(
                        "The handle %s is not usable: take small letters, digits, '.', '_' and "
                        "'-', and begin with a letter or a digit.",
                        meter.handle,
                    )
                )

    @api.constrains("digits")
    def _check_digits(self):
        limit = self.env["decimal.precision"].precision_get("Product Unit")
        for meter in self:
            if not 0 <= meter.digits <= limit:
                raise ValidationError(
                    self.env._(
                        "%(meter)s can have 0 to %(limit)s decimals, because invoices show no "
                        "more. Raise the decimal accuracy of 'Product Unit' first.",
                        meter=meter.name,
                        limit=limit,
                    )
                )

    @api.depends("name", "unit")
    def _compute_display_name(self):
        for meter in self:
            meter.display_name = f"{meter.name} ({meter.unit})" if meter.unit else meter.name

    def _get_used_locked_fields(self):
        """Fields that decide what recorded events come to."""
        return {"aggregation", "digits", "company_id"}

    def write(self, vals):
        for meter in self:
            changed = changed_fields(meter, vals, meter._get_used_locked_fields())
            if changed and meter._is_used():
                raise UserError(
                    self.env._(
                        "Usage of %s has been recorded already, so it cannot be counted in "
                        "another way any more. Create a new meter instead.",
                        meter.name,
                    )
                )
        return super().write(vals)

    def _is_used(self):
        usage = self.env["subscription.usage"].sudo()
        return bool(usage.search_count([("meter_id", "=", self.id)], limit=1))

    @api.model
    def _get_for_product(self, product, company):
        """The meter of a product's usage, made when there is none yet."""
        meters = self.sudo().with_context(active_test=False, lang=None)
        meter = meters.search([("product_id", "=", product.id), ("company_id", "=", company.id)])
        return meter or meters.create(
            {
                "name": product.name,
                "handle": meters._get_free_handle(product.default_code or product.name, company),
                "company_id": company.id,
                "product_id": product.id,
                "unit": product.uom_id.name,
                "digits": self.env["decimal.precision"].precision_get("Product Unit"),
            }
        )

    def _get_in_company(self, company):
        """The meter that counts the same in another company, made when there is none yet."""
        self.ensure_one()
        meters = self.sudo().with_context(active_test=False)
        meter = meters.search([("handle", "=", self.handle), ("company_id", "=", company.id)])
        return meter or meters.copy({"handle": self.handle, "company_id": company.id})

    @api.model
    def _get_free_handle(self, text, company):
        """A handle like ``text`` that no other meter of the company has."""
        base = self.env["ir.http"]._slugify(text or "") or "meter"
        taken = self.search(
            [("company_id", "=", company.id), ("handle", "=like", f"{base}%")]
        ).mapped("handle")
        number, handle = 1, base
        while handle in taken:
            number += 1
            handle = f"{base}-{number}"
        return handle
