"""`make screenshots [ARGS="name ..."]`: photograph the pages of a copy of the demo database."""

import contextlib
import os
import sys

from photo import image_file
from photo.browser import browser
from photo.pictures import PICTURES
from photo.server import server

from suite import databases, process
from suite.console import Problem, progress, say
from suite.odoo_env import open_env
from suite.process import CommandFailed, Interrupted
from suite.settings import ROOT, shown

IMAGES = ROOT / "docs" / "images"


def main(names):
    """Take the named pictures, or all; return the exit code."""
    wanted = [picture for picture in PICTURES if not names or picture.name in names]
    if unknown := set(names) - {picture.name for picture in PICTURES}:
        known = ", ".join(picture.name for picture in PICTURES)
        raise Problem(f"no picture is called {', '.join(sorted(unknown))}; there are: {known}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with copy_of(os.environ["SUITE_DATABASE"]) as database:
        with progress("screenshots: preparing"), open_env(database, "admin") as env:
            env.user.tour_enabled = False
        taken, failures = 0, []
        with server(database) as running, browser() as devtools:
            for picture in wanted:
                try:
                    path = IMAGES / f"{picture.name}.png"
                    size = image_file.write(picture.take(running, devtools), path)
                    say(f"{shown(path)} ({size / 1000:.0f} kB)")
                    taken += 1
                except Problem as problem:
                    failures.append(f"{picture.name}: {problem}")
            failures += running.errors()
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr, flush=True)
    say(f"{taken} of {len(wanted)} pictures are in {shown(IMAGES)}")
    return 1 if failures else 0


@contextlib.contextmanager
def copy_of(demo):
    """A copy of the demo database that a picture may change; dropped at the end."""
    databases.drop_abandoned("photo")
    name = databases.temporary("photo")
    try:
        databases.clone(demo, name)
    except CommandFailed as failed:
        raise Problem(f"{demo} cannot be copied, is `make serve` running?") from failed
    try:
        yield name
    finally:
        databases.drop(name)


if __name__ == "__main__":
    process.handle_signals()
    try:
        code = main(sys.argv[1:])
    except (Problem, CommandFailed) as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        code = 1
    except Interrupted as interrupted:
        code = interrupted.exit_code
    finally:
        process.stop_all()
    sys.exit(code)
