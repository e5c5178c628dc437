from odoo.fields import Command

from .common import WalletCommon

PACKAGES = [(30, "day", 0.0), (90, "day", 5.0), (360, "day", 15.0)]


class PrepaidCommon(WalletCommon):
    """A prepaid plan at 30.00 a month with 19 % of taxes, an option, and three packages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vat = cls.env["account.tax"].create(
            {
                "name": "VAT 19%",
                "amount": 19.0,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )
        for product in (cls.hosting, cls.domain, cls.setup_fee):
            product.taxes_id = cls.vat
        cls.prepaid = cls._create_prepaid_plan()

    @classmethod
    def _create_prepaid_plan(cls, name="Prepaid hosting", packages=PACKAGES, **values):
        return cls._create_plan(
            name,
            [
                {"product_id": cls.hosting.id},
                {"product_id": cls.setup_fee.id, "charge_type": "setup", "price_unit": 10.0},
                {"product_id": cls.domain.id, "is_optional": True},
            ],
            is_prepaid=True,
            package_ids=[
                Command.create({"length_count": length, "length_unit": unit, "bonus": bonus})
                for length, unit, bonus in packages
            ],
            **values,
        )

    def _sell(self, date_start="2026-02-28", plan=None, **values):
        """A contract whose first term has been billed and paid."""
        subscription = self._create_subscription(
            plan or self.prepaid, date_start=date_start, **values
        )
        moves = self._bill(subscription, date_start)
        if moves.state == "draft":
            moves.action_post()
        self._pay_by_bank(moves)
        return subscription

    def _pay_by_bank(self, move):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()

    def _package(self, length, plan=None):
        return (plan or self.prepaid).package_ids.filtered(lambda p: p.length_count == length)
