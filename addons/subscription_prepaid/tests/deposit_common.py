from .common import WalletCommon


class DepositCommon(WalletCommon):
    """A plan at 30.00 a month without taxes that asks for a deposit of 100.00 at the start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hosting.taxes_id = False
        cls.deposit = cls._create_service("Deposit", 100.0)  # with the taxes of any product
        cls.deposit_plan = cls._create_deposit_plan("Rented router")

    @classmethod
    def _create_deposit_plan(cls, name, amount=100.0, **values):
        return cls._create_plan(
            name,
            [
                {"product_id": cls.hosting.id},
                {
                    "product_id": cls.deposit.id,
                    "charge_type": "deposit",
                    "price_unit": amount,
                    **values,
                },
            ],
        )

    def _subscribe(self, plan=None, **values):
        return self._create_subscription(plan or self.deposit_plan, "2026-03-10", **values)

    def _get_request(self, subscription):
        return subscription._get_deposit_requests()

    def _pay_request(self, subscription, amount=None):
        request = self._get_request(subscription)
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=request.ids
        )
        register.create({"amount": amount} if amount else {})._create_payments()
        self.env.invalidate_all()
        return request

    def _bill_today(self, subscription):
        """An open invoice of 30.00 of the subscription."""
        return self._bill(subscription, "2026-03-10")
