"""Pictures of bonus credit, deposits, packs of units and final settlements."""

from . import balances
from .kinds import Picture
from .pictures_life import FORM, listed, tab

PICTURES = (
    listed("bonus-list", balances.bonuses),
    listed("pack-list", balances.packs),
    Picture("subscription-packs", balances.contract_with_pack, FORM, clicks=(tab("packs"),)),
    Picture("subscription-deposit", balances.deposit, f"{FORM} .o_data_row"),
    Picture(
        "deposit-wizard",
        balances.deposit,
        FORM,
        clicks=(".o_statusbar_buttons button:not([name^='action_'])",),
    ),
    listed("deposit-requests", balances.deposit_requests),
    listed("settlement-list", balances.settlements),
)
