"""Debian's Odoo package, unpacked to a folder and completed."""

import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

from .console import Problem
from .process import forget, run, spawn, stop
from .python_env import python

PREFIX = "./usr/lib/python3/dist-packages/odoo/"
SELFIE_STUB = "/* not in Debian's package: background blur in calls is unavailable */\n"


def unpack(package, target):
    """Extract the package `odoo`, with the translations that are asked for."""
    languages = tuple(os.environ.get("ODOO_LANGS", "de").split(","))
    options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    reader = spawn(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    try:
        with tarfile.open(fileobj=reader.stdout, mode="r|", bufsize=1 << 20) as archive:
            for member in archive:
                if not _wanted(member, languages):
                    continue
                member.name = "odoo/" + member.name[len(PREFIX) :]
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                member.mode |= stat.S_IRUSR | stat.S_IWUSR
                archive.extract(member, target, set_attrs=False, **options)
        reader.stdout.close()
        if reader.wait():
            raise Problem(f"{package} is damaged: delete it and run again")
        forget(reader)
    except tarfile.TarError as error:
        raise Problem(f"{package} is damaged: delete it and run again") from error
    finally:
        stop(reader)


def _wanted(member, languages):
    name = member.name
    if not name.startswith(PREFIX) or name.endswith(".pot"):
        return False
    if name.endswith(".po"):
        return name.rsplit("/", 1)[1].startswith(languages)
    return not member.issym()  # links into /usr/share: completed below


def overlay(odoo):
    """Add the files that the Debian package takes from other packages or leaves out."""
    web = odoo / "odoo" / "addons" / "web" / "static"
    stub = odoo / "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if stub.exists() and (web / "lib/jquery/jquery.js").exists():
        return
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    static = Path(run([python(), "-c", query]).strip()) / "xstatic" / "pkg"
    files = {web / "lib/jquery/jquery.js": static / "jquery/data/jquery.js"}
    for font in (static / "font_awesome/data/fonts").iterdir():
        files[web / "lib/fontawesome/fonts" / font.name] = font
        files[web / "src/libs/fontawesome/fonts" / font.name] = font
    for target, source in files.items():
        if not target.exists():
            target.unlink(missing_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    # without this file every page of the back end logs an error, which fails every tour
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text(SELFIE_STUB)
