"""How a billing run works: claim a batch, work on it alone, commit, until nothing is left."""

import logging
import time

import psycopg2

from odoo import models
from odoo.tools import SQL

from .subscription_conflict import MAX_CONFLICTS, PAUSE, Busy, is_collision, is_conflict
from .subscription_subscription import RUNNING_STATES

_logger = logging.getLogger(__name__)

CREATE_BATCH = 200
COLLECT_BATCH = 50


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _process(self):
        """Take all steps, committing batch by batch.

        :return: whether the run is finished; if not, call again to go on.
        """
        self.ensure_one()
        self._patiently(self._begin)
        for step in self._get_steps():
            if not self._process_step(step):
                return False
        self._patiently(self._finish)
        return True

    def _get_steps(self):
        """Names of the steps, in order.

        Each has a ``_claim_<step>(failed)``, which locks the next batch, and a ``_do_<step>``,
        which works on it and returns the records that failed.
        """
        return ["create", "post", "send", "collect", "follow"]

    def _process_step(self, step):
        """Do all that there is to do in a step, batch by batch.

        :return: whether nothing is left. If not, the time is up or other processes are at work on
            the rest.
        """
        failed, conflicts = set(), 0
        while True:
            run = self.with_context(subscription_conflicts=conflicts)
            try:
                records = getattr(run, f"_claim_{step}")(failed)
                if not records:
                    return True
                failed.update(getattr(run, f"_do_{step}")(records).ids)
                time_left = self._commit(len(records))
            except Exception as error:
                if not is_conflict(error):
                    raise
                self.env.cr.rollback()
                conflicts += 1
                _logger.info("conflict %s in step %s of %s: %r", conflicts, step, self, error)
                if conflicts > MAX_CONFLICTS:
                    return False
                time.sleep(PAUSE * conflicts)
                continue
            conflicts = 0
            if not time_left:
                return False

    def _patiently(self, work):
        """Do ``work()`` and commit it, once more when another process was quicker."""
        for conflicts in range(1, MAX_CONFLICTS + 1):
            try:
                work()
                self._commit()
                return
            except Exception as error:
                if not is_conflict(error) or conflicts == MAX_CONFLICTS:
                    raise
                self.env.cr.rollback()
                time.sleep(PAUSE * conflicts)

    def _commit(self, processed=0):
        """Commit a batch.

        :return: seconds left for the cron, or infinity outside of one.
        """
        return self.env["ir.cron"]._commit_progress(processed)

    def _isolate(self, records, work, split=None):
        """Do ``work(records)``; if it fails, split them until those that fail are alone.

        :param split: ``split(records)``, smaller parts of them; in halves when left out.
        :return: the records that failed; each has been told why.
        """
        try:
            with self.env.cr.savepoint():
                work(records)
        except Exception as error:
            if self._is_worth_another_try(error):
                raise
            if len(records) > 1:
                parts = split(records) if split else self._halve(records)
                failed = [self._isolate(part, work, split) for part in parts]
                return records.browse().union(*failed)
            _logger.info("billing of %s failed", records, exc_info=True)
            records._mark_billing_failed(self, error)
            return records
        return records.browse()

    def _describe_error(self, error):
        """What an error says to people: of one from the database, what its constraint says."""
        if not isinstance(error, psycopg2.Error) or not error.diag.message_primary:
            return str(error)
        tables = {model._table: model for model in self.env.values() if not model._abstract}
        return tables.get(error.diag.table_name, self)._sql_error_to_message(error)

    @staticmethod
    def _halve(records):
        middle = len(records) // 2
        return [records[:middle], records[middle:]]

    def _is_worth_another_try(self, error):
        """A collision that comes back each time is not another process but an error of ours."""
        last = self.env.context.get("subscription_conflicts", 0) >= MAX_CONFLICTS
        return is_conflict(error) and not (last and is_collision(error))

    def _claim(self, query):
        """Lock the rows that ``query`` selects and nobody else has locked.

        The lock lets others refer to the rows, and is not stopped by those who do.

        :raises Busy: when there are rows, but others have locked them all.
        """
        self.env.flush_all()
        rows = self.env.execute_query(SQL("%s FOR NO KEY UPDATE SKIP LOCKED", query))
        if not rows and self.env.execute_query(query):
            raise Busy
        return [row[0] for row in rows]

    def _claim_create(self, failed):
        query = SQL(
            """SELECT id FROM subscription_subscription
                WHERE invoice_grouping = 'subscription' AND %s AND NOT id = ANY(%s)
             ORDER BY next_billing_date, id LIMIT %s""",
            self._due_condition(),
            list(failed),
            CREATE_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _claim_post(self, failed):
        query = SQL(
            """SELECT move.id FROM account_move move
                WHERE move.state = 'draft' AND move.subscription_policy IN ('post', 'send')
                  AND move.company_id = %s AND move.invoice_date <= %s
                  AND NOT move.id = ANY(%s) AND NOT (%s)
             ORDER BY move.id LIMIT %s""",
            self.company_id.id,
            self.date,
            list(failed),
            self._held_condition(),
            CREATE_BATCH,
        )
        return self.env["account.move"].browse(self._claim(query))

    def _held_condition(self):
        """SQL condition on ``move`` for drafts that are not to be posted yet."""
        return SQL("FALSE")

    def _do_post(self, moves):
        return self._isolate(moves, lambda batch: batch.sudo()._post_subscription_invoices())

    def _claim_send(self, failed):
        query = SQL(
            """SELECT id FROM account_move
                WHERE state = 'posted' AND subscription_policy = 'send' AND company_id = %s
                  AND is_move_sent IS NOT TRUE AND sending_data IS NULL AND NOT id = ANY(%s)
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            list(failed),
            CREATE_BATCH,
        )
        return self.env["account.move"].browse(self._claim(query))

    def _do_send(self, moves):
        return self._isolate(moves, lambda batch: batch.sudo()._queue_subscription_mail())

    def _claim_collect(self, failed):
        query = self.env["account.move"]._get_collectable_query(self, failed, COLLECT_BATCH)
        return self.env["account.move"].browse(self._claim(query))

    def _do_collect(self, moves):
        return moves._collect(self)

    def _claim_follow(self, failed):
        reached = SQL(" UNION ALL ").join(
            SQL("SELECT id FROM subscription_subscription WHERE %s", condition)
            for condition in self._get_follow_conditions()
        )  # each finds its few rows by an index of its own
        query = SQL(
            """SELECT id FROM subscription_subscription
                WHERE company_id = %s AND active AND NOT id = ANY(%s) AND id = ANY(ARRAY(%s))
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            list(failed),
            reached,
            CREATE_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _get_follow_conditions(self):
        """SQL conditions on ``subscription_subscription``: what the calendar asks to move.

        What :meth:`_follow_calendar` has moved must meet none of them any more.

        :rtype: list[SQL]
        """
        return [
            SQL(
                "state = 'pending' AND waiting_for IS NULL AND date_start <= %s",
                self._get_follow_date(),
            ),
            SQL(
                "state IN %s AND date_end < %s AND next_billing_date IS NULL",
                RUNNING_STATES,
                self._get_follow_date(),
            ),
        ]

    def _get_follow_date(self):
        """The day that the states follow: bills ahead of time move no state ahead."""
        return min(self.date, self._get_today(self.company_id))

    def _do_follow(self, subscriptions):
        day = self._get_follow_date()
        return self._isolate(subscriptions, lambda batch: batch._follow_calendar(day))
