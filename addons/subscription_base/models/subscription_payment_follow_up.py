"""The scheduled job that looks after payments between the billing runs."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .subscription_payment_report import SILENT

BATCH = 200


class SubscriptionPaymentAttempt(models.Model):
    _inherit = "subscription.payment.attempt"

    @api.model
    def _cron_follow_up(self):
        """Give up what nobody answers, and tell what has not been told; each once."""
        commit = self.env["ir.cron"]._commit_progress
        self.env["payment.transaction"]._cancel_abandoned()
        commit()
        self._get_silent().filtered(lambda a: not a._may_be_asked())._give_up_waiting()
        commit()
        for company, attempts in self._get_pending().grouped("company_id").items():
            latest = fields.Datetime.now() - timedelta(days=company.subscription_pending_days)
            attempts.filtered(lambda a, latest=latest: a.date_answered < latest)._note_overdue()
        commit()
        self._get_untold()._report()
        commit()

    @api.model
    def _get_silent(self):
        """Attempts whose question was not answered in time."""
        return self.search(
            Domain("state", "=", "asked") & Domain("date_asked", "<", self._get_patience_end())
        )

    def _give_up_waiting(self):
        locked = self.transaction_id.try_lock_for_update(allow_referencing=True)
        for attempt in self.filtered(lambda attempt: attempt.transaction_id in locked):
            attempt.transaction_id.invalidate_recordset(["state"])
            if attempt.state == "asked":
                attempt._note_silence(ValueError(attempt._get_unanswered_message()))

    @api.model
    def _get_pending(self):
        """Pending attempts that nobody has been asked to look after."""
        return self.search(
            Domain("state", "=", "pending") & Domain("reported_state", "!=", "overdue")
        )

    @api.model
    def _get_untold(self):
        """Attempts whose new state could not be told at once, or whose process was killed."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM subscription_payment_attempt
                    WHERE reported_state IS DISTINCT FROM state AND state NOT IN %s
                      AND NOT (state = 'pending' AND reported_state = 'overdue')
                 ORDER BY id LIMIT %s""",
                SILENT,
                BATCH,
            )
        )
        return self.browse([row[0] for row in rows])
