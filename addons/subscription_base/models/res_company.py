from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytz

from odoo import fields, models


@lru_cache(maxsize=300)
def _get_zones(country_code):
    """The time zones of a country, read once: those of a large one are many files."""
    return tuple(ZoneInfo(name) for name in pytz.country_timezones.get(country_code, []))


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_bill_ahead = fields.Boolean(
        "Bill Future Days",
        help="Allow billing runs as of a day that is still to come. Their invoices bear that date.",
    )

    def _get_timezone(self):
        """The name of the time zone in which the company's days begin.

        That of its address; else the one of its country, if all of the country has the same time.

        :rtype: str
        """
        self.ensure_one()
        address = self.sudo().partner_id
        if address.tz:
            return address.tz
        zones, now = _get_zones(address.country_id.code), datetime.now()
        offsets = {zone.utcoffset(now) for zone in zones}
        return zones[0].key if len(offsets) == 1 else "UTC"

    def _get_customer_bank_account(self, currency):
        """The account to which customers pay, as Odoo chooses it for their invoices.

        :param currency: the ``res.currency`` of what is to be paid.
        :rtype: res.partner.bank
        """
        self.ensure_one()
        accounts = self.sudo().partner_id.bank_ids.filtered(
            lambda account: account.company_id in (account.company_id.browse(), self)
        )
        return accounts.sorted(
            lambda account: (
                account.currency_id not in (account.currency_id.browse(), currency),
                not account.allow_out_payment,
            )
        )[:1]
