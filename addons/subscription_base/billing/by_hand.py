"""Ledger entries for credit notes that people make."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from .calendar import Period
from .charge import Charge
from .entry import Entry
from .ledger import Revisions, coverage
from .money import round_half_up
from .tariff import Reckoning, Tariff
from .waivers import waivers_by_line


def remaining(ledger: Iterable[Entry], charge: Charge, reckoning: Reckoning) -> Decimal:
    """What of ``charge`` has not been credited, by billing or by hand."""
    return sum((amount for _, amount in _left(list(ledger), charge, reckoning)), Decimal(0))


def credit_by_hand(
    ledger: Iterable[Entry], charge: Charge, amount: Decimal, *, waive: bool, reckoning: Reckoning
) -> list[Entry]:
    """What to add to the ledger for a credit note over (a part of) a charge.

    :param charge: a charge in the ledger; for a negative one, the credit is taken back.
    :param amount: how much is credited, above 0.
    :param waive: the customer does not owe it: it is settled, see :attr:`Entry.waived`. Otherwise
        what is credited completely will be charged again. A part is always waived, because it
        is no longer at the price of a line.
    :raises ValueError: when less than ``amount`` is left of the charge.
    """
    ledger = list(ledger)
    revisions = Revisions(ledger)
    if charge.amount < 0:
        if amount > -charge.amount:
            raise ValueError("more than was credited")
        waive = waive or amount < -charge.amount
        taken_back = replace(charge, amount=amount, **_quantities(charge, waive))
        return [replace(revisions.entry(taken_back, 1), waived=waive)]
    left = _left(ledger, charge, reckoning)
    total = sum((part for _, part in left), Decimal(0))
    if amount > total:
        raise ValueError(f"only {total} is left")
    waive = waive or amount < total
    entries = []
    for period, part in left:
        share = (
            part if amount == total else round_half_up(amount * part / total, reckoning.rounding)
        )
        total, amount = total - part, amount - share
        stated = replace(charge, period=period, amount=-share, **_quantities(charge, waive))
        entries.append(replace(revisions.entry(stated, -1), waived=waive))
    return entries


def taken_back(ledger: Iterable[Entry], entries: Iterable[Entry]) -> list[Entry]:
    """What to add to the ledger when ``entries`` shall have no effect any more."""
    revisions = Revisions(list(ledger))
    return [
        replace(revisions.entry(_negated(entry.charge), -entry.sign), waived=entry.waived)
        for entry in entries
    ]


def stated_again(ledger: Iterable[Entry], charge: Charge) -> Entry:
    """The entry for another invoice over a charge that has been reversed."""
    return Revisions(list(ledger)).entry(charge, 1 if charge.amount >= 0 else -1)


def _quantities(charge: Charge, waive: bool) -> dict[str, Decimal]:
    """Of usage, only what is to be charged again gives its quantity back."""
    if not charge.measured:
        return {}
    sign = 0 if waive else -1
    return {"quantity": sign * charge.quantity, "usage": sign * charge.usage}


def _negated(charge: Charge) -> Charge:
    negated = replace(charge, amount=-charge.amount)
    if charge.measured:
        return replace(negated, quantity=-charge.quantity, usage=-charge.usage)
    return negated


def _left(
    ledger: list[Entry], charge: Charge, reckoning: Reckoning
) -> list[tuple[Period, Decimal]]:
    """The parts of a charge that were not credited, with what is left of their price."""
    if charge.measured:
        slice_ = charge.line, charge.period
        net = sum(
            entry.charge.amount
            for entry in ledger
            if entry.charge.measured and (entry.charge.line, entry.charge.period) == slice_
        )
        return [(charge.period, max(min(net, charge.amount), Decimal(0)))]
    tariff = Tariff.of(charge)
    waivers = waivers_by_line(ledger, reckoning)[charge.line]
    stated = [
        (entry.charge, entry.sign)
        for entry in ledger
        if not entry.waived and not entry.charge.measured and Tariff.of(entry.charge) == tariff
    ]
    return [
        (stretch.period, tariff.amount(stretch, reckoning))
        for period, count in coverage(stated)
        if count > 0 and (part := period.clip(charge.period.start, charge.period.end))
        for stretch in waivers.stretches(part)
        if stretch.share
    ]
