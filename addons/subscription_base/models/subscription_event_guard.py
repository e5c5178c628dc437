"""The life-cycle record is only added to: the database refuses anything else.

The guard of the ORM (``subscription_event.py``) holds whoever writes records. The trigger also
holds what goes past it: SQL, cascades, and superusers with a shell. It lets through

- what does not touch the evidence: the stored company that follows the subscription, and
  ``create_uid`` and ``write_uid``, which PostgreSQL empties when a user is deleted (a user who is
  named by an event cannot be deleted, only archived);
- the end of a draft that has never begun, together with which its "created" goes;
- a draft invoice that goes, so that the event names none, and the currency, which Odoo computes
  when the event is there;
- a module that is uninstalled and takes types of events with it: :func:`keep_retired`.
"""

from contextlib import contextmanager

from odoo import fields, models
from odoo.tools import SQL

FUNCTION = "subscription_event_guard"
#: Setting of the transaction in which the record may be rewritten.
OPENED = "subscription_base.history_opened"
EVIDENCE = (
    "subscription_id", "event_type", "date", "user_id", "description", "run_id", "date_effective",
    "recurring_delta", "movement", "movement_date", "changes", "origin", "rule",
    "subscription_state",
)  # fmt: skip
DRAFT_TYPES = ("created",)


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    def init(self):
        """Set the trigger up, at installation and with each update."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger AS $$
                BEGIN
                    IF current_setting(%(opened)s, true) = 'yes' THEN
                        RETURN COALESCE(NEW, OLD);
                    END IF;
                    IF TG_OP = 'DELETE' AND OLD.event_type IN %(draft_types)s AND NOT EXISTS (
                        SELECT FROM subscription_subscription WHERE id = OLD.subscription_id
                    ) THEN
                        RETURN OLD;
                    END IF;
                    RAISE EXCEPTION 'The life-cycle record of a subscription is only added to.'
                        USING ERRCODE = 'restrict_violation';
                END $$ LANGUAGE plpgsql;
                """,
                function=SQL.identifier(FUNCTION),
                opened=OPENED,
                draft_types=DRAFT_TYPES,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DROP TRIGGER IF EXISTS %(function)s ON subscription_event;
                CREATE TRIGGER %(function)s
                    BEFORE DELETE OR UPDATE OF %(columns)s ON subscription_event
                    FOR EACH ROW EXECUTE FUNCTION %(function)s();
                DROP TRIGGER IF EXISTS %(linked)s ON subscription_event;
                CREATE TRIGGER %(linked)s
                    BEFORE UPDATE OF move_id, currency_id ON subscription_event
                    FOR EACH ROW WHEN (
                        NEW.move_id IS NOT NULL AND NEW.move_id IS DISTINCT FROM OLD.move_id
                        OR OLD.currency_id IS NOT NULL
                        AND NEW.currency_id IS DISTINCT FROM OLD.currency_id
                    ) EXECUTE FUNCTION %(function)s();
                DROP TRIGGER IF EXISTS %(whole)s ON subscription_event;
                CREATE TRIGGER %(whole)s
                    BEFORE TRUNCATE ON subscription_event
                    FOR EACH STATEMENT EXECUTE FUNCTION %(function)s();
                """,
                function=SQL.identifier(FUNCTION),
                linked=SQL.identifier(f"{FUNCTION}_linked"),
                whole=SQL.identifier(f"{FUNCTION}_whole"),
                columns=SQL(", ").join(SQL.identifier(name) for name in EVIDENCE),
            )
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    has_history = fields.Boolean(
        compute="_compute_has_history",
        help="It has been more than a draft, so it stays as evidence.",
        export_string_translation=False,
    )

    def _compute_has_history(self):
        begun = {
            subscription.id
            for (subscription,) in self.env["subscription.event"]
            .sudo()
            ._read_group(
                [("subscription_id", "in", self.ids), ("event_type", "not in", DRAFT_TYPES)],
                ["subscription_id"],
            )
        }
        for subscription in self:
            subscription.has_history = subscription._origin.id in begun


@contextmanager
def history_opened(env):
    """Let the record be rewritten by what is done inside, in this transaction."""
    env.cr.execute("SELECT set_config(%s, 'yes', true)", [OPENED])
    yield
    env.cr.execute("SELECT set_config(%s, '', true)", [OPENED])


def keep_retired(events):
    """What a module says of the types of events that it adds, as their ``ondelete``.

    Without the module they are changes that name their former type: nothing is lost.
    """
    env = events.env
    labels = dict(events._fields["event_type"]._description_selection(env))
    with history_opened(env):
        for event_type, retired in events.grouped("event_type").items():
            env.cr.execute(
                SQL(
                    """UPDATE subscription_event
                          SET event_type = 'changed', description = CONCAT_WS(': ', %s, description)
                        WHERE id IN %s""",
                    labels.get(event_type, event_type),
                    tuple(retired.ids),
                )
            )
    events.invalidate_recordset(["event_type", "description"])


def drop_guard(env):
    """Take the trigger away with the table that it guards; for the uninstall hook."""
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", SQL.identifier(FUNCTION)))
