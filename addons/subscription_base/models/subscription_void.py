"""Cancelling an order that does not bind yet: no notice, no charge, either side (SM-51, SM-53)."""

from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .subscription_subscription import RUNNING_STATES

#: Kinds of an end that leaves nothing to charge for, or only what the law leaves.
UNDONE = ("void", "withdrawal")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    termination_kind = fields.Selection(
        selection_add=[
            ("void", "Cancelled before it was binding"),
            ("withdrawal", "Withdrawn from"),
        ],
        ondelete={kind: "set null" for kind in UNDONE},
    )
    is_uncharged = fields.Boolean(
        readonly=True,
        copy=False,
        help="Nothing is owed for the subscription: what has been charged is credited.",
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"is_uncharged"}

    def _get_timeline(self, usage):
        """What was undone from its beginning has never had anything to charge."""
        timeline = super()._get_timeline(usage)
        if not self.is_uncharged:
            return timeline
        return replace(timeline, lines=(), end=timeline.start or timeline.anchor)

    def _is_undone(self):
        """Whether the contract has been cancelled or withdrawn from, not terminated."""
        self.ensure_one()
        return self.termination_kind in UNDONE

    def action_void(self):
        """Cancel orders that do not bind yet."""
        self._void()
        return True

    def _void(self, description=None):
        """Close the subscriptions as if they had never been agreed; their records stay.

        :param str description: why, for the history.
        :raise UserError: when one is binding already, or does not run.
        """
        self.check_access("write")
        for subscription in self:
            if subscription.state not in RUNNING_STATES:
                raise UserError(
                    self.env._("%s is not running, so it cannot be cancelled.", subscription.name)
                )
            if subscription.affirmed_on:
                raise UserError(
                    self.env._(
                        "%(subscription)s has been binding since %(day)s, so it cannot be "
                        "cancelled any more. Terminate it instead.",
                        subscription=subscription.name,
                        day=format_date(self.env, subscription.affirmed_on),
                    )
                )
        for subscription in self:
            subscription._undo("void", is_uncharged=True)
            subscription._log_event("voided", recurring=True, description=description)
        self.sale_order_id._cancel_undone()

    def _leave(self, date_end=None, date_notice=None, reason=None, description=None):
        """Let customers out of their contracts: what does not bind yet is cancelled at once.

        For pages on which customers do not know whether their contract binds already. The rest is
        terminated with notice; see :meth:`_terminate` for the parameters and what it raises.
        """
        unaffirmed = self._filter_unaffirmed()
        unaffirmed._void(description)
        if rest := self - unaffirmed:
            rest._terminate(date_end, date_notice, reason, description)

    def _undo(self, kind, *, is_uncharged, received_on=None):
        """Close the subscription at once because there is no contract (any more).

        :param str kind: one of :data:`UNDONE`.
        :param bool is_uncharged: nothing is owed for it; otherwise, what ends with its last day.
        :param date received_on: the day of the declaration; today when left out.
        """
        self.ensure_one()
        today = self._get_today()
        received_on = received_on or today
        has_begun = self.date_start <= received_on
        last = min(filter(None, (self.date_end, received_on)))
        self.sudo().write(
            {
                "state": "closed",
                "termination_kind": kind,
                "is_uncharged": is_uncharged,
                "date_notice": received_on,
                "date_end": max(last, self.date_start) if has_begun else False,
                "waiting_for": False,
            }
        )

    def _set_end(self, on, reason=None):
        for subscription in self._filter_unaffirmed():
            raise UserError(
                self.env._(
                    "%s is not binding yet, so there is nothing to terminate. Cancel the order "
                    "instead: no notice is needed and nothing is charged.",
                    subscription.name,
                )
            )
        return super()._set_end(on, reason)

    def _terminate_extraordinarily(self, date_end, reason, description=None, rule=None):
        """A rule that ends contracts cancels those that do not bind yet."""
        unaffirmed = self._filter_unaffirmed() if rule else self.browse()
        if unaffirmed:
            ruled = unaffirmed._by_rule(rule)
            ruled._void(ruled.env._("Rule: %s", rule))
        rest = self - unaffirmed
        return not rest or super(SubscriptionSubscription, rest)._terminate_extraordinarily(
            date_end, reason, description, rule
        )

    @api.depends("is_uncharged")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()

    def _retire(self):
        """Remove drafts that are of no use any more; those that had begun are archived."""
        begun = self.filtered("has_history")
        begun.active = False
        (self - begun).unlink()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _action_cancel(self):
        """What does not bind yet is cancelled with its order."""
        self.subscription_ids._filter_unaffirmed()._void()
        return super()._action_cancel()

    def _cancel_undone(self):
        """Cancel orders of which nothing is left once their subscriptions have been cancelled."""
        for order in self:
            if order.state == "sale" and not order._get_once_lines():
                if all(subscription._is_undone() for subscription in order.subscription_ids):
                    order.sudo()._action_cancel()
