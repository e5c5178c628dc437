"""E-mails before the trial ends and before the subscription renews (RE-62, RE-63, RE-106, RE-107).

Each is sent once for each day that it is about: the event that records it is what tells.
"""

import logging
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from .subscription_subscription import RUNNING_STATES

_logger = logging.getLogger(__name__)

_DAY = timedelta(days=1)
BATCH = 200
REMINDERS = {
    "trial": ("trial_reminded", "trial_end"),
    "renewal": ("renewal_reminded", "renewal"),
}


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.model
    def _cron_remind(self):
        """Send the reminders that are due, also those that an outage has delayed."""
        subscriptions = self.search(
            Domain("state", "in", RUNNING_STATES)
            & (Domain("trial_reminder", "=", True) | Domain("renewal_reminder", "=", True)),
            order="id",
        )
        done = 0
        for start in range(0, len(subscriptions), BATCH):
            batch = subscriptions[start : start + BATCH]
            for subscription in batch:
                subscription._remind_safely()
            done += len(batch)
            if not self.env["ir.cron"]._commit_progress(
                len(batch), remaining=len(subscriptions) - done
            ):
                break

    def _remind_safely(self):
        """Remind; one subscription that cannot be reminded stops nobody else's."""
        try:
            with self.env.cr.savepoint():
                self._remind(self._get_today())
        except Exception:
            _logger.exception("reminding of %s failed", self)

    def _remind(self, today):
        """Record the reminders that are due on ``today``; the events ask for the messages.

        A reminder that an outage has delayed is sent as long as the day itself is not over.
        """
        for subscription in self:
            for kind, (event_type, message) in REMINDERS.items():
                day = subscription._get_reminder_day(kind, today)
                if not day or subscription._is_reminded(event_type, day):
                    continue
                if not subscription._is_told(message):
                    continue
                self.env["subscription.event"].sudo().create(
                    {
                        "subscription_id": subscription.id,
                        "event_type": event_type,
                        "date_effective": day,
                        "description": format_date(self.env, day),
                    }
                )

    def _get_reminder_day(self, kind, today):
        """The first paid day, or the day of renewal, of which to remind on ``today``."""
        self.ensure_one()
        if not self[f"{kind}_reminder"]:
            return False
        day = self._get_trial_over() if kind == "trial" else self._get_renewal_day(today)
        if not day or (self.date_end and self.date_end < day):
            return False
        first = day - timedelta(days=self[f"{kind}_reminder_days"])
        return day if first <= today <= day else False

    def _get_trial_over(self):
        """The first paid day after a trial."""
        return self.date_trial_end and self.date_trial_end + _DAY

    def _get_renewal_day(self, today):
        """The next first day of a renewed contract term; without one, of a billing period.

        Once a contract term has become open-ended nothing is renewed any more.
        """
        terms = self._get_terms(self.date_start)
        if not terms or terms.end:
            return False
        if terms.initial:
            end = terms.term_end(today - _DAY)
            return end if end and end >= today else False
        day = terms.schedule.grid(terms.anchor).next_boundary(today)
        return day if day > terms.anchor else False

    def _get_renewal_deadline(self, day):
        """The last day on which notice ends the subscription before it renews on ``day``.

        :return: ``False`` where notice cannot be given in time any more.
        :rtype: date | bool
        """
        self.ensure_one()
        terms, billed_until = self._get_terms(self.date_start), self._get_billed_until()
        left = (day - self._get_today()).days if day and terms else 0
        days = (day - timedelta(days=before) for before in range(1, left + 1))
        in_time = (on for on in days if terms.next_termination_date(on, billed_until) <= day)
        return next(in_time, False)

    def _is_reminded(self, event_type, day):
        return bool(
            self.env["subscription.event"]
            .sudo()
            .search_count(
                [
                    ("subscription_id", "=", self.id),
                    ("event_type", "=", event_type),
                    ("date_effective", "=", day),
                ],
                limit=1,
            )
        )

    def _is_told(self, message):
        """Whether the settings let the customer get a kind of message."""
        is_sent, _template = self.env["subscription.message.rule"]._resolve(
            message, self.plan_id, self.company_id
        )
        return is_sent

    def _get_price_after_trial(self):
        """What a billing period costs once the trial is over, without taxes."""
        self.ensure_one()
        first_paid = self._get_trial_over() or self.date_start
        lines = self.line_ids.filtered(lambda line: line._is_current(first_paid))
        return sum(lines.mapped("recurring_amount"))
