from odoo import Command
from odoo.tests import freeze_time

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .legal_common import LegalCommon


class PrepaymentCommon(LegalCommon, AccountPaymentCommon):
    """A plan whose service is released after payment; its customers pay 30.00 and 15 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan_prepaid = cls._create_plan(
            "Prepaid hosting",
            [{"product_id": cls.hosting.id}],
            release_policy="payment",
            prepayment_days=9,
        )
        feature = cls.env["subscription.feature"].create({"name": "Access", "handle": "access"})
        for plan in (cls.plan_prepaid, cls.flat_plan):
            plan.entitlement_ids = [Command.create({"feature_id": feature.id})]
        cls.journal = cls.company_data["default_journal_bank"]

    def _start(self, moment="2026-05-01 09:00:00", plan=None, **values):
        """An order for the plan.

        :return: its subscription and the pro-forma invoice.
        """
        with freeze_time(moment):
            _order, subscription = self._confirm_order(plan or self.plan_prepaid, **values)
        return subscription, subscription.proforma_ids

    def _follow(self, moment):
        with freeze_time(moment), self._commits_flush():
            self.env["subscription.proforma"].sudo()._cron_follow()

    def _transfer(self, text, amount, date):
        """Money on the bank account, as a bank statement tells it."""
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.journal.id,
                "date": date,
                "payment_ref": text,
                "amount": amount,
            }
        )

    def _pay(self, proforma, amount, date, **values):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": proforma.partner_id.id,
                "amount": amount,
                "date": date,
                "journal_id": self.journal.id,
                "memo": proforma.name,
                "payment_method_line_id": self.inbound_payment_method_line.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def _has_access(self, subscription, day):
        self.env.invalidate_all()
        return subscription.partner_id._has_entitlement("access", day)

    def _get_receivables(self):
        return self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner_a.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
