"""Six instalments, each 30 days after the one before; then the subscription ends.

The service begins with a deposit, and rests while an instalment has been returned.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from odoo import fields, models

from odoo.addons.subscription_base.billing import Charge, Grid, part_amount, unpaused, until_end

INSTALMENTS = 6
DAYS = 30


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    charge_type = fields.Selection(
        selection_add=[("instalments", "Instalments")], ondelete={"instalments": "cascade"}
    )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    has_deposit = fields.Boolean(default=True)
    is_returned = fields.Boolean()

    def _rate_instalments(self, timeline, line, after):
        """Each instalment pays for 30 days and falls due after them."""
        price = line.pricing.amount(line.quantity)
        grid = Grid(line.origin or line.start, DAYS)
        for full in map(grid.period, range(INSTALMENTS)):
            if period := full.clip(line.start, None):
                yield Charge(
                    line=line.key,
                    period=period,
                    full=full,
                    origin=period.start,
                    quantity=line.quantity,
                    price=price,
                    amount=part_amount(price, period, full, period.start, timeline.rounding),
                    due=full.end,
                )

    def _abort_instalments(self, timeline, line, charges):
        """What has been served of the last instalment falls due at the end."""
        for charge in until_end(timeline, line, charges):
            yield replace(charge, due=charge.period.end)

    def _pause_instalments(self, timeline, line, charges):
        return unpaused(timeline, charges)

    def _change_price_instalments(self, on, vals):
        """The instalments go on being counted from the first one."""
        return {"date_origin": self._get_first_day()}

    def _change_back_dated_instalments(self, on, vals):
        return self._change_price_instalments(on, vals)

    def _get_first_day(self):
        return self.date_origin or self.date_start

    def _next_run_instalments(self, after):
        """At ten o'clock (UTC) on the day on which the next instalment falls due."""
        for number in range(1, INSTALMENTS + 1):
            day = self._get_first_day() + timedelta(days=DAYS * number)
            moment = datetime.combine(day, time(10))
            if moment > after and (not self.date_end or day <= self.date_end):
                return moment
        return None

    def _last_day_instalments(self, today):
        return self._get_first_day() + timedelta(days=INSTALMENTS * DAYS - 1)

    def _termination_date_instalments(self, on):
        return self._last_day_instalments(on)

    def _term_end_instalments(self, on):
        return self._last_day_instalments(on)

    def _allows_service_instalments(self, today):
        return self.has_deposit

    def _interrupts_service_instalments(self, today):
        return self.is_returned and "an instalment was returned"
