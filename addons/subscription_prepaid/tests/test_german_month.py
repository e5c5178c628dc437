from collections import Counter

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .prepaid_common import PrepaidCommon

#: The hand-made table: March 2026 of ten customers, in euros, chart SKR03 with 19 % VAT.
#:
#: Each has one contract at 10.00 net a month, extended six times by 30 days (10.00 net, 11.90
#: gross) and twice by 90 days at 5 % less (28.50 net, 33.92 gross): 6 x 11.90 + 2 x 33.92 = 139.24.
OPENING = 1000.00  # ten times 100.00, paid in February
TOP_UPS = [50.00, 25.00, 10.50]  # of each customer: 30 top-ups, 855.00
RENEWALS = [30, 30, 90, 30, 30, 90, 30, 30]  # of each customer: 80 renewals, 1392.40
REFUNDS = 5 * 20.00
CHARGEBACKS = 3 * 50.00
EXPECTED = {
    "balances at the end of February": 1000.00,
    "paid in": 855.00,
    "used": -1392.40,
    "paid out": -100.00,
    "returned": -150.00,
    "balances at the end of March": 212.60,
    "revenue at 19 %": 1170.00 + 50.00,  # the last is of a contract that is not prepaid
    "VAT": 222.40 + 9.50,
    "receivables": 59.50,
}
#: 185.50 paid in and 139.24 used; less a refund of 20.00, or a top-up of 50.00 that came back.
EXPECTED_BALANCES = Counter({26.26: 5, 46.26: 2, -3.74: 3})


@tagged("post_install", "-at_install")
class TestGermanMonth(PrepaidCommon):
    """A month of balances as the accountant of a German company checks it."""

    @classmethod
    @PrepaidCommon.setup_chart_template("de_skr03")
    def setUpClass(cls):
        super().setUpClass()
        cls.hosting.write({"list_price": 10.0, "taxes_id": cls.company.account_sale_tax_id})
        cls.simple = cls._create_plan(
            "Web space",
            [{"product_id": cls.hosting.id}],
            is_prepaid=True,
            package_ids=[
                Command.create({"length_count": length, "length_unit": "day", "bonus": bonus})
                for length, bonus in ((30, 0.0), (90, 5.0))
            ],
        )
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(10)]
        )

    def _sell_in_february(self, partner):
        self._top_up(100.0, self._get_wallet(partner), date="2026-02-20")
        return self._sell("2026-02-20", self.simple, partner_id=partner.id)

    def _sum(self, account_types=None, accounts=None, **until):
        """What is booked on accounts in March, or up to a day."""
        domain = [("parent_state", "=", "posted"), ("company_id", "=", self.company.id)]
        if account_types:
            domain.append(("account_type", "=", account_types))
        if accounts:
            domain.append(("account_id", "in", accounts.ids))
        first, last = until.get("first", "2026-01-01"), until.get("last", "2026-03-31")
        lines = self.env["account.move.line"].search(
            [*domain, ("date", ">=", first), ("date", "<=", last)]
        )
        return round(sum(lines.mapped("balance")), 2), lines

    def _read_tax_report(self):
        """The month's advance VAT return: amounts by the names of its lines."""
        _total, lines = self._sum(first="2026-03-01")
        found = Counter()
        for line in lines:
            for tag in line.tax_tag_ids:
                found[tag.name] = round(found[tag.name] - line.balance, 2)
        return {name: amount for name, amount in found.items() if amount}

    def test_the_books_agree_with_the_table(self):
        with freeze_time("2026-02-20 09:00:00"):
            contracts = [self._sell_in_february(partner) for partner in self.customers]
        self.assertEqual(self._sum(accounts=self.account, last="2026-02-28")[0], -OPENING)

        self.env.flush_all()
        self.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile")
        returned = []
        for number, contract in enumerate(contracts):
            wallet = self._get_wallet(contract.partner_id)
            payments = [self._top_up(amount, wallet) for amount in TOP_UPS]
            for length in RENEWALS:
                contract._extend(self._package(length, self.simple))
            if number < 5:
                self._top_up(20.0, wallet, payment_type="outbound")
            elif number >= 7:
                returned += payments[0]
        for payment in returned:
            payment.move_id._reverse_moves([{"date": payment.date}]).action_post()
        term = self._create_plan("Term", [{"product_id": self.hosting.id, "price_unit": 50.0}])
        subscription = self._create_subscription(term, "2026-03-10")
        self._bill(subscription, "2026-03-10").filtered(lambda m: m.state == "draft").action_post()

        self.assertEqual(self._read_month(), EXPECTED)
        self.assertEqual(
            Counter(self._get_wallet(partner).balance for partner in self.customers),
            EXPECTED_BALANCES,
        )
        self.assertEqual(
            self._read_tax_report(),
            {"81_BASE": EXPECTED["revenue at 19 %"], "81_TAX": EXPECTED["VAT"]},
        )
        extensions = self.env["subscription.extension"].search([])
        self.assertEqual(len(extensions), 80)
        self.assertFalse(any(extensions.move_id.mapped("amount_residual")), "always paid")

    def _read_month(self):
        moved, lines = self._sum(accounts=self.account, first="2026-03-01")
        paid_in = lines.filtered(lambda line: line.payment_id.payment_type == "inbound")
        paid_out = lines.filtered(lambda line: line.payment_id.payment_type == "outbound")
        reversed_ = lines.filtered("move_id.reversed_entry_id")
        used = lines - paid_in - paid_out - reversed_
        before = self._sum(accounts=self.account, last="2026-02-28")[0]
        return {
            "balances at the end of February": -before,
            "paid in": self._total(paid_in - reversed_),
            "used": self._total(used),
            "paid out": self._total(paid_out - reversed_),
            "returned": self._total(reversed_),
            "balances at the end of March": round(-before - moved, 2),
            "revenue at 19 %": -self._sum("income", first="2026-03-01")[0],
            "VAT": -self._sum(
                accounts=self.company.account_sale_tax_id.repartition_line_ids.account_id,
                first="2026-03-01",
            )[0],
            "receivables": self._sum("asset_receivable")[0],
        }

    def _total(self, lines):
        return round(-sum(lines.mapped("balance")), 2)
