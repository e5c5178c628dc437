"""Debian's package tools: installing a missing library, and finding an archive to download from."""

import os
import re
import shutil
from pathlib import Path

from .console import Problem, progress
from .process import CommandFailed, run


def can_install():
    """May missing system packages be installed here?"""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages):
    """Install system packages (as root only)."""
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with progress(f"system: installing {', '.join(packages)}"):
        try:
            if not any(Path("/var/lib/apt/lists").glob("*Packages*")):
                run(["apt-get", "-q", "update"], env=env)
            install = ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages]
            try:
                run(install, env=env)
            except CommandFailed:  # the lists may be old
                run(["apt-get", "-q", "update"], env=env)
                run(install, env=env)
        except CommandFailed as error:
            raise Problem(
                f"apt-get cannot install {' '.join(packages)}: install them and run again"
            ) from error


def archive_roots():
    """The Debian archives that this machine already uses.

    Works before any `apt-get update`, with empty lists and without root.
    """
    try:
        uris = run(["apt-get", "update", "--print-uris"])
    except (CommandFailed, OSError):
        return []
    roots = re.findall(r"^'([^']+?)/?/dists/[^']*/InRelease'", uris, re.M)
    return [root for root in dict.fromkeys(roots) if "security" not in root]
