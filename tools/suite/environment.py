"""The environment of everything that is started: nothing leaks in from the caller's shell."""

import os
import platform
import sys

from .process import CommandFailed, run

UNWANTED = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONSTARTUP",
    "VIRTUAL_ENV",
    "ODOO_RC",
    "OPENERP_SERVER",
    "PIP_TARGET",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
    "PYTEST_ADDOPTS",
    "PYTEST_PLUGINS",
    "PYTEST_DB_USE_ENV_VARS",
    "MAKEFLAGS",
    "MFLAGS",
)


def clean_environment():
    """A copy of the caller's environment without what would change our programs' behaviour."""
    env = {key: value for key, value in os.environ.items() if key not in UNWANTED}
    env.update(
        PYTHONNOUSERSITE="1",
        LC_ALL="C.UTF-8" if platform.system() == "Linux" else "en_US.UTF-8",
        TZ="UTC",
        UV_NO_PROGRESS="1",
        UV_NO_CONFIG="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    return env


def download_environment():
    """The clean environment plus pip's index and certificates, which uv does not look up itself."""
    env = clean_environment()
    authority = env.get("REQUESTS_CA_BUNDLE") or env.get("PIP_CERT") or _pip_setting("cert", env)
    if authority:
        env.setdefault("SSL_CERT_FILE", authority)
    env.setdefault("UV_NATIVE_TLS", "true")  # trust what the system trusts
    index = env.get("UV_DEFAULT_INDEX") or env.get("PIP_INDEX_URL")
    if index := index or _pip_setting("index-url", env):
        env["UV_DEFAULT_INDEX"] = index
    return env


def _pip_setting(name, env):
    """A setting of pip's configuration files, or None."""
    try:
        return run(
            [sys.executable, "-m", "pip", "config", "get", f"global.{name}"], env=env
        ).strip()
    except (CommandFailed, OSError):
        return None
