"""Is there room? Asked before anything is downloaded, so that nothing ends half-way."""

import os
import shutil

from .console import Problem
from .settings import DEV, VENV

#: Megabytes that each part of a set-up takes up in the end, archives and work space included.
MEGABYTES = {"python": 420, "odoo": 600, "databases": 500}


def missing_megabytes():
    """What a set-up would still add to the disk."""
    missing = 0
    if not (VENV / ".complete").exists():
        missing += MEGABYTES["python"]
    if not os.environ.get("ODOO_PATH") and not (DEV / "odoo" / ".complete").exists():
        missing += MEGABYTES["odoo"]
    if not os.environ.get("PGHOST") and not (DEV / "pg").exists():
        missing += MEGABYTES["databases"]
    return missing


def require_space(missing=None):
    """Stop with one line when the disk cannot hold what is still missing."""
    missing = missing_megabytes() if missing is None else missing
    free = shutil.disk_usage(DEV).free // 2**20
    if missing and free < missing:
        raise Problem(
            f"not enough disk space: {missing} MB are needed in {DEV}, {free} MB are free "
            "(DEV_DIR=/some/where/else moves it)"
        )
