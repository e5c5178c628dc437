from odoo.fields import Command
from odoo.tests import freeze_time

from .common import TODAY
from .prepaid_common import PrepaidCommon


class BonusCommon(PrepaidCommon):
    """A contract at 30.00 a month with 19 % of taxes, 35.70 in all, and a customer with a bonus."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_subscription(date_start=TODAY)
        cls.bonus_wallet = cls._get_wallet(kind="bonus")

    @classmethod
    def _grant(cls, amount, **values):
        return cls.env["subscription.bonus"].create(
            {
                "partner_id": cls.partner_a.id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "amount": amount,
                "date_from": TODAY,
                "reason": "Recommended a friend",
                **values,
            }
        )

    def _run_today(self, day=TODAY):
        return self._run_cron(f"{day} 10:00:00")

    def _draft(self, *lines, contract=None):
        """A draft of ``(net, taxes)`` lines for a contract."""
        contract = self.contract if contract is None else contract
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": TODAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Hosting",
                            "price_unit": net,
                            "tax_ids": [Command.set(taxes.ids)],
                            "subscription_id": contract.id,
                        }
                    )
                    for net, taxes in lines
                ],
            }
        )

    def _reverse(self, invoice, **changes):
        """A draft that credits the invoice, with other values of its charged lines."""
        credit = invoice._reverse_moves([{"invoice_date": TODAY, "date": TODAY}])
        if changes:
            lines = credit._get_charged_lines()
            credit.write({"invoice_line_ids": [Command.update(line.id, changes) for line in lines]})
        return credit

    def _close(self, contract):
        """Let a contract that has been billed be over."""
        with freeze_time("2026-03-20 09:00:00"):
            contract._close("2026-03-15")
        self._run_today("2026-03-20")
        self.assertEqual(contract.state, "closed")
