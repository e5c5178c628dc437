"""Every n-th period is free: a bonus rule that the invoice states with its reason (PA-06)."""

from decimal import Decimal

from odoo import api, models

from ..billing import monthly_amount


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

    @api.depends("free_every")
    def _compute_recurring(self):
        return super()._compute_recurring()

    def _get_monthly(self, amount):
        """Recurring revenue is net of free periods, on average."""
        return monthly_amount(amount, self._get_schedule(), self.free_every or None)


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
