"""One statement in the charge ledger."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from .charge import Charge


@dataclass(frozen=True)
class Entry:
    """A charge in the ledger.

    :param sign: 1 for a charge, -1 for the reversal of (a part of) one. The charge's own amount
        is signed already.
    :param revision: the n-th statement about this line and these days, from 1.
    :param waived: a credit that was given by hand: what it states is settled, so it is neither
        charged nor credited again; see :mod:`waivers`.
    """

    charge: Charge
    sign: int
    revision: int
    waived: bool = False

    @property
    def slice(self) -> tuple[Hashable, date, date]:
        """What is unique together with the revision."""
        return self.charge.line, self.charge.period.start, self.charge.period.end
