"""How started actions are done: claimed one by one, each in a transaction of its own, exactly once.

What changes only the database (server actions, e-mails put into the outbox) is committed together
with the note that it is done. A webhook cannot be taken back: that it is being called is committed
first, and a call whose answer was lost is repeated with the same key.
"""

import logging
import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .subscription_conflict import MAX_CONFLICTS, PAUSE, is_conflict

_logger = logging.getLogger(__name__)

#: After each failed attempt, how long to wait for the next; then a person has to help.
RETRY_AFTER = (
    timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12)
)  # fmt: skip
ACTIVITY = "subscription_base.mail_activity_type_action_failed"


class SubscriptionActionRun(models.Model):
    _inherit = "subscription.action.run"

    @api.model
    def _cron_execute(self):
        """Do what is to be done, until nothing is left that others are not at work on."""
        progress, conflicts = self.env["ir.cron"]._commit_progress, 0
        count = self.env.execute_query(self._get_due_query(SQL("COUNT(*)")))[0][0]
        progress(remaining=count)
        while True:
            runs = self.with_context(subscription_conflicts=conflicts)
            try:
                run = runs._claim()
                if not run:
                    break
                run._execute()
                time_left = progress(1)
            except Exception as error:
                if not is_conflict(error) or conflicts >= MAX_CONFLICTS:
                    raise
                self.env.cr.rollback()
                conflicts += 1
                time.sleep(PAUSE * conflicts)
                continue
            conflicts = 0
            if not time_left:
                return
        progress(remaining=0)

    @api.model
    def _claim(self):
        """Lock the next piece of work that nobody else has locked; empty when there is none."""
        self.env.flush_all()
        query = self._get_due_query(SQL("run.id"))
        rows = self.env.execute_query(
            SQL(
                "%s ORDER BY run.next_try, run.id LIMIT 1 FOR NO KEY UPDATE OF run SKIP LOCKED",
                query,
            )
        )
        return self.sudo().browse(row[0] for row in rows)

    def _execute(self):
        """Do the work and note what came of it; what fails takes only itself back."""
        self.ensure_one()
        company_run = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        getattr(company_run, f"_execute_{self.action_type}")()

    def _execute_in_transaction(self, work):
        """Do ``work()`` in the transaction that notes it as done."""
        try:
            with self.env.cr.savepoint():
                work()
        except Exception as error:
            last = self.env.context.get("subscription_conflicts", 0) >= MAX_CONFLICTS
            if is_conflict(error) and not last:
                raise
            _logger.info("%s of %s failed", self, self.subscription_id, exc_info=True)
            self.attempts += 1
            self._fail(self.env["subscription.billing.run"]._describe_error(error))
        else:
            self.attempts += 1
            self._succeed()

    def _execute_server(self):
        self._execute_in_transaction(self._run_server_action)

    def _run_server_action(self):
        context = {
            "active_model": "subscription.subscription",
            "active_id": self.subscription_id.id,
            "active_ids": self.subscription_id.ids,
            "subscription_event_id": self.event_id.id,
        }
        self.action_id.server_action_id.with_context(**context).run()

    def _succeed(self):
        self.write({"state": "done", "date_done": fields.Datetime.now(), "error": False})
        self._clear_activities()

    def _fail(self, message):
        """Try again later; after the last attempt, ask a person to help."""
        self.error = message
        if self.attempts <= len(RETRY_AFTER):
            moment = fields.Datetime.now() + RETRY_AFTER[self.attempts - 1]
            self.write({"state": "pending", "next_try": moment})
            self._wake(at=moment)
            return
        self.state = "failed"
        self.subscription_id._log_event(
            "action_failed", description=f"{self.action_id.display_name}: {message}"
        )
        self._ask_for_help()

    def _ask_for_help(self):
        """One open activity for a subscription, however many of its actions have failed."""
        subscription = self.subscription_id
        if not subscription.activity_search([ACTIVITY]):
            responsible = self.action_id.responsible_id or subscription.user_id
            subscription.activity_schedule(
                ACTIVITY, note=self.error, user_id=responsible.id or self.env.uid
            )

    def _clear_activities(self):
        """Nobody need help any more where nothing has failed."""
        runs = self.sudo()
        left = runs.search(
            [("subscription_id", "in", runs.subscription_id.ids), ("state", "=", "failed")]
        )
        (runs.subscription_id - left.subscription_id).activity_unlink([ACTIVITY])


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def _get_eval_context(self, action=None):
        """Code that an event of a subscription has started can read it as ``event``."""
        context = super()._get_eval_context(action)
        if event_id := self.env.context.get("subscription_event_id"):
            context["event"] = self.env["subscription.event"].browse(event_id)
        return context
