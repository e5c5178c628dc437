"""`tools/run COMMAND`: what the make targets call."""

import errno
import os
import sys

from . import locks, process
from .commands import COMMANDS, usage
from .console import Problem, console
from .process import CommandFailed, Interrupted
from .settings import DEV


def main(arguments):
    """Run one command; every foreseeable problem ends in one line and a non-zero exit code."""
    os.umask(0o022)
    name, rest = (arguments or ["help"])[0], arguments[1:]
    if name in ("help", "-h", "--help"):
        print(usage())
        return 0
    if name not in COMMANDS:
        print(f"error: there is no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    process.handle_signals()
    try:
        DEV.mkdir(parents=True, exist_ok=True)
        with locks.registered(name):
            return COMMANDS[name](rest) or 0
    except Problem as problem:
        return fail(str(problem))
    except CommandFailed as failed:
        end = " / ".join(failed.output.strip().splitlines()[-2:])
        return fail(f"{failed}: {end[:300]}")
    except KeyboardInterrupt:
        return fail("interrupted", 130)
    except Interrupted as interrupted:
        return fail("stopped", interrupted.exit_code)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return fail(f"the disk is full: {error.filename or DEV}")
        return fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    finally:
        process.stop_all()


def fail(text, code=1):
    """Print the one line and return the exit code."""
    console.clear()
    print(f"error: {text}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
