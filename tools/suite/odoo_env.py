"""Odoo in this process, for the scripts that `tools/run` starts inside the virtual environment.

from suite.odoo_env import open_env

with open_env("subscription_suite_demo") as env:
    print(env["res.partner"].search_count([]))
"""

import contextlib


@contextlib.contextmanager
def open_env(dbname, login=None, context=None):
    """Yield an `odoo.api.Environment` on `dbname`; committed at the end, rolled back on an error.

    Without `login` it is the superuser's. The script may commit in between.
    """
    import odoo.api
    import odoo.sql_db
    from odoo.modules.registry import Registry

    configure(dbname)
    try:
        with Registry(dbname).cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, dict(context or {}))
            if login:
                user = env["res.users"].search([("login", "=", login)], limit=1)
                if not user:
                    raise ValueError(f"no user {login!r} in {dbname}")
                env = env(user=user.id, su=False)
            yield env
    finally:
        odoo.sql_db.close_db(dbname)  # a database that is in use cannot be cloned


def configure(dbname):
    """Read the configuration that ODOO_RC names and log warnings only. May be called again."""
    from odoo.tools import config

    if not config.get("db_name"):
        config.parse_config(["-d", dbname, "--log-level=warn"], setup_logging=True)
