"""Recurring revenue as of today, and the record of every movement of it.

The sum of what the events of a subscription say is its recurring revenue, always: an event states
the difference between the revenue now and what the events before it say.
"""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

#: Nobody outside the process knows the key: the context of a call by RPC is the caller's.
SILENT = f"subscription_recurring_silent_{secrets.token_hex(16)}"
NOT_RECURRING_STATES = ("draft", "closed")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    recurring_monthly = fields.Monetary(
        help="Recurring revenue: what the lines that run today are worth in an average month, "
        "without taxes, usage and one-time charges. A year has 12 months, or 365 days. Lasting "
        "discounts are taken off, also free periods: with every 13th month free, 12/13 of the "
        "price. Trials, and pauses without a charge, count as nothing.",
    )
    recurring_change_date = fields.Date(
        compute="_compute_recurring",
        store=True,
        copy=False,
        index="btree_not_null",
        help="Next day on which lines begin or end, and recurring revenue moves by itself.",
    )

    @api.depends(
        "state", "plan_id", "date_start", "line_ids.recurring_monthly",
        "line_ids.recurring_amount", "line_ids.date_start", "line_ids.date_end",
    )  # fmt: skip
    def _compute_recurring(self):
        Run = self.env["subscription.billing.run"]
        for company, subscriptions in self.grouped("company_id").items():
            today = Run._get_today(company or self.env.company)
            for subscription in subscriptions:
                lines = subscription.line_ids.filtered(
                    lambda line, day=today: line._is_current(day)
                )
                if not subscription._is_recurring(today):
                    lines = lines.browse()
                subscription.recurring_amount = sum(lines.mapped("recurring_amount"))
                subscription.recurring_monthly = sum(lines.mapped("recurring_monthly"))
                subscription.recurring_change_date = subscription._get_next_boundary(today)

    def _is_recurring(self, day):
        """Whether lines that run on ``day`` are recurring revenue."""
        self.ensure_one()
        return self.state != "closed"

    def _get_next_boundary(self, day):
        """The first day after ``day`` on which a line begins, or is over."""
        self.ensure_one()
        if self.state in NOT_RECURRING_STATES:
            return False
        begins = self.line_ids.filtered(lambda line: line.date_start).mapped("date_start")
        overs = [fields.Date.add(end, days=1) for end in self.line_ids.mapped("date_end") if end]
        return min((b for b in (*begins, *overs) if b > day), default=False)

    def _get_recurring_unlogged(self, ended=False):
        """By how much recurring revenue differs from what the events say.

        :param bool ended: there is none from now on, whatever the state still says.
        :return: ``{subscription: amount}``
        :rtype: dict
        """
        logged = dict(
            self.env["subscription.event"]
            .sudo()
            ._read_group(
                Domain("subscription_id", "in", self.ids),
                ["subscription_id"],
                ["recurring_delta:sum"],
            )
        )
        return {
            subscription: subscription.currency_id.round(
                (0.0 if ended or subscription.state == "draft" else subscription.recurring_monthly)
                - logged.get(subscription, 0.0)
            )
            for subscription in self
        }

    @api.model
    def _get_ending_events(self):
        """Types of events with which recurring revenue ends.

        :rtype: set[str]
        """
        return {"closed", "withdrawn"}

    def _log_event(self, event_type, recurring=False, description=False, effective=None):
        """Record what happened in the append-only life-cycle log.

        Call it after the change itself has been written: the event states what was changed.

        :param bool recurring: recurring revenue has moved with the event (with those of
            :meth:`_get_ending_events`: it ends); the event states by how much.
        :param date effective: the day from which on it applies; found out when left out.
        """
        ended = event_type in self._get_ending_events()
        deltas = self._get_recurring_unlogged(ended) if recurring else {}
        self.env["subscription.event"].sudo().create(
            [
                subscription._prepare_event(event_type, effective)
                | {
                    "description": description,
                    "recurring_delta": deltas.get(subscription, 0.0),
                }
                for subscription in self
            ]
        )

    def _prepare_event(self, event_type, effective):
        """Values of an event of the subscription."""
        self.ensure_one()
        return {
            "subscription_id": self.id,
            "event_type": event_type,
            "date_effective": effective or self._get_effective_day(event_type),
        }

    def _get_effective_day(self, event_type):
        """The day that the dates of the subscription give for an event that happens now."""
        self.ensure_one()
        return self._get_today()

    def _log_recurring(self, event_type, description=False, effective=None):
        """Record that recurring revenue has moved, if it has."""
        running = self.filtered(lambda s: s.state not in NOT_RECURRING_STATES)
        if self.env.context.get(SILENT) or not running:
            return
        for subscription, delta in running._get_recurring_unlogged().items():
            if not subscription.currency_id.is_zero(delta):
                subscription._log_event(event_type, True, description, effective)

    def write(self, vals):
        if vals.get("currency_id"):
            self._check_currency_kept(vals["currency_id"])
        result = super().write(vals)
        if {"plan_id", "date_start"} & vals.keys():
            self._log_recurring("changed")
        return result

    def _check_currency_kept(self, currency_id):
        """Prices and recorded revenue of what runs are amounts of its currency."""
        changed = self.filtered(lambda s: s.state != "draft" and s.currency_id.id != currency_id)
        for subscription in changed:
            raise UserError(
                self.env._(
                    "%(subscription)s runs in %(currency)s already. Close it and start a new "
                    "subscription in the other currency.",
                    subscription=subscription.name,
                    currency=subscription.currency_id.name,
                )
            )

    def _follow_calendar(self, today):
        result = super()._follow_calendar(today)
        for subscription in self:
            reached = subscription.recurring_change_date
            if reached and reached <= self.env["subscription.billing.run"]._get_today(
                subscription.company_id
            ):
                event_type = subscription._get_reached_change(reached)
                self.env.add_to_compute(self._fields["recurring_monthly"], subscription)
                subscription._log_recurring(event_type, effective=reached)
        return result

    def _get_reached_change(self, day):
        """The type of the event that lines which begin or end on ``day`` make."""
        self.ensure_one()
        begun = self.line_ids.filtered(lambda line: line.date_start == day)
        over = self.line_ids.filtered(
            lambda line: line.date_end and fields.Date.add(line.date_end, days=1) == day
        )
        types = {line.change_type or "option_added" for line in begun}
        if over - begun.previous_line_id:
            types.add("option_removed")
        return types.pop() if len(types) == 1 else "changed"


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    previous_line_id = fields.Many2one(
        "subscription.line",
        "Continues",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The line that was changed into this one.",
    )
    change_type = fields.Char(
        copy=False, readonly=True, help="Type of the event with which the line begins."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.subscription_id._log_recurring("option_added")
        return lines

    def write(self, vals):
        result = super().write(vals)
        if {"date_start", "date_end", "charge_type", "included_qty", "pricing_model"} & vals.keys():
            self.subscription_id._log_recurring(
                "option_removed" if vals.get("date_end") else "changed"
            )
        elif event_type := self._get_change_type(vals):
            self.subscription_id._log_recurring(event_type)
        elif not self._get_pricing_fields().isdisjoint(vals):
            self.subscription_id._log_recurring("price")
        return result

    def unlink(self):
        subscriptions = self.subscription_id
        result = super().unlink()
        subscriptions.exists()._log_recurring("option_removed")
        return result

    @api.model
    def _get_change_type(self, vals):
        """The type of the event that a change of ``vals`` is, or ``None``."""
        for name, event_type in (
            ("plan_id", "plan"),
            ("product_id", "product"),
            ("component_id", "product"),
            ("quantity", "quantity"),
            ("price_unit", "price"),
            ("discount", "discount"),
        ):
            if name in vals:
                return event_type
        return None


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_follow_conditions(self):
        """Also subscriptions of which a line has begun or ended by its date alone."""
        reached = self._get_follow_date()
        return [
            *super()._get_follow_conditions(),
            SQL("recurring_change_date <= %s AND state NOT IN ('draft', 'closed')", reached),
        ]
