"""From quotation to subscription, the way a salesperson does it."""

from datetime import datetime, time, timedelta

from odoo.fields import Command

from demo import catalogue, keys

BATCH = 40
LAST_MONTHS_WITHOUT_STARTS = 4  # so that there is something to bill
QUANTITIES = {"team_planner": (2, 14), "game_server": (8, 40), "monitoring": (1, 5)}
EXTRA_DOMAIN_SHARE = 0.3


class Sale:
    """One order: who buys which plan, how many, and from when."""

    def __init__(self, customer, number, plan, year):
        rng = customer.rng
        self.customer, self.plan = customer, plan
        self.key = f"order_{customer.number:03}_{number}"
        month = rng.randrange(12 - LAST_MONTHS_WITHOUT_STARTS)
        self.start = year.day(month, rng.choice((1, 1, 4, 9, 15, 17, 22, 28, 31)))
        self.quantity = rng.randint(*QUANTITIES.get(plan, (1, 1)))
        self.extra_domains = (
            rng.randint(1, 3)
            if plan.startswith("hosting") and rng.random() < EXTRA_DOMAIN_SHARE
            else 0
        )

    def values(self, env, partners):
        """Values of the quotation: only what the salesperson enters; the plan brings the rest."""
        return {
            "partner_id": partners[self.customer.key].id,
            "subscription_start_date": self.start,
            "order_line": [
                Command.create(
                    {
                        "product_id": plan.main_component_id.product_id.id,
                        "subscription_plan_id": plan.id,
                        "product_uom_qty": self.quantity,
                    }
                )
                for plan in catalogue.plan(env, self.plan)
            ],
        }

    @property
    def signed(self):
        """When the customer signed: some days before the start, in the morning."""
        return datetime.combine(self.start - timedelta(days=3), time(9, 30))


def all_sales(customers, year):
    return [
        Sale(customer, number, plan, year)
        for customer in customers
        for number, plan in enumerate(customer.plans)
    ]


def sell(env, sales, partners, tokens, salesperson, said):
    """Quote and confirm what has not been sold yet.

    :param said: called with the number of orders after each batch.
    :return: the subscriptions by the sales' keys.
    """
    found = keys.find(env, "sale.order", [sale.key for sale in sales])
    missing = [sale for sale in sales if sale.key not in found]
    seller = env(user=salesperson.id, su=False)
    for first in range(0, len(missing), BATCH):
        batch = missing[first : first + BATCH]
        orders = seller["sale.order"].create([sale.values(seller, partners) for sale in batch])
        for sale, order in zip(batch, orders, strict=True):
            _take_extra_domains(sale, order)
        orders.action_confirm()
        for sale, order in zip(batch, orders, strict=True):
            order.date_order = sale.signed
        _save_payment_methods(batch, orders.sudo(), tokens)
        keys.remember(orders.sudo(), [sale.key for sale in batch])
        env.cr.commit()
        said(len(found) + first + len(batch))
    found = keys.find(env, "sale.order", [sale.key for sale in sales])
    return {sale.key: found[sale.key].subscription_ids for sale in sales}


def _take_extra_domains(sale, order):
    """The customer takes the add-on that the quotation offers."""
    if sale.extra_domains:
        domain = catalogue.product(order.env, "domain")
        order.order_line.filtered(
            lambda line: line.product_id == domain
        ).product_uom_qty = sale.extra_domains


def _save_payment_methods(batch, orders, tokens):
    """The customer chooses the saved method for the subscription, as in the portal."""
    for sale, order in zip(batch, orders, strict=True):
        if token := tokens.get(f"token_{sale.customer.number:03}"):
            order.subscription_ids.payment_token_id = token
