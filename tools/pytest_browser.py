"""pytest plugin for the Odoo runs: several workers share a filestore, and browsers may be slow."""

import signal

import pytest

from suite.process import die_with_parent

BROWSER_START_SECONDS = 60


def pytest_configure(config):
    # an xdist worker must not outlive the process that started it
    if hasattr(config, "workerinput"):
        die_with_parent(signal.SIGTERM)


@pytest.fixture(scope="session", autouse=True)
def patient_browser():
    """Odoo skips a test when Chromium takes more than ten seconds to start: wait longer."""
    from odoo.tests import common

    common.CHECK_BROWSER_ITERATIONS = int(BROWSER_START_SECONDS / common.CHECK_BROWSER_SLEEP)
    prepare = getattr(common, "_preexec", None)

    def prepare_and_tie():
        if prepare:
            prepare()
        die_with_parent(signal.SIGKILL)

    common._preexec = prepare_and_tie


@pytest.fixture(scope="session", autouse=True)
def kept_filestore():
    """Odoo collects unused files after each class: the workers share them, so all are kept.

    What one worker does not know of, such as assets of the moment, another one is serving. The
    files go with the database.
    """
    from odoo.tests import common

    common.TransactionCase._gc_filestore = classmethod(lambda cls: None)
