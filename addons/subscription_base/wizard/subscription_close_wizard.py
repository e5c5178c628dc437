from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..models.subscription_termination import MANAGER


class SubscriptionCloseWizard(models.TransientModel):
    """Terminates subscriptions: with notice as the terms say, or for good cause on any day."""

    _name = "subscription.close.wizard"
    _description = "Terminate Subscriptions"

    subscription_ids = fields.Many2many(
        "subscription.subscription", required=True, readonly=True, export_string_translation=False
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")
    kind = fields.Selection(
        [
            ("ordinary", "With notice, as agreed"),
            ("extraordinary", "Extraordinary, on any day"),
        ],
        default="ordinary",
        required=True,
    )
    can_be_extraordinary = fields.Boolean(compute="_compute_can_be_extraordinary")
    date_notice = fields.Date("Notice Given on", required=True, default=fields.Date.context_today)
    end_choice = fields.Selection(
        [
            ("earliest", "As early as possible"),
            ("period", "At the end of the billing period"),
            ("date", "On a later day"),
        ],
        "Ends",
        default="earliest",
        required=True,
    )
    date_earliest = fields.Date("Earliest Last Day", compute="_compute_date_earliest")
    date_end = fields.Date(
        "Last Day",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        help="The subscription is charged up to and including this day. What has been charged "
        "beyond is credited with the next billing.",
    )
    close_reason_id = fields.Many2one("subscription.close.reason", "Reason", required=True)
    description = fields.Char("Note", help="Recorded in the history of the subscription.")
    terms_text = fields.Char(compute="_compute_date_earliest")
    is_void_offered = fields.Boolean(
        compute="_compute_is_void_offered",
        help="The contracts are not binding yet: they are cancelled, not terminated.",
    )
    is_past = fields.Boolean(compute="_compute_outlook")
    currency_id = fields.Many2one("res.currency", compute="_compute_outlook")
    amount_billed = fields.Monetary("Still to be Billed", compute="_compute_outlook")
    amount_credited = fields.Monetary("To be Credited", compute="_compute_outlook")

    @api.depends("subscription_ids")
    def _compute_subscription_count(self):
        for wizard in self:
            wizard.subscription_count = len(wizard.subscription_ids)

    @api.depends("subscription_ids")
    def _compute_is_void_offered(self):
        for wizard in self:
            unaffirmed = wizard.subscription_ids._origin._filter_unaffirmed()
            wizard.is_void_offered = bool(unaffirmed)

    @api.depends_context("uid")
    def _compute_can_be_extraordinary(self):
        self.can_be_extraordinary = self.env.user.has_group(MANAGER)

    @api.depends("subscription_ids", "date_notice")
    def _compute_date_earliest(self):
        for wizard in self:
            subscription = wizard._get_single()
            wizard.date_earliest = wizard.date_notice and wizard._get_earliest(subscription)
            wizard.terms_text = subscription.terms_text

    def _get_single(self):
        """The subscription, if it is only one."""
        subscriptions = self.subscription_ids
        return subscriptions._origin if len(subscriptions) == 1 else subscriptions.browse()

    def _get_earliest(self, subscription):
        return subscription and subscription.get_next_termination_date(self.date_notice)

    @api.depends("kind", "date_earliest", "end_choice")
    def _compute_date_end(self):
        """The day that the choice means; a day that was chosen by hand stays."""
        today = fields.Date.context_today(self)
        for wizard in self:
            if wizard.kind == "extraordinary":
                wizard.date_end = wizard.date_end if wizard.end_choice == "date" else today
            elif wizard.end_choice == "period":
                wizard.date_end = wizard._get_period_end(wizard._get_single())
            else:
                earliest = wizard.date_earliest
                late = wizard.end_choice == "date" and wizard.date_end
                wizard.date_end = max(filter(None, (late, earliest)), default=False)

    def _get_period_end(self, subscription):
        """The last day of the billing period in which the subscription may end first."""
        earliest = self._get_earliest(subscription)
        return subscription and subscription._get_last_day_of_period(earliest)

    @api.depends("date_end", "subscription_ids")
    def _compute_outlook(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            subscription, last = wizard._get_single(), wizard.date_end
            wizard.is_past = bool(last and last < today)
            wizard.currency_id = subscription.currency_id
            wizard.amount_billed = wizard.amount_credited = 0
            if subscription and last and last >= subscription.date_start:
                billed, credited = subscription._get_end_outlook(last)
                wizard.amount_billed, wizard.amount_credited = float(billed), float(credited)

    def action_close(self):
        self.ensure_one()
        if self.kind == "extraordinary":
            self._check_started()
            self.subscription_ids._terminate_extraordinarily(
                self.date_end, self.close_reason_id, self.description
            )
        else:
            for subscription in self.subscription_ids:
                subscription._terminate(
                    self._get_last_day(subscription),
                    self.date_notice,
                    self.close_reason_id,
                    self.description,
                )
        return {"type": "ir.actions.act_window_close"}

    def action_void(self):
        """Cancel what is not binding yet, and keep the reason."""
        self.ensure_one()
        unaffirmed = self.subscription_ids._filter_unaffirmed()
        unaffirmed._void(self.description)
        unaffirmed.close_reason_id = self.close_reason_id
        return {"type": "ir.actions.act_window_close"}

    def _check_started(self):
        last = self.date_end or fields.Date.context_today(self)
        if too_late := self.subscription_ids.filtered(lambda s: s.date_start > last)[:1]:
            raise UserError(
                self.env._(
                    "%(subscription)s starts on %(day)s only and cannot end before.",
                    subscription=too_late.name,
                    day=format_date(self.env, too_late.date_start),
                )
            )

    def _get_last_day(self, subscription):
        """The last day of each subscription; of several, each ends as its own terms say."""
        if self.subscription_count == 1:
            return self.date_end
        earliest = self._get_earliest(subscription)
        if self.end_choice == "period":
            return self._get_period_end(subscription)
        return max(filter(None, (earliest, self.end_choice == "date" and self.date_end)))
