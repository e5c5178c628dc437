"""Payment terms by calendar months, and those by which instalments are paid."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command

from ..prepaid import shares


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    subscription_instalments = fields.Char(
        readonly=True, copy=False, help="For which instalments the payment terms were made."
    )

    _subscription_instalments_uniq = models.UniqueIndex(
        "(company_id, subscription_instalments) WHERE subscription_instalments IS NOT NULL",
        "There are payment terms for these instalments already.",
    )

    @api.model
    def _get_for_instalments(self, company, count, interval, unit):
        """The payment terms of equal instalments, made when there are none yet.

        The first instalment falls due on the date of the invoice.

        :param int count: how many instalments.
        :param int interval: how many days or months lie between two of them.
        :param str unit: ``day`` or ``month``.
        """
        key = f"{count}/{interval}/{unit}"
        terms = self.sudo().with_context(active_test=False)
        found = terms.search(
            [("company_id", "=", company.id), ("subscription_instalments", "=", key)]
        )
        return found or terms.create(
            {
                "name": self._get_instalments_name(count, interval, unit),
                "company_id": company.id,
                "subscription_instalments": key,
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": float(share),
                            "nb_days": number * interval,
                            "delay_type": "months_after" if unit == "month" else "days_after",
                        }
                    )
                    for number, share in enumerate(shares(count))
                ],
            }
        )

    @api.model
    def _get_instalments_name(self, count, interval, unit):
        values = {"count": count, "interval": interval}
        if unit == "day":
            return self.env._("%(count)s instalments, one every %(interval)s days", **values)
        if interval == 1:
            return self.env._("%(count)s monthly instalments", **values)
        return self.env._("%(count)s instalments, one every %(interval)s months", **values)


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    delay_type = fields.Selection(
        selection_add=[("months_after", "Months after invoice date")],
        ondelete={"months_after": "set default"},
    )

    def _get_due_date(self, date_ref):
        """A month after the 31st is the last day of a shorter month."""
        if self.delay_type != "months_after":
            return super()._get_due_date(date_ref)
        day = fields.Date.to_date(date_ref) or fields.Date.context_today(self)
        return day + relativedelta(months=self.nb_days)
