"""A German company (SKR03) with customers and two monthly services at 19 % tax."""

from datetime import date, datetime

from odoo.fields import Command

INVOICE_DATE = date(2026, 3, 1)
PRICES = (19.99, 4.9)


class Scenario:
    """What all ways of invoicing share.

    :param env: environment of the superuser
    :param int size: number of customers
    """

    def __init__(self, env, size):
        germany = env.ref("base.de")
        # a company that is created in a country would install that country's modules
        self.company = env["res.company"].create(
            {"name": f"Benchmark {datetime.now()}", "currency_id": env.ref("base.EUR").id}
        )
        self.company.country_id = germany
        env["account.chart.template"].try_loading(
            "de_skr03", company=self.company, install_demo=False
        )
        self.env = env = env(
            context={**env.context, "allowed_company_ids": self.company.ids, "lang": "en_US"}
        )
        self.company = self.company.with_env(env)
        self.tax = env["account.tax"].search(
            [
                ("company_id", "=", self.company.id),
                ("type_tax_use", "=", "sale"),
                ("amount", "=", 19),
            ],
            limit=1,
        )
        self.products = env["product.product"].create(
            [
                {
                    "name": f"Service {number}",
                    "type": "service",
                    "list_price": price,
                    "taxes_id": [Command.set(self.tax.ids)],
                }
                for number, price in enumerate(PRICES, 1)
            ]
        )
        self.partners = env["res.partner"].create(
            [
                {
                    "name": f"Customer {number:04}",
                    "country_id": germany.id,
                    "zip": "10115",
                    "city": "Berlin",
                    "is_company": True,
                    "property_payment_term_id": env.ref("account.account_payment_term_30days").id,
                }
                for number in range(size)
            ]
        )
        env.cr.commit()

    def get_line_values(self, number, product, price):
        """Return product, name, quantity and price of a line; quantities differ by customer."""
        return {
            "product_id": product.id,
            "name": f"{product.name}\nService period 03/01/2026 - 03/31/2026",
            "quantity": 1 + number % 7,
            "price_unit": price,
        }

    def get_invoice_values(self):
        """Return the values of one invoice a customer, as ``account.move.create`` takes them."""
        return [
            {
                "move_type": "out_invoice",
                "company_id": self.company.id,
                "partner_id": partner.id,
                "currency_id": self.company.currency_id.id,
                "invoice_date": INVOICE_DATE,
                "invoice_line_ids": [
                    Command.create(self.get_line_values(number, product, price))
                    for product, price in zip(self.products, PRICES, strict=True)
                ],
            }
            for number, partner in enumerate(self.partners)
        ]
