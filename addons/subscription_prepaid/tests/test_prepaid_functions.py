from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows
from odoo.addons.subscription_base.tests.test_pricing import tiers

from .prepaid_common import PrepaidCommon

TERMS = {"schedule_type": "daily", "interval_count": 30}
PACKAGES = [(30, "day", 0.0), (90, "day", 0.0), (60, "day", 5.0)]


@tagged("post_install", "-at_install")
class TestPrepaidFunctions(PrepaidCommon):
    """A package is invoiced as the periods of a term contract would be (SD-29).

    Two contracts with the same component, one of them prepaid, begin on 1 March 2026. What the
    second period of the one and a package of 30 days of the other come to is the same.
    """

    def _compare(self, component=None, plan_values=None, **values):
        """Bill both from 1 March and for the 30 days after it.

        :return: the prepaid contract, after its extension by 30 days.
        """
        component = {"product_id": self.hosting.id, **(component or {})}
        packages = [
            Command.create({"length_count": length, "length_unit": unit, "bonus": bonus})
            for length, unit, bonus in PACKAGES
        ]
        term = self._create_plan("Term", [component], **TERMS, **(plan_values or {}))
        prepaid = self._create_plan(
            "Paid first",
            [component],
            is_prepaid=True,
            package_ids=packages,
            **TERMS,
            **(plan_values or {}),
        )
        one, other = (
            self._create_subscription(plan, "2026-03-01", **values) for plan in (term, prepaid)
        )
        first = [self._post(self._bill(contract, "2026-03-01")) for contract in (one, other)]
        self._top_up(5000.0, self._get_wallet(currency=other.currency_id))
        with freeze_time("2026-03-31 09:00:00"):
            renewed = self._post(self._bill(one, "2026-03-31"))
        with freeze_time("2026-03-30 09:00:00"):
            package = other._extend(prepaid.package_ids.filtered(lambda p: p.length_count == 30))
        self.assertEqual(self._get_lines(first[0]), self._get_lines(first[1]))
        self.assertEqual(self._get_lines(renewed), self._get_lines(package.move_id))
        self.assertEqual(package.move_id.amount_residual, 0.0)
        return other

    def _post(self, move):
        if move.state == "draft":
            move.action_post()
        return move

    def _get_lines(self, move):
        """What the invoice states, but for the price as it is printed where it is an average."""
        return (
            move.currency_id,
            move.fiscal_position_id,
            move.amount_total,
            [
                (
                    line.price_subtotal,
                    line.price_total,
                    line.discount,
                    line.tax_ids,
                    line.account_id,
                    line.analytic_distribution,
                )
                for line in move.invoice_line_ids
            ],
        )

    def _extend(self, contract, length):
        with freeze_time("2026-03-30 09:00:00"):
            package = contract.plan_id.package_ids.filtered(lambda p: p.length_count == length)
            return contract._extend(package).move_id

    @shows("SD-29")
    def test_quantity_and_discount(self):
        contract = self._compare(
            line_ids=[
                Command.create(
                    {
                        "product_id": self.hosting.id,
                        "price_unit": 30.0,
                        "quantity": 3.0,
                        "discount": 10.0,
                    }
                )
            ]
        )
        self.assertEqual(self._extend(contract, 90).amount_untaxed, 243.0)

    @shows("SD-29")
    def test_fiscal_position(self):
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.vat.copy(
            {
                "name": "Abroad 7%",
                "amount": 7.0,
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set(self.vat.ids)],
            }
        )
        contract = self._compare(fiscal_position_id=abroad.id)
        invoice = self._extend(contract, 90)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (90.0, 6.3))

    @shows("SD-29")
    def test_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2025-01-01", 2.0)])
        contract = self._compare(currency_id=euro.id)
        invoice = self._extend(contract, 90)
        self.assertEqual((invoice.currency_id, invoice.amount_untaxed), (euro, 180.0))

    @shows("SD-29")
    def test_analytic_distribution(self):
        analytic_plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        account = self.env["account.analytic.account"].create(
            {"name": "Web", "plan_id": analytic_plan.id, "company_id": self.company.id}
        )
        shares = {str(account.id): 100.0}
        contract = self._compare(
            line_ids=[
                Command.create(
                    {
                        "product_id": self.hosting.id,
                        "price_unit": 30.0,
                        "analytic_distribution": shares,
                    }
                )
            ]
        )
        line = self._extend(contract, 90).invoice_line_ids
        self.assertEqual(line.analytic_distribution, shares)
        self.assertEqual(sum(line.analytic_line_ids.mapped("amount")), 90.0)

    @shows("SD-29")
    def test_entitlement(self):
        feature = self.env["subscription.feature"].create({"name": "Basic access"})
        contract = self._compare(
            plan_values={"entitlement_ids": [Command.create({"feature_id": feature.id})]}
        )
        right = self.env["subscription.entitlement"].search(
            [("subscription_id", "=", contract.id), ("feature_id", "=", feature.id)]
        )
        self.assertEqual(right.date_to, fields.Date.subtract(contract.date_expiry, days=1))

    @shows("SD-29")
    def test_price_models(self):
        for model, price in (("graduated", 70.0), ("volume", 60.0)):
            with self.subTest(model):
                contract = self._compare(
                    {"pricing_model": model, "tier_ids": tiers(), "default_quantity": 15}
                )
                self.assertEqual(self._extend(contract, 90).amount_untaxed, 3 * price)
                line = contract.line_ids.sorted("id")[-1]
                self.assertEqual((line.pricing_model, line.quantity), (model, 15.0))
                self.assertEqual(self._extend(contract, 60).amount_untaxed, 2 * price * 0.95)

    @shows("SD-29")
    def test_packages_of_units_and_limits(self):
        contract = self._compare(
            {
                "pricing_model": "package",
                "package_size": 10,
                "price_unit": 8.0,
                "default_quantity": 15,
            }
        )
        self.assertEqual(self._extend(contract, 90).amount_untaxed, 48.0, "two packages each")
        contract = self._compare({"price_unit": 1.0, "minimum_amount": 20.0})
        self.assertEqual(self._extend(contract, 90).amount_untaxed, 60.0)
