"""How a subscription rests and goes on; its state follows the dates of its pauses."""

from dataclasses import replace
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..billing import Period
from .subscription_pause import day_before
from .subscription_timeline import first_day_after

RESTING_STATES = {"pause": "paused", "suspension": "suspended"}
EVENT_TYPES = {"pause": "paused", "suspension": "suspended"}


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    pause_ids = fields.One2many("subscription.pause", "subscription_id", copy=False)

    @api.depends("pause_ids.date_start", "pause_ids.date_end", "pause_ids.is_charged")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()

    @api.depends("pause_ids.date_start", "pause_ids.date_end", "pause_ids.is_charged")
    def _compute_recurring(self):
        return super()._compute_recurring()

    def _get_timeline(self, usage):
        free = self.pause_ids.filtered(lambda pause: not pause.is_charged)
        return replace(
            super()._get_timeline(usage),
            pauses=tuple(
                Period(pause.date_start, first_day_after(pause.date_end) or date.max)
                for pause in free
            ),
        )

    def _get_pause(self, day):
        """The pause that covers a day; empty when there is none."""
        return self.pause_ids.filtered(lambda pause: pause._covers(day))[:1]

    def _is_recurring(self, day):
        """What rests without a charge is no recurring revenue."""
        if self.state in RESTING_STATES.values():
            return any(pause.is_charged for pause in self._get_pause(day))
        return super()._is_recurring(day)

    def _pause(self, date_start=None, date_end=False, kind="pause", is_charged=None, reason=False):
        """Let the subscriptions rest.

        :param date date_start: first day; today when left out. In the past, the days that were
            charged are credited with the next billing.
        :param date date_end: last day; open when left out.
        :param str kind: ``pause`` or ``suspension``.
        :param bool is_charged: recurring charges go on; as the plan says when left out.
        :return: the pauses.
        """
        pauses = self.env["subscription.pause"]
        for subscription in self:
            start = fields.Date.to_date(date_start) or subscription._get_today()
            if subscription.state in ("draft", "closed"):
                raise UserError(
                    self.env._("%s is not running, so it cannot be paused.", subscription.name)
                )
            plan = subscription.plan_id
            default = plan.is_pause_charged if kind == "pause" else plan.is_suspension_charged
            pauses += pauses.create(
                {
                    "subscription_id": subscription.id,
                    "kind": kind,
                    "date_start": start,
                    "date_end": date_end,
                    "is_charged": default if is_charged is None else is_charged,
                    "reason": reason,
                }
            )
            planned = start > subscription._get_today()
            subscription._follow_pauses()
            if planned or subscription.state not in RESTING_STATES.values():
                subscription._log_change(EVENT_TYPES[kind], start, pauses[-1:].display_name)
        return pauses

    def _resume(self, on=None):
        """Let the subscriptions go on.

        :param date on: first day on which they run again; today when left out.
        """
        self.check_access("write")
        for subscription in self:
            day = fields.Date.to_date(on) or subscription._get_today()
            pause = subscription._get_pause(day) or subscription._get_pause(day_before(day))
            if not pause:
                raise UserError(
                    self.env._(
                        "%(subscription)s does not rest on %(day)s.",
                        subscription=subscription.name,
                        day=format_date(self.env, day),
                    )
                )
            if day <= pause.date_start:
                pause.sudo().unlink()
            else:
                pause.date_end = day_before(day)
            subscription._follow_pauses()
            if day > subscription._get_today():
                subscription._log_change("resumed", day, self.env._("Resumption"))

    def _get_today(self):
        return self.env["subscription.billing.run"]._get_today(self.company_id)

    def _follow_calendar(self, today):
        result = super()._follow_calendar(today)
        self._follow_pauses()
        return result

    def _follow_pauses(self):
        """Let the state say whether the subscriptions rest today, whatever day is billed."""
        for subscription in self:
            today = subscription._get_today()
            pause = subscription._get_pause(today)
            if pause and subscription.state in ("trial", "active"):
                subscription.sudo().state = RESTING_STATES[pause.kind]
                subscription._log_event(
                    EVENT_TYPES[pause.kind], recurring=True, description=pause.reason
                )
            elif not pause and subscription.state in RESTING_STATES.values():
                subscription.sudo().state = subscription._get_running_state(today)
                subscription._log_event("resumed", recurring=True)
