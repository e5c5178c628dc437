"""Recurring revenue as it is counted now, and which movement each event of the past was.

Trials and free periods are taken off recurring revenue now. What that changes is recorded as one
event of today; what was recorded stays as it is, and only gets the name of its movement.
"""

from datetime import timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, groupby

from odoo.addons.subscription_base.billing.movement import classify
from odoo.addons.subscription_base.models.subscription_event_guard import OPENED
from odoo.addons.subscription_base.models.subscription_recurring import NOT_RECURRING_STATES

UNNAMED = """
    SELECT event.subscription_id, event.id, event.event_type, event.recurring_delta, event.date,
           subscription.company_id
      FROM subscription_event event
      JOIN subscription_subscription subscription ON subscription.id = event.subscription_id
     WHERE event.recurring_delta != 0 AND NOT EXISTS (
           SELECT FROM subscription_event named
            WHERE named.subscription_id = event.subscription_id AND named.movement IS NOT NULL)
  ORDER BY event.subscription_id, event.id
"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    name_movements(env)
    count_anew(env)


def name_movements(env):
    """Name what the events of the past say of recurring revenue."""
    ending = env["subscription.subscription"]._get_ending_events()
    zones = {
        company.id: ZoneInfo(company._get_timezone())
        for company in env["res.company"].with_context(active_test=False).search([])
    }
    named = []
    for _subscription, events in groupby(env.execute_query(SQL(UNNAMED)), lambda row: row[0]):
        total, last = Decimal(), None
        for _subscription, event, event_type, delta, moment, company in events:
            moved = Decimal(str(delta))
            last = classify(total, moved, event_type in ending, last)
            total += moved
            day = moment.replace(tzinfo=timezone.utc).astimezone(zones[company]).date()
            named.append((event, last.value, day))
    if named:
        env.cr.execute("SELECT set_config(%s, 'yes', true)", [OPENED])
        env.cr.execute_values(
            """UPDATE subscription_event SET movement = named.movement, movement_date = named.day
                 FROM (VALUES %s) AS named(id, movement, day)
                WHERE subscription_event.id = named.id""",
            named,
        )
        env.cr.execute("SELECT set_config(%s, '', true)", [OPENED])


def count_anew(env):
    """Let the events add up to the recurring revenue as it is counted now."""
    running = env["subscription.subscription"].search([("state", "not in", NOT_RECURRING_STATES)])
    for records in (running.line_ids, running):
        env.add_to_compute(records._fields["recurring_monthly"], records)
    running._log_recurring(
        "changed", "Recurring revenue is counted without trials and free periods"
    )
