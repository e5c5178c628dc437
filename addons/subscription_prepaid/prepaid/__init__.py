"""The functional core of prepayment: packages, balances, allowances and their expiry.

Plain Python over ``date``, ``Decimal`` and ``Fraction``: no database, no framework. Amounts come
out exact; whoever books them rounds them.

:mod:`packages` (what does an extension cost?), :mod:`burn_down` (which credit is used first, and
which use came of which grant?), :mod:`bonus` (what does bonus credit make cheaper?),
:mod:`draw_down` (which usage draws on which pack of units?),
:mod:`expiry_warnings` (who is warned today?), :mod:`recharge` (when is a balance topped up by
itself?), :mod:`instalments` (what is paid by and by?),
:mod:`limitation` (when may what is left be kept?), :mod:`deposits` (what becomes of a deposit?),
:mod:`thresholds` (which share of a pack is used?).
"""

from .bonus import BonusUse, bonus_back, spread, use_bonus
from .burn_down import Grant, Use, balance, burn_down, in_order, kind_order, rolled_over
from .deposits import DepositReturn, settle_deposit
from .draw_down import CoveredUsage, Demand, Draw, DrawDown, Pack, PackState, Rollover, draw_down
from .expiry_warnings import ExpiryWarning, due_warning, warning_days
from .instalments import can_be_split, shares
from .limitation import is_time_barred, limitation_end
from .packages import NOMINAL_DAYS_A_MONTH, Length, list_price, monthly, saving, with_bonus
from .recharge import Crossing, Recharge, RechargeTerms, crossing, recharge
from .thresholds import ThresholdWarning, due_threshold

__all__ = [
    "NOMINAL_DAYS_A_MONTH",
    "BonusUse",
    "CoveredUsage",
    "Crossing",
    "Demand",
    "DepositReturn",
    "Draw",
    "DrawDown",
    "ExpiryWarning",
    "Grant",
    "Length",
    "Pack",
    "PackState",
    "Recharge",
    "RechargeTerms",
    "Rollover",
    "ThresholdWarning",
    "Use",
    "balance",
    "bonus_back",
    "burn_down",
    "can_be_split",
    "crossing",
    "draw_down",
    "due_threshold",
    "due_warning",
    "in_order",
    "is_time_barred",
    "kind_order",
    "limitation_end",
    "list_price",
    "monthly",
    "recharge",
    "rolled_over",
    "saving",
    "settle_deposit",
    "shares",
    "spread",
    "use_bonus",
    "warning_days",
    "with_bonus",
]
