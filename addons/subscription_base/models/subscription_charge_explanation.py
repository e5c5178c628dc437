"""How the amount of a charge came about: for users, for customers and on invoices."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models

from ..billing import PricingModel, round_half_up
from .price_text import PriceText, quantity_text

_NONE = Decimal(0)


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    explanation = fields.Char(compute="_compute_explanation")

    @api.depends("basis", "amount", "quantity", "sign")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for charge in self:
            charge.explanation = charge._explain()

    def _explain(self):
        """How the amount came about, in a sentence for the reader of the context's language.

        The line's terms are locked once it has been charged, so what they say holds for old
        charges too.
        """
        self.ensure_one()
        sentence, price = self._explain_quantity(), self._explain_price()
        return f"{sentence} ({price})" if price else sentence

    def _explain_quantity(self):
        values = {
            "quantity": quantity_text(self.env, self.quantity),
            "price": self.currency_id.format(self.price),
            "included": quantity_text(self.env, self.line_id.included_qty),
            "days": (self.period_end - self.period_start).days + 1,
            "full_days": (self.full_end - self.full_start).days + 1,
            "free_every": self.line_id.free_every,
        }
        if self._is_free_period():
            return self.env._("Free: one of %(free_every)s periods is free of charge", **values)
        if self.measured and self.line_id.included_qty:
            return self.env._("%(quantity)s units beyond the %(included)s included", **values)
        if self.measured:
            return self.env._("%(quantity)s units used", **values)
        if self.sign < 0:
            return self.env._("Credit for %(days)s of %(full_days)s days at %(price)s", **values)
        if (self.period_start, self.period_end) == (self.full_start, self.full_end):
            if self.charge_type == "recurring":
                return self.env._("Full period, quantity %(quantity)s: %(price)s", **values)
            return self.env._("Once, quantity %(quantity)s: %(price)s", **values)
        if not self.divisible:
            return self.env._("Part of a period, not prorated")
        return self.env._("%(days)s of %(full_days)s days at %(price)s", **values)

    def _explain_price(self):
        """Tiers, packages, percentages and limits that made the price; empty without any.

        :rtype: str
        """
        self.ensure_one()
        pricing, text = self.line_id._get_pricing(), PriceText(self.env, self.currency_id)
        if pricing.is_simple or self._is_free_period():
            return ""
        if pricing.model is PricingModel.PERCENTAGE:
            return text.rule(pricing)
        steps = self._get_price_steps(pricing)
        return text.steps(steps) if steps else text.rule(pricing)

    def _get_price_steps(self, pricing):
        """The steps that sum to the full price.

        :return: none where the charge only states the difference to an earlier one.
        """
        share = Fraction(1)
        if self.measured:
            days = (self.period_end - self.period_start).days + 1
            share = Fraction(days, (self.full_end - self.full_start).days + 1)
            # the quantity is what was left after the included units
            pricing = replace(pricing, included=_NONE)
        steps = pricing.parts(Decimal(str(self.quantity)), share=share)
        total = sum((step.amount for step in steps), _NONE)
        rounding = Decimal(str(self.currency_id.rounding))
        stated = Decimal(str(self.amount)) if self.measured else Decimal(self.basis)
        same = round_half_up(total, rounding) == round_half_up(stated, rounding)
        return steps if same else []

    def _get_invoice_details(self):
        """What the text of the invoice line adds about the price.

        :rtype: list[str]
        """
        self.ensure_one()
        if self._is_free_period():
            return [self._explain_quantity()]
        return [text] if (text := self._explain_price()) else []
