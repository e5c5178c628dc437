from decimal import Decimal

from odoo import fields, models
from odoo.fields import Command

from ..prepaid import Length, list_price, with_bonus

#: What a price rule is for a billing cycle, on the line and on its tiers.
AMOUNTS = ("price_unit", "minimum_amount", "maximum_amount")
TIER_AMOUNTS = ("price_unit", "flat_amount")


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    package_id = fields.Many2one(
        "subscription.package", readonly=True, copy=False, index="btree_not_null"
    )
    regular_discount = fields.Float(
        "Discount without Bonus (%)", digits="Discount", readonly=True, copy=False
    )

    def _prepare_package_values(self, package, date_from):
        """Values of the line that goes on for a package.

        :param package: ``subscription.package`` record.
        :param date date_from: first day of the package.
        """
        self.ensure_one()
        length = package._get_length()
        discount = self.regular_discount if self.package_id else self.discount
        return {
            "package_id": package.id,
            **self._prepare_scaled_prices(length),
            "regular_discount": discount,
            "discount": float(with_bonus(Decimal(str(discount)), Decimal(str(package.bonus)))),
            "schedule_type": "month_start" if length.is_months else "daily",
            "interval_count": length.count,
            "date_anchor": date_from,
            "date_end": False,
        }

    def _prepare_scaled_prices(self, length):
        """All amounts of the price rule for another length; quantities and limits stay (SD-08).

        :param ~odoo.addons.subscription_prepaid.prepaid.Length length: what they are to be for.
        """
        cycle = self._get_cycle()

        def scale(amount):
            return float(list_price(Decimal(str(amount)), cycle, length))

        values = {name: scale(self[name]) for name in AMOUNTS}
        if self.tier_ids:
            tiers = [
                tier | {name: scale(tier[name]) for name in TIER_AMOUNTS}
                for tier in self.tier_ids.copy_data()
            ]
            values["tier_ids"] = [Command.create(tier) for tier in tiers]
        return values

    def _get_cycle(self):
        """The length that the price of the line is for.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.Length
        """
        record = self if self.schedule_type else self.plan_id
        return Length(record.interval_count, record.schedule_type != "daily")
