"""Worked examples of other billing systems, read from ``tests/vectors/vectors.json``."""

import json
from pathlib import Path

import pytest
import vectors_change
import vectors_prepaid
import vectors_pricing
import vectors_proration
import vectors_schedule
import vectors_terms
from vector_adapters import ADAPTERS

FILE = Path(__file__).resolve().parents[1] / "vectors" / "vectors.json"
VECTORS = {vector["id"]: vector for vector in json.loads(FILE.read_text(encoding="utf-8"))}
MODULES = (
    vectors_schedule, vectors_proration, vectors_change, vectors_terms, vectors_pricing,
    vectors_prepaid,
)  # fmt: skip
COMPLETE_TOPICS = {
    "month_end", "schedule", "proration", "plan_change", "cancel", "notice", "trial", "graduated",
    "volume", "package", "percentage", "rounding", "min_term", "prepaid",
}  # fmt: skip

THIRTY_FOR_ACTUAL_DAYS = "actual days of a 30-day month do not add up to a whole month"
WEIGHTED_UNITS = "ours prorates the price of the full quantity, its flat part included"

NOT_COVERED = {
    "LAGO-MIN-09": "theirs bills once, at lifetime usage; ours whenever the threshold is unbilled",
    "KB-FIX-06": "months of 28 days are no option of ours",
    "KB-FIX-07": "steps from a clamped date; ours always counts from the anchor",
    "KB-PRO-M22": "billing before the start is an empty bill here, not an error",
    "LAGO-GRAD-P2": WEIGHTED_UNITS,
    "LAGO-VOL-P": WEIGHTED_UNITS,
    "LAGO-WAL-09": "balances are ledger accounts: what is not invoiced yet is shown beside them",
    "OM-CRD-09": "units that come anew each period are a component's included quantity",
}

KEYS_NOT_COMPARED = {
    "CB-PRO-01": {"first_invoice_approx": "approximate in the source"},
    "KRT-SCH-01": {"anti_pattern_rebills": "what must not happen"},
    "LAGO-PRO-03": {"legacy_net": "the source's former convention"},
    "ZUO-PRO-04": {"actual_360": THIRTY_FOR_ACTUAL_DAYS},
    "ZUO-PRO-05": {"actual_360": THIRTY_FOR_ACTUAL_DAYS},
    "ZUO-PRO-06": {"actual_360": THIRTY_FOR_ACTUAL_DAYS},
}


def comparable(key, value):
    """The sources list whole periods and parts in either order."""
    return sorted(map(str, value)) if key == "parts" else value


@pytest.mark.parametrize("vector_id", sorted(ADAPTERS))
def test_vector(vector_id):
    vector = VECTORS[vector_id]
    found = ADAPTERS[vector_id](vector["given"])
    for key, expected in vector["expect"].items():
        if key not in KEYS_NOT_COMPARED.get(vector_id, ()):
            assert comparable(key, found[key]) == comparable(key, expected), key


def test_every_vector_of_these_topics_is_run_or_listed():
    ours = {key for key, vector in VECTORS.items() if vector["topic"] in COMPLETE_TOPICS}
    assert ours - set(ADAPTERS) - set(NOT_COVERED) == set()


def test_a_listed_vector_exists_and_is_not_run():
    assert set(NOT_COVERED) | set(ADAPTERS) <= set(VECTORS)
    assert set(NOT_COVERED) & set(ADAPTERS) == set()


def test_a_key_that_is_not_compared_exists_in_a_vector_that_is_run():
    for vector_id, keys in KEYS_NOT_COMPARED.items():
        assert vector_id in ADAPTERS
        assert set(keys) < set(VECTORS[vector_id]["expect"])


def test_the_anti_pattern_of_drifting_month_ends_is_avoided():
    vector = VECTORS["KRT-SCH-01"]
    rebills = ADAPTERS["KRT-SCH-01"](vector["given"])["correct_rebills"]
    assert not set(rebills) & set(vector["expect"]["anti_pattern_rebills"])
