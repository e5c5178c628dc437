"""Invoices by our billing run: due subscriptions -> charges -> drafts -> posted."""

from scenario import INVOICE_DATE, PRICES

from odoo.fields import Command


class BillingRun:
    name = "billing run"

    def __init__(self, scenario):
        self.scenario = scenario
        self.moves = None
        env = scenario.env
        self.plan = env["subscription.plan"].create(
            {
                "name": "Monthly",
                "company_id": scenario.company.id,
                "component_ids": [
                    Command.create({"product_id": product.id, "price_unit": price})
                    for product, price in zip(scenario.products, PRICES, strict=True)
                ],
            }
        )
        self.plan.action_activate()

    def prepare(self, _number):
        """Start a subscription a customer that is due once: it ends with its first period."""
        env = self.scenario.env
        subscriptions = env["subscription.subscription"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.scenario.company.id,
                    "plan_id": self.plan.id,
                    "date_start": INVOICE_DATE,
                    "line_ids": [
                        Command.create(self._get_line_values(number, component))
                        for component in self.plan.component_ids
                    ],
                }
                for number, partner in enumerate(self.scenario.partners)
            ]
        )
        subscriptions.action_start()
        env.cr.commit()
        env.invalidate_all()

    def _get_line_values(self, number, component):
        values = self.scenario.get_line_values(number, component.product_id, component.price_unit)
        return component._prepare_subscription_line_values() | {"quantity": values["quantity"]}

    def run(self):
        self.scenario.company.subscription_bill_ahead = True
        run = self.scenario.env["subscription.billing.run"].create(
            {"company_id": self.scenario.company.id, "date": INVOICE_DATE}
        )
        run._process()
        self.moves = run._get_invoices()
