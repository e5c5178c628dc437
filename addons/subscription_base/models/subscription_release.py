"""What the start of the service waits for: its payment, or a component that does not allow it yet.

A started subscription stays pending for as long as :meth:`_get_waiting_reason` names a reason. The
reason is kept in a column, so that the scheduler finds those that wait for nothing but their day.
"""

from odoo import fields, models

WAITING_FOR = [("payment", "Payment"), ("component", "Component")]


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    waiting_for = fields.Selection(
        WAITING_FOR,
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What the start of the service waits for.",
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"waiting_for"}

    def _get_waiting_reason(self, today):
        """Why the service may not start on ``today``; overridden by what may hold it back.

        :return: a value of ``waiting_for``, or ``False`` when nothing does.
        """
        self.ensure_one()
        return False

    def _get_running_state(self, today):
        """Nothing runs while it waits."""
        self.ensure_one()
        reason = self._get_waiting_reason(today)
        if reason != (self.waiting_for or False):
            self.sudo().waiting_for = reason
        return "pending" if reason else super()._get_running_state(today)

    def _release(self):
        """Let the subscriptions start that waited and need not any more."""
        for subscription in self.filtered("waiting_for"):
            subscription._follow_calendar(subscription._get_today())
