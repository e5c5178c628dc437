"""Work that follows from events: what is to be done, what was done, and what failed."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .subscription_plan_action import EVENTS_OF_TRIGGER, SILENT_EVENTS, get_state_triggers

UNRESOLVED = ("pending", "sending", "failed")
USER = "subscription_base.group_subscription_user"


class SubscriptionActionRun(models.Model):
    """One action that one event has started; there is never a second one of both."""

    _name = "subscription.action.run"
    _description = "Started Action"
    _order = "id desc"
    _rec_name = "action_id"

    event_id = fields.Many2one(
        "subscription.event", required=True, readonly=True, index=True, ondelete="cascade"
    )
    action_id = fields.Many2one(
        "subscription.plan.action", required=True, readonly=True, index=True, ondelete="restrict"
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    plan_id = fields.Many2one(related="subscription_id.plan_id", store=True, index=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    action_type = fields.Selection(related="action_id.action_type")
    keep_order = fields.Boolean(related="action_id.keep_order", store=True)
    trigger = fields.Selection(related="action_id.trigger")
    state = fields.Selection(
        [
            ("pending", "To do"),
            ("sending", "Being sent"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("ignored", "Ignored"),
        ],
        "Status",
        default="pending",
        required=True,
        readonly=True,
        help="Being sent: the webhook has been called and has not answered. If nothing follows, "
        "the process has died meanwhile, and the call is repeated with the same key.",
    )
    attempts = fields.Integer(readonly=True, aggregator=None)
    next_try = fields.Datetime(default=fields.Datetime.now, required=True, readonly=True)
    date_done = fields.Datetime("Done on", readonly=True)
    error = fields.Text(readonly=True)
    ignored_reason = fields.Char("Why Ignored", readonly=True)
    key = fields.Char(
        "Idempotency Key",
        default=lambda self: str(uuid.uuid4()),
        required=True,
        readonly=True,
        help="The same at every attempt: the receiver of a webhook tells a repetition by it.",
    )
    payload = fields.Text(
        "Sent", readonly=True, groups="subscription_base.group_subscription_manager"
    )
    blocked_by_id = fields.Many2one(
        "subscription.action.run", "Waits for", compute="_compute_blocked_by_id"
    )

    _event_action_uniq = models.UniqueIndex(
        "(event_id, action_id)", "This event has started the action already."
    )
    _to_do_idx = models.Index("(next_try, id) WHERE state IN ('pending', 'sending')")
    _unresolved_idx = models.Index(
        "(subscription_id, id) WHERE state IN ('pending', 'sending', 'failed')"
    )

    @api.depends("state", "keep_order")
    def _compute_blocked_by_id(self):
        waiting = self.filtered(lambda run: run.state == "pending" and run.keep_order)
        (self - waiting).blocked_by_id = False
        earlier = self.search(
            [
                ("subscription_id", "in", waiting.subscription_id.ids),
                ("state", "in", UNRESOLVED),
                ("keep_order", "=", True),
            ],
            order="id",
        ).grouped("subscription_id")
        for run in waiting:
            before = earlier.get(run.subscription_id, run.browse())
            run.blocked_by_id = before.filtered(lambda other, run=run: other.id < run.id)[:1]

    @api.model
    def _start(self, events):
        """Note what ``events`` start; the work itself follows in transactions of its own."""
        index = self.env["subscription.plan.action"]._get_index()
        wanted = [
            (event, entry)
            for event in (index and events)
            if event.event_type not in SILENT_EVENTS
            for entry in self._get_entries(index, event)
        ]
        if not wanted:
            return
        states = events._get_states_before()
        vals_list = [
            {
                "event_id": event.id,
                "action_id": action_id,
                "subscription_id": event.subscription_id.id,
            }
            for event, (action_id, trigger, event_type) in wanted
            if self._is_started(event, trigger, event_type, states[event.id])
        ]
        if vals_list:
            self.sudo().create(vals_list)
            self._wake()

    @api.model
    def _get_entries(self, index, event):
        """What the plan of the event's subscription and its company may start, in order."""
        subscription = event.subscription_id
        keys = [(subscription.company_id.id, plan) for plan in (subscription.plan_id.id, False)]
        return [entry for key in keys for entry in index.get(key, ())]

    @api.model
    def _is_started(self, event, trigger, event_type, state_before):
        if trigger == "event":
            return event.event_type == event_type
        if trigger in EVENTS_OF_TRIGGER:
            return event.event_type in EVENTS_OF_TRIGGER[trigger]
        return trigger == "any" or trigger in get_state_triggers(
            state_before, event.subscription_state
        )

    @api.model
    def _wake(self, at=None):
        """Let the scheduler look for work soon, or at a moment."""
        self.env.ref("subscription_base.ir_cron_actions").sudo()._trigger(at=at)

    def _check_may_handle(self):
        """:raise AccessError: when the user does not work with these subscriptions."""
        if not (self.env.su or self.env.user.has_group(USER)):
            raise AccessError(self.env._("Only users of subscriptions may handle their actions."))
        self.check_access("read")
        self.subscription_id.check_access("write")

    def action_retry(self):
        """Try again now what has failed or waits for its next attempt."""
        self._check_may_handle()
        if done := self.filtered(lambda run: run.state in ("done", "sending"))[:1]:
            raise UserError(
                self.env._("%s is done or at work: it is not done again.", done.display_name)
            )
        self.sudo().write(
            {
                "state": "pending",
                "attempts": 0,
                "next_try": fields.Datetime.now(),
                "ignored_reason": False,
            }
        )
        self._wake()
        return True

    def action_open_ignore_wizard(self):
        """Ask why the work need not be done."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_action_ignore_wizard_action"
            ),
            "context": {"default_run_ids": self.ids},
        }

    def _ignore(self, reason):
        """Let the work be: somebody has done it by hand, or it need not be done.

        :raise UserError: when it is done already.
        """
        if done := self.filtered(lambda run: run.state in ("done", "sending"))[:1]:
            raise UserError(
                self.env._("%s is done or at work: it cannot be ignored.", done.display_name)
            )
        self.sudo().write({"state": "ignored", "ignored_reason": reason, "error": False})
        for run in self:
            run.subscription_id._message_log(
                body=self.env._(
                    "Action %(action)s ignored: %(reason)s",
                    action=run.action_id.display_name,
                    reason=reason,
                )
            )
        self._clear_activities()
        self._wake()

    @api.model
    def _get_list_action(self, domain, **context):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_action_run_action"
            ),
            "domain": list(domain),
            "context": context,
        }

    @api.model
    def _get_due_query(self, columns):
        """SQL query for what is to be done now, the longest waiting first."""
        return SQL(
            """SELECT %s FROM subscription_action_run run
                WHERE run.state IN ('pending', 'sending') AND run.next_try <= %s
                  AND NOT (run.keep_order AND EXISTS (
                      SELECT FROM subscription_action_run earlier
                       WHERE earlier.subscription_id = run.subscription_id
                         AND earlier.id < run.id AND earlier.keep_order
                         AND earlier.state IN %s))""",
            columns,
            fields.Datetime.now(),
            UNRESOLVED,
        )


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    def _react(self):
        result = super()._react()
        self.env["subscription.action.run"]._start(self)
        return result


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    action_run_count = fields.Integer(compute="_compute_action_run_count")
    failed_action_count = fields.Integer(compute="_compute_action_run_count")

    def _compute_action_run_count(self):
        groups = self.env["subscription.action.run"]._read_group(
            [("subscription_id", "in", self.ids)], ["subscription_id", "state"], ["__count"]
        )
        for subscription in self:
            counts = {state: count for of, state, count in groups if of == subscription._origin}
            subscription.action_run_count = sum(counts.values())
            subscription.failed_action_count = counts.get("failed", 0)

    def action_view_action_runs(self):
        return self.env["subscription.action.run"]._get_list_action(
            [("subscription_id", "in", self.ids)]
        )
