"""Databases of this project: create, clone, drop. Nothing without our prefix is ever touched.

Works in `make` commands and in scripts that they start (the environment names the server).
"""

import os
import re
import shutil

from .console import Problem
from .process import CommandFailed, run
from .settings import DEV, PREFIX, checkout_id

FILESTORE = DEV / "data" / "filestore"


def guard(name):
    """Refuse every database that is not ours."""
    if not re.fullmatch(re.escape(PREFIX) + r"[a-z0-9_-]+", name):
        raise Problem(f"refusing to touch the database {name!r}: only {PREFIX}* is ours")
    return name


def sql(query, database="postgres"):
    """The answer of one statement as text, columns separated by `|`."""
    options = ["-X", "-Atq", "-v", "ON_ERROR_STOP=1"]
    try:
        return run(["psql", *options, "-d", database, "-c", query]).strip()
    except CommandFailed as error:
        if "could not extend file" in error.output:
            raise Problem("PostgreSQL has no disk space left") from error
        raise


def exists(name):
    return bool(sql(f"select 1 from pg_database where datname = '{guard(name)}'"))


def is_template(name):
    query = f"select 1 from pg_database where datname = '{guard(name)}' and datistemplate"
    return bool(sql(query))


def make_template(name, value=True):
    """Flag a finished database as a template: what has no flag is half-made."""
    sql(f'alter database "{guard(name)}" is_template {str(value).lower()}')


def note(name):
    """The note that was stored with a database, or an empty text."""
    return sql(
        "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database "
        f"where datname = '{guard(name)}'"
    )


def set_note(name, text):
    escaped = text.replace("'", "''")
    sql(f"comment on database \"{guard(name)}\" is '{escaped}'")


def names(prefix):
    """Our databases whose name begins so."""
    found = sql("select datname from pg_database order by 1").splitlines()
    return [name for name in found if name.startswith(guard(prefix))]


def drop(name):
    """Drop a database with its filestore; whoever is connected is thrown out."""
    if is_template(name):
        make_template(name, False)
    run(["dropdb", "--if-exists", "--force", guard(name)])
    shutil.rmtree(FILESTORE / name, ignore_errors=True)


def clone(template, name):
    """Make `name` a fresh copy of `template`, replacing what was there; return `name`."""
    drop(name)
    server = int(sql("show server_version_num"))
    strategy = ["--strategy=file_copy"] if server >= 150000 else []
    run(["createdb", "-T", guard(template), *strategy, guard(name)])
    if (FILESTORE / template).exists():
        shutil.copytree(FILESTORE / template, FILESTORE / name, copy_function=_link)
    return name


def _link(source, target):
    """Filestore files never change, so a hard link is a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def temporary(purpose):
    """A name that no other command uses."""
    return f"{PREFIX}{purpose}_{checkout_id()}_{os.getpid()}"


def drop_abandoned(purpose):
    """Drop what killed commands of this folder have left."""
    prefix = f"{PREFIX}{purpose}_{checkout_id()}_"
    for name in names(prefix):
        pid = re.match(r"\d+", name[len(prefix) :])
        if pid and not _alive(int(pid.group())):
            drop(name)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
