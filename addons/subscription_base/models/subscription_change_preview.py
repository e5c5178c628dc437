"""What a change would bill: it is made, looked at and taken back."""

from contextlib import suppress

from odoo import models

from ..billing import bill, next_billing_date
from .subscription_recurring import SILENT


class _TakenBack(Exception):
    """Raised to roll a trial back."""


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def action_open_change_wizard(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_change_wizard_action"
            ),
            "context": {
                "default_subscription_id": self.id,
                "default_line_id": self._get_main_line(self._get_today()).id,
            },
        }

    def action_resume(self):
        """Let paused or suspended subscriptions run again from today on."""
        self._resume()
        return True

    def _try_out(self, change, on=None, look=None):
        """Make a change, look at what it bills, and roll it back.

        :param change: called with the subscription.
        :param date on: the day whose recurring amounts are told; today when left out.
        :param look: called with the changed subscription; what it returns holds no records.
        :return: what ``look`` returns; without it, what :meth:`_summarize_billing` says.
        """
        self.ensure_one()
        found = {}
        trial = self.with_context(**{SILENT: True}, tracking_disable=True)
        with suppress(_TakenBack), self.env.cr.savepoint():
            change(trial)
            self.env.flush_all()
            found = look(trial) if look else trial._summarize_billing(on)
            raise _TakenBack
        return found

    def _summarize_billing(self, on=None):
        """What is billed next, and what recurs.

        :param date on: the day whose recurring amounts are told; today when left out.
        :return: ``recurring_amount``, ``recurring_monthly``, ``date`` of the next invoice (or
            ``None``), its ``lines`` of name, first and last day and amount, and their ``total``;
            ``then_date`` and ``then_total`` of the one after it.
        :rtype: dict
        """
        self.ensure_one()
        timeline, ledger = self._get_billing_inputs()[self.id]
        day = next_billing_date(timeline, ledger)
        day = day and max(day, self._get_today())
        entries, then_day, then = [], None, []
        if day:
            entries, then_day = (result := bill(timeline, ledger, day)).entries, result.next_due
        if then_day:
            then = bill(timeline, [*ledger, *entries], then_day).entries
        names = {line.id: line.name for line in self.line_ids}
        per_period, monthly = self.recurring_amount, self.recurring_monthly
        if on and on > self._get_today():
            per_period, monthly = self._get_recurring_on(on)
        lines = [
            (
                names.get(entry.charge.line),
                entry.charge.period.start,
                entry.charge.period.last_day,
                float(entry.charge.amount),
            )
            for entry in entries
            if entry.charge.amount
        ]
        return {
            "recurring_amount": per_period,
            "recurring_monthly": monthly,
            "date": day,
            "lines": lines,
            "total": sum(amount for *_rest, amount in lines),
            "then_date": then_day,
            "then_total": float(sum(entry.charge.amount for entry in then)),
        }


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def action_open_change_wizard(self):
        self.ensure_one()
        action = self.subscription_id.action_open_change_wizard()
        action["context"]["default_line_id"] = self.id
        return action
