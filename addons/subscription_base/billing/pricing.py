"""What a quantity costs: the pricing models."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from .percentage import Percentage
from .steps import Step, StepKind
from .tiers import Tier, check_tiers, graduated_steps, package_step, volume_steps

_NONE = Decimal(0)
_WHOLE = Fraction(1)


class PricingModel(str, Enum):
    """How a quantity becomes a price (requirement PA-03)."""

    FLAT = "flat"
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"
    PACKAGE = "package"
    PERCENTAGE = "percentage"
    GRADUATED_PERCENTAGE = "graduated_percentage"


TIERED = (PricingModel.GRADUATED, PricingModel.VOLUME, PricingModel.GRADUATED_PERCENTAGE)


@dataclass(frozen=True)
class Pricing:
    """The price rule of a line. Prices are in the subscription's currency.

    :param price: of one unit, of the whole (flat), of one package, or the fee of one transaction
        (percentage); tiers have their own.
    :param included: quantity a period that is not charged (requirements PA-05, PA-25); the free
        volume of a percentage.
    :param discount: percent, 0 to 100, of all but the minimum and maximum.
    :param tiers: in the order of their limits, the last one open; of tiered models.
    :param package_size: units in a package; of ``PACKAGE``.
    :param percent: of the quantity; of ``PERCENTAGE``.
    :param free_events: number of transactions a period that are free; of ``PERCENTAGE``.
    :param transaction_minimum: least price of a paid transaction; of ``PERCENTAGE``.
    :param transaction_maximum: highest price of a transaction; of ``PERCENTAGE``.
    :param minimum: what a full period costs at least.
    :param maximum: what a full period costs at most.
    :raises ValueError: when tiers or package size are missing or wrong.
    """

    price: Decimal
    model: PricingModel = PricingModel.PER_UNIT
    included: Decimal = _NONE
    discount: Decimal = _NONE
    tiers: tuple[Tier, ...] = ()
    package_size: Decimal | None = None
    percent: Decimal = _NONE
    free_events: int | None = None
    transaction_minimum: Decimal | None = None
    transaction_maximum: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self):
        if self.model in TIERED:
            check_tiers(self.tiers)
        if self.model is PricingModel.PACKAGE and not (self.package_size or 0) > 0:
            raise ValueError("a package holds more than 0 units")

    @property
    def is_simple(self) -> bool:
        """Whether quantity times price, less the discount, is all there is to it."""
        plain = self.model in (PricingModel.FLAT, PricingModel.PER_UNIT)
        return plain and self.minimum is None and self.maximum is None

    def billable(self, quantity: Decimal, events: Sequence[Decimal] = ()) -> Decimal:
        """The part of ``quantity`` that is charged."""
        if self.model is PricingModel.PERCENTAGE:
            paid = self._percentage.transactions(_volumes(quantity, events))
            return sum((one.volume for one in paid), _NONE)
        return max(quantity - self.included, _NONE) if self.included else quantity

    def amount(
        self,
        quantity: Decimal,
        events: Sequence[Decimal] = (),
        share: Fraction = _WHOLE,
    ) -> Decimal:
        """The exact, unrounded price of ``quantity`` for one period.

        :param events: the volume of each transaction, in their order, of a percentage; without
            them ``quantity`` is one transaction.
        :param share: the part of a full period that the quantity was measured in; it prorates
            the minimum and the maximum.
        """
        return sum((step.amount for step in self.parts(quantity, events, share)), _NONE)

    def parts(
        self,
        quantity: Decimal,
        events: Sequence[Decimal] = (),
        share: Fraction = _WHOLE,
    ) -> list[Step]:
        """The steps that sum to the :meth:`amount`, in the order in which they are worked out."""
        steps = list(self._base_steps(quantity, events))
        if self.discount:
            amount = -_total(steps) * self.discount / 100
            steps.append(Step(StepKind.DISCOUNT, amount, rate=self.discount))
        steps += _limit_steps(_total(steps), self.minimum, self.maximum, share)
        return steps

    def _base_steps(self, quantity: Decimal, events: Sequence[Decimal]) -> Iterator[Step]:
        units = quantity if self.model is PricingModel.PERCENTAGE else self.billable(quantity)
        match self.model:
            case PricingModel.FLAT:
                yield Step(StepKind.FLAT, self.price, rate=self.price)
            case PricingModel.PER_UNIT:
                yield Step(StepKind.UNITS, units * self.price, units, self.price)
            case PricingModel.GRADUATED:
                yield from graduated_steps(self.tiers, units)
            case PricingModel.VOLUME:
                yield from volume_steps(self.tiers, units)
            case PricingModel.PACKAGE:
                yield package_step(max(units, _NONE), self.package_size, self.price)
            case PricingModel.PERCENTAGE:
                yield from self._percentage.steps(_volumes(units, events))
            case PricingModel.GRADUATED_PERCENTAGE:
                yield from map(_in_percent, graduated_steps(self.tiers, units))

    @property
    def _percentage(self) -> Percentage:
        return Percentage(
            percent=self.percent,
            fee=self.price,
            free_events=self.free_events,
            free_volume=self.included or None,
            minimum=self.transaction_minimum,
            maximum=self.transaction_maximum,
        )


def _volumes(quantity: Decimal, events: Sequence[Decimal]) -> Sequence[Decimal]:
    return events or ((quantity,) if quantity else ())


def _in_percent(step: Step) -> Step:
    if step.kind is StepKind.FLAT:
        return step
    return Step(StepKind.PERCENT, step.amount / 100, step.units, step.rate, tier=step.tier)


def _limit_steps(
    total: Decimal, minimum: Decimal | None, maximum: Decimal | None, share: Fraction
) -> Iterator[Step]:
    """What is missing to the minimum, and what is beyond the maximum."""
    if minimum is not None and total < (floor := _part(minimum, share)):
        yield Step(StepKind.MINIMUM, floor - total, rate=floor)
        total = floor
    if maximum is not None and total > (cap := _part(maximum, share)):
        yield Step(StepKind.MAXIMUM, cap - total, rate=cap)


def _part(limit: Decimal, share: Fraction) -> Decimal:
    return limit * share.numerator / share.denominator


def _total(steps: Iterable[Step]) -> Decimal:
    return sum((step.amount for step in steps), _NONE)
