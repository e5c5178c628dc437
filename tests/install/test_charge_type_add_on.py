"""A charge type of one's own: an add-on with one file, and one that leaves a duty out."""

import re
import shutil

import pytest
from odoo_log import complaints

from suite import databases, templates
from suite.console import Problem
from suite.odoo_cli import odoo
from suite.settings import ADDONS, ROOT

TEST_ADDONS = ROOT / "tests" / "addons"
MODULE = "subscription_test_charge_type"
ABORT = "_abort_instalments"
CONTRACT_TESTS, OWN_TESTS = 9, 5


@pytest.fixture
def database():
    name = f"{databases.temporary('install')}_charge_type"
    databases.clone(templates.suite_for(["subscription_base"]), name)
    yield name
    databases.drop(name)


def install(database, folder, *options):
    path = f"--addons-path={ADDONS},{folder}"
    arguments = ["-d", database, path, "-i", MODULE, "--stop-after-init", "--no-http", *options]
    return odoo(f"install {MODULE}", *arguments, log=f"install-{MODULE}")


@pytest.mark.requirement(
    "SM-10", "SM-11", "SM-16", "SM-18", "SM-23", "SM-24", "SM-25", "SM-37", "SM-38", "K3-43"
)
def test_an_add_on_brings_a_charge_type_in_one_file(database):
    files = [path.name for path in (TEST_ADDONS / MODULE).glob("*.py")]
    assert sorted(files) == ["__init__.py", "__manifest__.py"]
    log = install(database, TEST_ADDONS, f"--test-tags=/{MODULE}")
    assert complaints(log) == []
    assert f"0 failed, 0 error(s) of {CONTRACT_TESTS + OWN_TESTS} tests" in log


@pytest.mark.requirement("K3-43")
def test_the_hooks_of_the_sample_are_documented_and_those_documented_exist():
    source = (TEST_ADDONS / MODULE / "__init__.py").read_text()
    answered = re.findall(r"def (_\w+)_instalments\(", source)
    assert "_rate" in answered
    documented = (ROOT / "docs" / "charge-types.md").read_text()
    assert [hook for hook in answered if f"`{hook}_<type>(" not in documented] == []
    table = (ROOT / "docs" / "billing-core.md").read_text().split("## Hooks")[1]
    hooks = re.findall(r"`(_[a-z_]+)`", table)
    assert "_get_timeline" in hooks
    models = "".join(path.read_text() for path in ADDONS.glob("*/models/*.py"))
    assert [hook for hook in hooks if f"def {hook}(" not in models] == []


@pytest.mark.requirement("SM-64")
def test_a_charge_type_without_abort_is_not_installed(database, tmp_path):
    module = tmp_path / MODULE
    shutil.copytree(TEST_ADDONS / MODULE, module)
    source = module / "__init__.py"
    source.write_text(source.read_text().replace(ABORT, "_stop_instalments"))
    with pytest.raises(Problem, match=ABORT):
        install(database, tmp_path)
    state = databases.sql(f"select state from ir_module_module where name = '{MODULE}'", database)  # noqa: S608
    assert "installed" not in state.split()
