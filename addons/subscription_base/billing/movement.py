"""Movements of recurring revenue, as reports name them."""

from decimal import Decimal
from enum import Enum


class Movement(Enum):
    NEW = "new"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    REACTIVATION = "reactivation"


def classify(
    before: Decimal, delta: Decimal, ended: bool, last: Movement | None
) -> Movement | None:
    """What a change of the recurring revenue of one contract is.

    A contract that goes on at nothing, such as in a pause without a charge, contracts and expands
    again: its customer is not lost. Revenue of a contract that had ended is reactivated.

    :param before: recurring revenue before the change.
    :param delta: by how much it changes.
    :param ended: the contract ends with the change.
    :param last: the movement before, ``None`` when the contract has never had recurring revenue.
    :return: ``None`` when nothing changes.
    """
    if not delta:
        return None
    if delta < 0:
        return Movement.CHURN if ended else Movement.CONTRACTION
    if before or last not in (None, Movement.CHURN):
        return Movement.EXPANSION
    return Movement.REACTIVATION if last else Movement.NEW
