import logging
import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .subscription_conflict import MAX_CONFLICTS, PAUSE, Busy, is_collision, is_conflict
from .subscription_subscription import BILLABLE_STATES

_logger = logging.getLogger(__name__)

CREATE_BATCH = 200
COLLECT_BATCH = 50


class SubscriptionBillingRun(models.Model):
    """One billing run: everything that is due in a company on a day.

    It takes several steps, each of which finds out by itself what is left to do: create, post,
    send, collect, and follow the calendar with the states. Every step works through small batches
    that it locks, works on and commits one by one, so a run can be repeated, raced and killed at
    any moment.
    """

    _name = "subscription.billing.run"
    _description = "Billing Run"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        "As of",
        required=True,
        default=fields.Date.context_today,
        help="Bills what is due on this day; the date of the invoices.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done")],
        default="draft",
        required=True,
        copy=False,
    )
    date_begin = fields.Datetime("Begun", readonly=True, copy=False)
    date_done = fields.Datetime("Finished", readonly=True, copy=False)
    due_count = fields.Integer("Due at the Beginning", readonly=True, copy=False)
    remaining_count = fields.Integer("Still Due", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress")
    charge_ids = fields.One2many("subscription.charge", "run_id")
    event_ids = fields.One2many("subscription.event", "run_id")
    charge_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    invoice_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    posted_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    failed_count = fields.Integer(compute="_compute_counts", compute_sudo=True)

    @api.depends("date", "company_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._("Billing as of %s", fields.Date.to_string(run.date))

    @api.depends("state", "due_count")
    def _compute_progress(self):
        for run in self:
            run.remaining_count = run._count_due() if run.state != "done" else 0
            done = run.due_count - run.remaining_count
            run.progress = 100.0 * done / run.due_count if run.due_count else 0.0
            if run.state == "done":
                run.progress = 100.0

    def _compute_counts(self):
        for run in self:
            moves = run._get_invoices()
            run.invoice_count = len(moves)
            run.posted_count = len(moves.filtered(lambda move: move.state == "posted"))
            run.charge_count = self.env["subscription.charge"].search_count(
                [("run_id", "=", run.id)]
            )
            run.failed_count = len(run._get_failed_subscriptions())

    def _get_invoices(self):
        return self.env["account.move"].search(
            Domain("invoice_line_ids.subscription_charge_id.run_id", "in", self.ids)
        )

    def _get_failed_subscriptions(self):
        events = self.event_ids.filtered(lambda event: event.event_type == "billing_failed")
        return events.subscription_id

    def _due_condition(self):
        """SQL condition on ``subscription_subscription`` for what the run has to bill."""
        self.ensure_one()
        return SQL(
            """state IN %s AND active AND next_billing_date <= %s AND company_id = %s
               AND last_billing_run_id IS DISTINCT FROM %s""",
            BILLABLE_STATES,
            self.date or None,
            self.company_id.id or None,
            self._origin.id or 0,
        )

    def _count_due(self):
        self.env["subscription.subscription"].flush_model()
        return self.env.execute_query(
            SQL("SELECT COUNT(*) FROM subscription_subscription WHERE %s", self._due_condition())
        )[0][0]

    # Steps ------------------------------------------------------------------------------------

    def action_run(self):
        """Start the run in the background; it goes on after an interruption by itself."""
        self.ensure_one()
        self._begin()
        self.env.ref("subscription_base.ir_cron_billing")._trigger()
        return True

    def _begin(self):
        for run in self.filtered(lambda run: run.state == "draft"):
            run.write(
                {
                    "state": "running",
                    "date_begin": fields.Datetime.now(),
                    "due_count": run._count_due(),
                }
            )

    def _bill_subscriptions(self, subscriptions):
        """Create and post the invoices of ``subscriptions`` in the current transaction."""
        self.ensure_one()
        self._begin()
        moves = subscriptions._bill(self)
        moves.filtered(
            lambda move: move.subscription_policy != "draft"
        ).sudo()._post_subscription_invoices()
        self._finish()
        return moves

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

    def _isolate(self, records, work):
        """Do ``work(records)``; if it fails, halve until those that fail are alone.

        :return: the records that failed; each has been told why.
        """
        try:
            with self.env.cr.savepoint():
                work(records)
        except Exception as error:
            if self._is_worth_another_try(error):
                raise
            if len(records) > 1:
                middle = len(records) // 2
                return self._isolate(records[:middle], work) | self._isolate(records[middle:], work)
            _logger.info("billing of %s failed", records, exc_info=True)
            records._mark_billing_failed(self, error)
            return records
        return records.browse()

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
            """SELECT id FROM subscription_subscription WHERE %s AND NOT id = ANY(%s)
             ORDER BY next_billing_date, id LIMIT %s""",
            self._due_condition(),
            list(failed),
            CREATE_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _do_create(self, subscriptions):
        return self._isolate(subscriptions, lambda batch: batch._bill(self))

    def _claim_post(self, failed):
        query = SQL(
            """SELECT id FROM account_move
                WHERE state = 'draft' AND subscription_policy IN ('post', 'send')
                  AND company_id = %s AND invoice_date <= %s AND NOT id = ANY(%s)
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            self.date,
            list(failed),
            CREATE_BATCH,
        )
        return self.env["account.move"].browse(self._claim(query))

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
        query = SQL(
            """SELECT id FROM subscription_subscription
                WHERE company_id = %s AND active AND NOT id = ANY(%s) AND (
                      state = 'pending' AND date_start <= %s
                      OR state IN %s AND date_end < %s AND next_billing_date IS NULL)
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            list(failed),
            self.date,
            BILLABLE_STATES,
            self.date,
            CREATE_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _do_follow(self, subscriptions):
        return self._isolate(subscriptions, lambda batch: batch._follow_calendar(self.date))

    def _finish(self):
        for run in self.filtered(lambda run: run.state != "done"):
            run.write({"state": "done", "date_done": fields.Datetime.now()})

    @api.model
    def _cron_bill(self):
        """Bill what is due today in every company, and go on with runs that were interrupted."""
        runs = self.search([("state", "=", "running")], order="id")
        for company in self.env["res.company"].search([]):
            today = self._get_today(company)
            begun = [
                ("company_id", "=", company.id),
                ("date", "=", today),
                ("state", "!=", "draft"),
            ]
            if not self.search_count(begun):
                runs |= self.create({"company_id": company.id, "date": today})
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=runs._count_left())
        for run in runs:
            run.with_company(run.company_id)._process()
            if not progress():
                break
        progress(remaining=runs._count_left())

    def _count_left(self):
        """Runs that are not finished, and what they have to bill still."""
        return sum(1 + run._count_due() for run in self if run.state != "done")

    @api.model
    def _get_today(self, company):
        """Today in the time zone of the company's own address."""
        return fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "UTC"))

    # Actions ----------------------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.filtered(lambda run: run.state != "draft"):
            raise UserError(self.env._("A billing run that has begun stays as evidence."))

    def action_view_invoices(self):
        return self._get_invoices()._get_subscription_invoice_action()

    def action_view_posted(self):
        posted = self._get_invoices().filtered(lambda move: move.state == "posted")
        return posted._get_subscription_invoice_action()

    def action_view_charges(self):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_charge_action"
            ),
            "domain": [("run_id", "in", self.ids)],
        }

    def action_view_failed(self):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_subscription_action"
            ),
            "domain": [("id", "in", self._get_failed_subscriptions().ids)],
        }

    def _get_result_action(self):
        """Show the invoices of the run, or say that there was nothing to bill."""
        if moves := self._get_invoices():
            return moves._get_subscription_invoice_action()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Nothing is due: no invoice was created."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
