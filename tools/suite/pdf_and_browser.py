"""The two programs beside Odoo: wkhtmltopdf for documents, Chromium for browser tests."""

import os
import platform
import shutil
import subprocess

from .apt import apt_install, can_install
from .console import Problem, say
from .settings import DEV, VENV

BIN = DEV / "bin"
LIBRARIES = ("libxrender1", "libfontconfig1", "libfreetype6", "libxext6", "libx11-6")
FONTS = ("fonts-dejavu-core",)
PATCHED = "with patched qt"
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def _version(program):
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def ensure_wkhtmltopdf():
    """Put a wkhtmltopdf with headers and footers (patched Qt) first on the PATH.

    Distributions ship it unpatched: then PDFs lack header and footer, and several documents in
    one PDF fail.
    """
    BIN.mkdir(parents=True, exist_ok=True)
    link = BIN / "wkhtmltopdf"
    if link.exists():
        return
    link.unlink(missing_ok=True)
    system = shutil.which("wkhtmltopdf")
    if system and PATCHED in _version(system):
        link.symlink_to(system)
        return
    packed = VENV / "bin" / "wkhtmltopdf-pack"
    if packed.exists():
        if not _version(packed) and can_install():
            apt_install(*LIBRARIES, *FONTS)
        if PATCHED in _version(packed):
            link.symlink_to(packed)
            return
    if system:
        say("PDF: this wkhtmltopdf is unpatched, documents will lack header and footer")
    else:
        say("PDF: no wkhtmltopdf, documents can be shown as web pages only")


def find_browser():
    """The path of a Chromium that Odoo's browser tests find too, or None."""
    if platform.system() == "Darwin":
        return next(filter(os.path.exists, MAC_BROWSERS), None)
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def ensure_browser():
    """Browser tests without a browser are skipped silently by Odoo: so there has to be one."""
    if find_browser():
        return
    if not can_install():
        raise Problem("no Chromium or Chrome found, which the browser tests need: install one")
    apt_install("chromium")
    if not find_browser():
        raise Problem("Chromium was installed but cannot be found")
