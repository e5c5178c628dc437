"""The two hundred customers: consumers, businesses, Austrian and American ones."""

import random

from demo import keys, names, provider, taxes

SEED = 2026
#: How a customer pays: by saved method (and what the provider answers), or by bank transfer.
PAYING = {
    "token": 0.11,
    "token pending": 0.02,
    "token error": 0.02,
    "transfer": 0.73,
    "late transfer": 0.09,
    "never": 0.03,
}
ANSWERS = {"token": "done", "token pending": "pending", "token error": "error"}
#: Kind, how many, and their plans with the share of each.
KINDS = (
    ("american", 16, {"monitoring": 1}),
    ("austrian", 15, {"team_planner": 6, "maintenance": 4, "hosting_yearly": 5}),
    (
        "german",
        74,
        {"team_planner": 26, "support": 16, "maintenance": 12, "phone": 10, "hosting_yearly": 10},
    ),
    (
        "consumer",
        95,
        {"hosting_monthly": 28, "gym": 22, "newspaper": 22, "game_server": 6, "phone": 17},
    ),
)
SECOND_PLANS = {"german": "phone", "consumer": "hosting_monthly"}
SECOND_SHARE = 0.18
ENGLISH_EVERY = 3  # so many consumers read English: there is a document of each kind in it
STORAGE_EVERY = 12  # of the German businesses one takes cloud storage, too


class Customer:
    """What is known of a customer before it is created; always the same for a number."""

    def __init__(self, number, kind, plan):
        self.number, self.kind = number, kind
        self.key = f"customer_{number:03}"
        self.rng = random.Random(f"{SEED}-{number}")
        self.paying = self.rng.choices([*PAYING], [*PAYING.values()])[0]
        self.plans = [plan]
        second = SECOND_PLANS.get(kind)
        if second and second != plan and self.rng.random() < SECOND_SHARE:
            self.plans.append(second)

    def values(self, env):
        """Values of the partner."""
        makers = {
            "american": self._american,
            "austrian": self._austrian,
            "german": self._german,
            "consumer": self._consumer,
        }
        return {
            "email": f"customer{self.number:03}@example.com",
            "customer_rank": 1,
            **makers[self.kind](env),
        }

    def _american(self, env):
        return {
            "name": names.company(self.number, "Inc."),
            "is_company": True,
            "country_id": env.ref("base.us").id,
            "lang": "en_US",
            "property_product_pricelist": env.ref("subscription_base.demo_pricelist_usd").id,
            **names.address(self.number, names.AMERICAN_CITIES),
        }

    def _austrian(self, env):
        return {
            "name": names.company(self.number, "GesmbH"),
            "is_company": True,
            "country_id": env.ref("base.at").id,
            "lang": "de_DE",
            "vat": names.austrian_vat(self.number),
            "property_account_position_id": taxes.service_position(env, env.company).id,
            **names.address(self.number, names.AUSTRIAN_CITIES),
        }

    def _german(self, env):
        return {
            "name": names.company(self.number),
            "is_company": True,
            "country_id": env.ref("base.de").id,
            "lang": "de_DE",
            "vat": names.german_vat(self.number),
            **names.address(self.number, names.GERMAN_CITIES),
        }

    def _consumer(self, env):
        return {
            "name": names.person(self.number),
            "country_id": env.ref("base.de").id,
            "lang": "de_DE" if self.number % ENGLISH_EVERY else "en_US",
            **names.address(self.number, names.GERMAN_CITIES),
        }


def everybody():
    """The customers of the demo, always the same.

    :rtype: list[Customer]
    """
    customers = []
    for kind, count, plans in KINDS:
        wanted = [plan for plan, share in plans.items() for _number in range(share)]
        for number in range(count):
            plan = wanted[number * len(wanted) // count]
            customers.append(Customer(len(customers) + 1, kind, plan))
            if kind == "german" and not number % STORAGE_EVERY:
                customers[-1].plans.append("storage")
    return customers


def create(env, customers):
    """The partners of the customers and the payment methods that they have saved.

    :return: partners and tokens by the customers' keys.
    """
    partners = keys.ensure(env, "res.partner", {c.key: c.values(env) for c in customers})
    demo = provider.enable(env, env.company)
    tokens = keys.ensure(
        env,
        "payment.token",
        {
            f"token_{customer.number:03}": provider.token_values(
                demo, partners[customer.key], ANSWERS[customer.paying], customer.number
            )
            for customer in customers
            if customer.paying in ANSWERS
        },
    )
    return partners, tokens
