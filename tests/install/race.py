"""Plays scenarios of several transactions at once in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from suite import databases, templates

FOLDER = Path(__file__).parent


def database(module="subscription_base"):
    """A database with a module; for a fixture."""
    name = databases.temporary("install") + "_race"
    databases.clone(templates.suite_for([module]), name)
    yield name
    databases.drop(name)


def play(script, scenario, database):
    """Run a script of this folder.

    :return: what it prints last, a JSON object.
    """
    environment = {**os.environ, "PGDATABASE": database, "SUITE_DATABASE": database}
    path = [str(FOLDER.parents[1] / "tools"), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    done = subprocess.run(
        [sys.executable, FOLDER / script, scenario],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
