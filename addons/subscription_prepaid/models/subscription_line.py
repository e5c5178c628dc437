from decimal import Decimal

from odoo import fields, models

from ..prepaid import Length, list_price, with_bonus


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
        price = list_price(Decimal(str(self.price_unit)), self._get_cycle(), length)
        return {
            "package_id": package.id,
            "price_unit": float(price),
            "regular_discount": discount,
            "discount": float(with_bonus(Decimal(str(discount)), Decimal(str(package.bonus)))),
            "schedule_type": "month_start" if length.is_months else "daily",
            "interval_count": length.count,
            "date_anchor": date_from,
            "date_end": False,
        }

    def _get_cycle(self):
        """The length that the price of the line is for.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.Length
        """
        record = self if self.schedule_type else self.plan_id
        return Length(record.interval_count, record.schedule_type != "daily")
