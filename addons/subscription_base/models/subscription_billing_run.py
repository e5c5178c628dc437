from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .locking import changed_fields
from .subscription_subscription import BILLED_STATES


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
        "Status",
        default="draft",
        required=True,
        copy=False,
    )
    date_begin = fields.Datetime("Started on", readonly=True, copy=False)
    date_done = fields.Datetime("Finished", readonly=True, copy=False)
    due_count = fields.Integer("Due at the Beginning", readonly=True, copy=False)
    remaining_count = fields.Integer("Still Due", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress")
    charge_ids = fields.One2many("subscription.charge", "run_id")
    event_ids = fields.One2many("subscription.event", "run_id")
    charge_count = fields.Integer(compute="_compute_counts")
    invoice_count = fields.Integer(compute="_compute_counts")
    posted_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")

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

    @api.depends_context("uid")
    def _compute_counts(self):
        """What the user may open: salespeople may be limited to their own invoices."""
        sees_invoices = self.env["account.move"].has_access("read")
        for run in self:
            moves = run._get_invoices() if sees_invoices else self.env["account.move"]
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
        failures = self.env["subscription.event"]._read_group(
            [("run_id", "in", self.ids), ("event_type", "=", "billing_failed")],
            aggregates=["subscription_id:recordset"],
        )
        return failures[0][0]

    def _due_condition(self):
        """SQL condition on ``subscription_subscription`` for what the run has to bill."""
        self.ensure_one()
        return SQL(
            """state IN %s AND active AND waiting_for IS NULL
               AND next_billing_date <= %s AND company_id = %s
               AND last_billing_run_id IS DISTINCT FROM %s""",
            BILLED_STATES,
            self.date or None,
            self.company_id.id or None,
            self._origin.id or 0,
        )

    @api.constrains("date", "company_id")
    def _check_date(self):
        for run in self.filtered(lambda run: not run.company_id.subscription_bill_ahead):
            if run.date > run._get_today(run.company_id):
                raise ValidationError(
                    self.env._(
                        "%(day)s is still to come: bill as of today, or of a day before. To make "
                        "invoices ahead of their period, set this in the plan; to bill future "
                        "days, allow it in the settings of the company.",
                        day=format_date(self.env, run.date),
                    )
                )

    def _count_due(self):
        self.env["subscription.subscription"].flush_model()
        return self.env.execute_query(
            SQL("SELECT COUNT(*) FROM subscription_subscription WHERE %s", self._due_condition())
        )[0][0]

    def action_run(self):
        """Start the run in the background; it goes on after an interruption by itself."""
        self.ensure_one()
        self._begin()
        self.env.ref("subscription_base.ir_cron_billing")._trigger()
        return True

    def _begin(self):
        for run in self.filtered(lambda run: run.state == "draft"):
            run.sudo().write(
                {
                    "state": "running",
                    "user_id": self.env.uid,
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
            lambda move: move.subscription_policy != "draft" and not move._is_charged_first()
        ).sudo()._post_subscription_invoices()
        self._finish()
        return moves

    def _finish(self):
        for run in self.filtered(lambda run: run.state != "done"):
            run.sudo().write({"state": "done", "date_done": fields.Datetime.now()})

    @api.model
    def _cron_bill(self):
        """Bill what is due today in every company, and go on with runs that were interrupted."""
        runs = self.search([("state", "=", "running")], order="id")
        for company in self._get_companies():
            today = self._get_today(company)
            begun = [
                ("company_id", "=", company.id),
                ("date", "=", today),
                ("state", "!=", "draft"),
            ]
            last = self.search(begun, order="id desc", limit=1)
            if not last or last._count_due():
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
    def _get_companies(self):
        """Companies that have something to bill."""
        groups = self.env["subscription.subscription"]._read_group(
            [("state", "in", BILLED_STATES)], ["company_id"]
        )
        return self.env["res.company"].union(*(company for (company,) in groups))

    @api.model
    def _get_today(self, company):
        """Today in the time zone of the company."""
        return fields.Date.context_today(self.with_context(tz=company._get_timezone()))

    def write(self, vals):
        for run in self.filtered(lambda run: run.state != "draft"):
            if changed_fields(run, vals, {"date", "company_id"}):
                raise UserError(
                    self.env._("A billing run that has begun keeps its day and company.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
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
