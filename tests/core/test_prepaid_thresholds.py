"""Who is told that a pack is nearly used up."""

from decimal import Decimal

import pytest

from prepaid import ThresholdWarning, due_threshold


@pytest.mark.parametrize(
    ("used", "served", "due"),
    [
        ("79.9", (), None),
        ("80", (), ThresholdWarning(80)),
        ("99", (80,), None),
        ("100", (80,), ThresholdWarning(100)),
        ("100", (), ThresholdWarning(100, (80,))),
        ("85", (100, 80), None),
        ("85", (100,), None),
    ],
)
def test_each_threshold_is_told_once_and_the_highest_only(used, served, due):
    assert due_threshold(Decimal(used), Decimal(100), (80, 100), served) == due


def test_without_thresholds_nobody_is_told():
    assert due_threshold(Decimal(100), Decimal(100), (), ()) is None
