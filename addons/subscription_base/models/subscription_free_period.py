"""Every n-th period is free: a bonus rule that the invoice states with its reason (PA-06)."""

from decimal import Decimal

from odoo import models


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _is_free_at(self, basis):
        """Whether a charge at the full price ``basis`` is free by the rule, and not by its price.

        :param str basis: a decimal number.
        """
        self.ensure_one()
        return bool(
            self.free_every
            and self.charge_type == "recurring"
            and not Decimal(basis)
            and self._get_pricing().amount(Decimal(str(self.quantity)))
        )


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _is_free_period(self):
        self.ensure_one()
        return self.line_id._is_free_at(self.basis)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _show_zero_charges(self, items):
        """A free period comes onto the invoice whatever else is on it."""
        result = super()._show_zero_charges(items)
        for line, vals in items:
            is_first = vals["sign"] > 0 and vals["revision"] == 1
            if is_first and not vals["amount"] and line._is_free_at(vals["basis"]):
                vals["shown_at_zero"] = True
        return result
