from .common import WalletCommon


class AllowanceCommon(WalletCommon):
    """A pack of 100 messages at 8.00, valid for three months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.property_product_pricelist = False
        cls.messages = cls._create_service("Messages", 0.1)
        cls.meter = cls._create_meter("messages", unit="messages")
        cls.pack = cls._create_pack(cls.meter)

    @classmethod
    def _create_meter(cls, handle, **values):
        return cls.env["subscription.meter"].create(
            {"name": handle.title(), "handle": handle, **values}
        )

    @classmethod
    def _create_pack(cls, meter, **values):
        product = values.pop("product_id", None) or cls._create_service("100 messages", 8.0).id
        return cls.env["subscription.allowance.pack"].create(
            {
                "product_id": product,
                "meter_id": meter.id,
                "units": 100.0,
                "validity_length": 3,
                "is_self_service": True,
                **values,
            }
        )

    def _metered(self, *components, date_start="2026-01-01", included_qty=0.0, **values):
        """A subscription that charges 10.00 a month and messages, on the first of the month."""
        usage = [
            {
                "product_id": self.messages.id,
                "charge_type": "usage",
                "meter_id": self.meter.id,
                "included_qty": included_qty,
                **one,
            }
            for one in components or ({},)
        ]
        base = {"product_id": self.hosting.id, "price_unit": 10.0}
        plan = self._create_plan("Messaging", [base, *usage])
        return self._create_subscription(plan, date_start, **values)

    def _use(self, subscription, *events):
        """Record events: ``(day, quantity[, dimension])``."""
        return self.env["subscription.usage"].create(
            [
                {
                    "subscription_id": subscription.id,
                    "meter_id": self.meter.id,
                    "date": day,
                    "quantity": quantity,
                    "dimension": more[0] if more else False,
                }
                for day, quantity, *more in events
            ]
        )

    def _lines(self, moves, product):
        return moves.invoice_line_ids.filtered(lambda line: line.product_id == product)

    def _charged(self, subscription):
        """What each period of usage was charged, corrections included."""
        charges = subscription.charge_ids.filtered("measured").sorted("period_start")
        return [sum(found.mapped("amount")) for found in charges.grouped("period_start").values()]

    def _preview(self, subscription, day):
        """What the usage of the invoice of a day comes to."""
        previews = subscription._preview_invoices()
        found = next(preview for preview in previews if str(preview.day) == day)
        charges = found.charges.filtered(lambda charge: charge.product_id == self.messages)
        return sum(charges.mapped("amount"))
