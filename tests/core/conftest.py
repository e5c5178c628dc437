"""The functional cores are imported as ``billing`` and ``prepaid``, without Odoo."""

import os
import sys
from pathlib import Path

from hypothesis import settings

ADDONS = Path(__file__).resolve().parents[2] / "addons"
for add_on in ("subscription_base", "subscription_prepaid"):
    if str(ADDONS / add_on) not in sys.path:
        sys.path.insert(0, str(ADDONS / add_on))

COMMON = {"deadline": None, "database": None}
settings.register_profile("default", max_examples=80, derandomize=True, **COMMON)
settings.register_profile("thorough", max_examples=5000, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "requirement(id): the test shows the acceptance values of this requirement"
    )
