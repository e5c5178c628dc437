"""Odoo's source: the company's own, or a pinned Debian package, or the public repository."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from .apt import archive_roots
from .console import Problem, progress, say
from .odoo_unpack import overlay, unpack
from .process import CommandFailed, run, succeeds
from .settings import DEV

SERIES = 19
POOL_PATH = "pool/main/o/odoo/odoo-19_19.0.0%2bdfsg-1_all.deb"
CHECKSUM = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
SIZE_MB = 122
APT_HELPER = "/usr/lib/apt/apt-helper"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PUBLIC_REPOSITORY = "https://github.com/odoo/odoo.git"
DOWNLOADS = DEV / "downloads"


def odoo_path():
    """The folder to put on PYTHONPATH: it holds the package `odoo`."""
    if own := os.environ.get("ODOO_PATH"):
        return Path(own).expanduser().resolve()
    return DEV / "odoo"


def odoo_id():
    """What tells one Odoo from another, for the names of template databases."""
    marker = odoo_path() / ".complete"
    return marker.read_text() if marker.exists() else str(odoo_path())


def series(path):
    """Odoo's major version in a folder, or None."""
    release = path / "odoo" / "release.py"
    if not release.exists():
        return None
    found = re.search(r"^version_info\s*=\s*\((\d+)", release.read_text(), re.M)
    return int(found.group(1)) if found else None


def ensure_odoo():
    """Get Odoo's source unless it is there."""
    path = odoo_path()
    if os.environ.get("ODOO_PATH"):
        if series(path) != SERIES:
            raise Problem(f"ODOO_PATH={path} holds no Odoo {SERIES}")
        say(f"Odoo: yours, {path}")
        return
    if (path / ".complete").exists():
        return
    work = DEV / "odoo.part"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
    if package := fetch_package():
        with progress("Odoo: unpacking"):
            unpack(package, work)
        origin = f"package {sha256(package)}"
    elif clone(work):
        origin = f"git {run(['git', '-C', work, 'rev-parse', 'HEAD']).strip()}"
    else:
        raise Problem(
            "no source of Odoo 19 can be reached: check the network, or set ODOO_PATH (a checkout "
            "of branch 19.0) or ODOO_DEB (the Debian package)"
        )
    if series(work) != SERIES:
        raise Problem(f"what was downloaded is not Odoo {SERIES}: set ODOO_PATH")
    (work / ".complete").write_text(origin + "\n")
    work.rename(path)


def complete_odoo():
    """Add what Debian's package takes from elsewhere; needs the virtual environment."""
    marker = odoo_path() / ".complete"
    if not os.environ.get("ODOO_PATH") and marker.read_text().startswith("package"):
        overlay(odoo_path())


def sha256(path):
    """The checksum of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


# ------------------------------------------------------------------ Debian package
def fetch_package():
    """The path of a verified Debian package, or None where there is none to be had."""
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    if own := os.environ.get("ODOO_DEB"):
        return _own_package(Path(own).expanduser())
    known = DOWNLOADS / "odoo-19.deb"
    if known.exists() and sha256(known) == CHECKSUM:
        return known
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    roots = archive_roots()
    return _fetch_pinned(roots, known) or _fetch_from_index(roots)


def _own_package(path):
    if not path.is_file():
        raise Problem(f"ODOO_DEB={path}: there is no such file")
    expected = os.environ.get("ODOO_DEB_SHA256") or CHECKSUM
    found = sha256(path)
    if found != expected:
        raise Problem(
            f"wrong checksum: ODOO_DEB={path} has {found}, expected {expected} "
            "(ODOO_DEB_SHA256 names another)"
        )
    return path


def _fetch_pinned(roots, known):
    """Straight from an archive's pool: no index needed, checked against the pinned sum."""
    part = known.with_name(known.name + ".part")
    if not os.path.exists(APT_HELPER):
        return None

    def received():
        sizes = [f.stat().st_size for f in DOWNLOADS.glob(part.name + "*") if f.is_file()]
        return f"{max(sizes, default=0) >> 20} of {SIZE_MB} MB"

    for root in roots:
        if not root.startswith("http"):
            continue
        with progress("Odoo: downloading the pinned package", received):
            fetched = succeeds(
                [APT_HELPER, "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=2"]
                + ["-o", "Acquire::http::Timeout=30", "download-file"]
                + [f"{root}/{POOL_PATH}", part, f"SHA256:{CHECKSUM}"]
            )
        part.with_name(part.name + ".FAILED").unlink(missing_ok=True)
        if fetched and sha256(part) == CHECKSUM:
            part.rename(known)
            return known
        say("Odoo: the pinned package is not to be had from this archive")
    return None


def _fetch_from_index(roots):
    """Any Odoo 19 that Debian has now, through a private index signed by Debian."""
    if not KEYRING.exists():
        return None
    state = DEV / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "packages"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "apt.conf").write_text(
        f'Dir::State "{state}/";\nDir::State::lists "{state}/lists";\n'
        f'Dir::State::status "/dev/null";\nDir::Cache "{state}/cache";\n'
        f'Dir::Etc::SourceList "{state}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
        'Acquire::Languages "none";\nDebug::NoLocking "true";\nAPT::Sandbox::User "";\n'
        'Acquire::Retries "2";\nAPT::Update::Error-Mode "any";\n'
    )
    env = dict(os.environ, APT_CONFIG=str(state / "apt.conf"))
    for root in roots:
        (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {root} sid main\n")
        with progress("Odoo: looking for a newer package"):
            fetched = succeeds(["apt-get", "-q", "update"], env=env) and succeeds(
                ["apt-get", "-q", "download", "odoo-19"], env=env, cwd=state / "packages"
            )
        packages = sorted((state / "packages").glob("odoo-19_*.deb"))
        if fetched and packages:
            say(f"Odoo: {packages[-1].name} (checked by apt; not the pinned version)")
            return packages[-1]
    return None


# ------------------------------------------------------------------ git
def clone(target):
    """The public repository, without its history."""
    if not shutil.which("git"):
        return False
    reference = os.environ.get("ODOO_REF", "19.0")
    url = os.environ.get("ODOO_GIT", PUBLIC_REPOSITORY)
    env = dict(os.environ, GIT_TERMINAL_PROMPT="0")
    slow = ["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60"]
    target.mkdir(parents=True, exist_ok=True)
    try:
        with progress(f"Odoo: fetching {reference} with git (some 300 MB)"):
            run(["git", "init", "-q", target], env=env)
            fetch = ["git", "-C", target, *slow, "fetch", "-q", "--depth", "1", url, reference]
            run(fetch, env=env)
            run(["git", "-C", target, "checkout", "-q", "--force", "FETCH_HEAD"], env=env)
    except CommandFailed:
        shutil.rmtree(target, ignore_errors=True)
        return False
    return True
