"""Prices in words, in the language and notation of the reader."""

from decimal import Decimal

from odoo.tools import get_lang
from odoo.tools.misc import formatLang

from ..billing import PricingModel, StepKind

MAX_DIGITS = 8
SPACE = "\N{NO-BREAK SPACE}"


def quantity_text(env, quantity):
    """A quantity with as many decimals as it has."""
    return env["res.lang"].browse(get_lang(env).id).format("%.12g", quantity, grouping=True)


def percent_text(env, percent):
    return f"{quantity_text(env, percent)}{SPACE}%"


def money_text(env, currency, price):
    """A price in ``currency``, with more decimals than it has where the price needs them."""
    places = -Decimal(str(round(price, MAX_DIGITS))).normalize().as_tuple().exponent
    number = formatLang(env, price, digits=max(places, currency.decimal_places))
    if currency.position == "before":
        return f"{currency.symbol}{SPACE}{number}"
    return f"{number}{SPACE}{currency.symbol}"


class PriceText:
    """What a price rule says, and how a price came about.

    :param currency: the ``res.currency`` of all prices.
    """

    def __init__(self, env, currency):
        self.env = env
        self.currency = currency

    def money(self, price):
        return money_text(self.env, self.currency, float(price))

    def quantity(self, quantity):
        return quantity_text(self.env, float(quantity))

    def percent(self, percent):
        return percent_text(self.env, float(percent))

    # What is agreed

    def rule(self, pricing):
        """The price rule in one line, such as "1-10: 5.00, from 11: 4.00"."""
        return ", ".join([self._price(pricing), *self._limits(pricing)])

    def _price(self, pricing):
        match pricing.model:
            case PricingModel.GRADUATED | PricingModel.GRADUATED_PERCENTAGE:
                return self._tiers(pricing)
            case PricingModel.VOLUME:
                return self.env._("by the total quantity, %s", self._tiers(pricing))
            case PricingModel.PACKAGE:
                return self._package(pricing.price, pricing.package_size)
            case PricingModel.PERCENTAGE:
                return self._percentage(pricing)
            case _:
                return self.money(pricing.price)

    def _package(self, price, size):
        return self.env._(
            "%(price)s per started %(size)s", price=self.money(price), size=self.quantity(size)
        )

    def _tiers(self, pricing):
        texts, lower = [], Decimal(0)
        for tier in pricing.tiers:
            texts.append(f"{self._range(lower, tier.up_to)}: {self._tier_price(pricing, tier)}")
            lower = tier.up_to
        return ", ".join(texts)

    def _range(self, lower, upper):
        """The quantities of a tier; those between whole numbers only where limits are."""
        is_whole = lower == int(lower)
        if upper is None and not lower:
            return self.env._("any quantity")
        if upper is None:
            return (
                self.env._("from %s", self.quantity(lower + 1))
                if is_whole
                else self.env._("over %s", self.quantity(lower))
            )
        if is_whole and upper == int(upper):
            first, last = self.quantity(lower + 1), self.quantity(upper)
            return last if first == last else f"{first}-{last}"
        return self.env._("up to %s", self.quantity(upper))

    def _tier_price(self, pricing, tier):
        texts = []
        if pricing.model is PricingModel.GRADUATED_PERCENTAGE:
            texts.append(self.percent(tier.unit_price))
        elif tier.package_size:
            texts.append(self._package(tier.unit_price, tier.package_size))
        elif tier.unit_price or not tier.flat:
            texts.append(self.money(tier.unit_price))
        if tier.flat:
            texts.append(self.env._("%s flat", self.money(tier.flat)))
        return " + ".join(texts)

    def _percentage(self, pricing):
        texts = [self.percent(pricing.percent)]
        if pricing.price:
            texts.append(self.env._("%s per transaction", self.money(pricing.price)))
        texts = [" + ".join(texts)]
        if pricing.transaction_minimum is not None:
            limit = self.money(pricing.transaction_minimum)
            texts.append(self.env._("at least %s per transaction", limit))
        if pricing.transaction_maximum is not None:
            limit = self.money(pricing.transaction_maximum)
            texts.append(self.env._("at most %s per transaction", limit))
        if pricing.free_events:
            texts.append(self.env._("the first %s transactions free", pricing.free_events))
        return ", ".join(texts)

    def _limits(self, pricing):
        if pricing.minimum is not None:
            yield self.env._("at least %s per period", self.money(pricing.minimum))
        if pricing.maximum is not None:
            yield self.env._("at most %s per period", self.money(pricing.maximum))

    # What was charged

    def steps(self, steps):
        """How a price came about, such as "10 x 5.00 + 5 x 4.00"."""
        texts = [self._step(step) for step in steps if step.amount or step.units]
        return " ".join(texts).removeprefix("+ ")

    def _step(self, step):
        text = self._step_text(step)
        return f"- {text}" if step.amount < 0 else f"+ {text}"

    def _step_text(self, step):
        units, amount = self.quantity(step.units), self.money(abs(step.amount))
        values = {"amount": amount, "limit": self.money(step.rate)}
        match step.kind:
            case StepKind.UNITS:
                return f"{units} × {self.money(step.rate)}"
            case StepKind.PACKAGES:
                size = self.quantity(step.size)
                return self.env._(
                    "%(packages)s × %(price)s (each %(size)s started)",
                    packages=units,
                    price=self.money(step.rate),
                    size=size,
                )
            case StepKind.PERCENT:
                return self.env._(
                    "%(percent)s of %(volume)s",
                    percent=self.percent(step.rate),
                    volume=self.quantity(step.units),
                )
            case StepKind.DISCOUNT:
                return self.env._("%s discount", self.percent(step.rate))
            case StepKind.MINIMUM:
                return self.env._("%(amount)s to the minimum of %(limit)s", **values)
            case StepKind.MAXIMUM:
                return self.env._("%(amount)s above the maximum of %(limit)s", **values)
            case StepKind.FEE:
                return self.env._(
                    "%(count)s transactions × %(fee)s", count=units, fee=self.money(step.rate)
                )
            case StepKind.TRANSACTION_MINIMUM | StepKind.TRANSACTION_MAXIMUM:
                return self.env._("%s by the limit per transaction", amount)
            case _:
                return self.env._("%s flat", amount)
