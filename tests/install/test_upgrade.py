"""A database of version 19.0.1.0.0 is brought up to date and goes on billing."""

import pytest
import race
from odoo_log import complaints

from suite.odoo_cli import odoo

MODULE = "subscription_base"
ATTEMPTS = {
    "done": ["succeeded"],
    "refused": ["failed"],
    "silent": ["unknown"],
    "pending": ["pending"],
}

database = pytest.fixture(race.database)


def test_what_was_tried_is_not_charged_again(database):
    before = race.play("upgrade.py", "before", database)
    assert len(before.pop("charged")) == 2, before
    arguments = ["-d", database, "-u", MODULE, "--stop-after-init", "--no-http"]
    assert complaints(odoo(f"upgrade {MODULE}", *arguments, log=f"upgrade-{MODULE}")) == []

    after = race.play("upgrade.py", "after", database)
    later, again = after["later"], after["charged_again"]
    assert {name: after[name] for name in before} == before
    assert {name: found["attempts"] for name, found in before.items()} == ATTEMPTS
    assert (after["messages"], after["activities"], again) == (0, 0, {}), after
    for name, found in before.items():
        assert found["binding"] and found["movements"] == ["new"], found
        assert found["recurring"] == found["recorded"] > 0, found
        assert later[name]["invoices"] == found["invoices"] + 1, after
        assert later[name]["attempts"] == [*ATTEMPTS[name], "succeeded"], after
    assert len(after["charged"]) == len(before), after
