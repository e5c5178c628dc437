"""What has been sold so far was binding with its order and released at once.

Odoo would come to the same by computing it, and write it to the chatter of every subscription.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

#: As they are agreed where nobody has chosen anything else (subscription_legal_mixin.py).
AGREED = (
    ("affirm_trigger", "varchar", "order"),
    ("release_policy", "varchar", "purchase"),
    ("release_debit", "varchar", "collected"),
    ("return_window_days", "integer", 56),
    ("prepayment_days", "integer", 14),
)


def migrate(cr, version):
    for table in ("subscription_plan", "subscription_subscription"):
        for name, kind, value in AGREED:
            if not column_exists(cr, table, name):
                column = SQL.identifier(name)
                cr.execute(
                    SQL(
                        "ALTER TABLE %s ADD COLUMN %s %s DEFAULT %s",
                        SQL.identifier(table), column, SQL(kind), value,
                    )
                )  # fmt: skip
                cr.execute(
                    SQL(
                        "ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT",
                        SQL.identifier(table), column,
                    )
                )  # fmt: skip
    if column_exists(cr, "subscription_subscription", "affirmed_on"):
        return
    cr.execute("ALTER TABLE subscription_subscription ADD COLUMN affirmed_on timestamp")
    cr.execute(
        """UPDATE subscription_subscription subscription
              SET affirmed_on = COALESCE(
                      (SELECT MIN(event.date) FROM subscription_event event
                        WHERE event.subscription_id = subscription.id), create_date)
            WHERE state != 'draft'"""
    )
