import logging
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from .subscription_conflict import is_conflict

_logger = logging.getLogger(__name__)

#: Context: kinds of messages that the customer gets in another way. No caller by RPC knows the key.
TOLD = f"subscription_told_{secrets.token_hex(16)}"


class SubscriptionEvent(models.Model):
    """The append-only life-cycle record: what happened, when, by whom, and what it changed.

    Code adds to it as superuser; nobody changes it or takes from it. The database itself refuses
    that (``subscription_event_guard.py``).
    """

    _name = "subscription.event"
    _description = "Subscription Event"
    _order = "id desc"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True)
    event_type = fields.Selection(
        [
            ("created", "Created"),
            ("started", "Started"),
            ("activated", "Activated"),
            ("withdrawn", "Withdrawn"),
            ("end_set", "End set"),
            ("closed", "Closed"),
            ("billing_failed", "Billing failed"),
        ],
        required=True,
    )
    date = fields.Datetime(default=fields.Datetime.now, required=True)
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user, required=True)
    description = fields.Char()
    summary = fields.Char(compute="_compute_summary")
    run_id = fields.Many2one("subscription.billing.run", index="btree_not_null")
    recurring_delta = fields.Monetary(
        "Change of Recurring per Month",
        help="By how much the monthly recurring revenue changed with the event.",
    )

    @api.depends("subscription_id")
    def _compute_currency_id(self):
        """The currency as it was: amounts of the past are not read in another one."""
        for event in self:
            event.currency_id = event.currency_id or event.subscription_id.currency_id

    @api.depends("event_type", "description")
    @api.depends_context("lang")
    def _compute_summary(self):
        labels = dict(self._fields["event_type"]._description_selection(self.env))
        for event in self:
            texts = (labels.get(event.event_type), event._get_summary_text())
            event.summary = ": ".join(text for text in texts if text)

    def _get_summary_text(self):
        """What the event says beside its type."""
        self.ensure_one()
        return self.description

    @api.depends("summary")
    def _compute_display_name(self):
        for event in self:
            event.display_name = event.summary

    @api.model_create_multi
    def create(self, vals_list):
        """Defaults that come with the context of a caller are none: neither user nor time."""
        self = self.with_context(clean_context(self.env.context))  # noqa: PLW0642
        events = super().create(vals_list)
        events._react_safely()
        return events

    def _react_safely(self):
        """Let follow what can: what has happened, such as a payment, is not undone by a mail."""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                self._react()
                self.env.flush_all()
        except Exception as error:
            if is_conflict(error):
                raise
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                for event in self:
                    event._react_safely()
                return
            _logger.warning("what follows from %s failed", self, exc_info=True)
            self._ask_to_follow(error)

    def _ask_to_follow(self, error):
        """Let a person do what could not follow by itself."""
        self.subscription_id.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Messages or actions failed: %s", self.summary),
            note=str(error),
            user_id=self.subscription_id.user_id.id or self.env.uid,
        )

    def _react(self):
        """What follows from new events, such as messages and actions; called once for each."""

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("The life-cycle record of a subscription cannot be changed.")
            )
        return super().write(vals)

    def unlink(self):
        self._check_empty()
        return super().unlink()

    def _check_empty(self):
        if self:
            raise UserError(
                self.env._("The life-cycle record of a subscription cannot be deleted.")
            )
