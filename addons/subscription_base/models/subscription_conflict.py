"""What happens when two processes bill at the same time."""

from psycopg2 import IntegrityError

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

MAX_CONFLICTS = 10
PAUSE = 0.05  # seconds to wait after a first conflict
#: Unique indexes that keep two processes from doing the same work.
GUARDS = {
    "subscription_charge_slice_uniq",
    "payment_transaction_reference_uniq",
    "subscription_payment_attempt_open_uniq",
    "subscription_payment_attempt_number_uniq",
    "subscription_payment_attempt_key_uniq",
}


class Busy(Exception):
    """Other processes have locked all that is left to do; they may die without having done it."""


def is_collision(error):
    """Whether the database has refused to do the same work a second time."""
    return isinstance(error, IntegrityError) and error.diag.constraint_name in GUARDS


def is_conflict(error):
    """Whether another process was quicker, so that the work is simply to be tried again."""
    return is_collision(error) or isinstance(error, (Busy, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY))
