"""The movement of recurring revenue that an event carries, for reports to build on."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..billing.movement import Movement, classify
from .subscription_pause import day_before
from .subscription_recurring import NOT_RECURRING_STATES

_LABELS = {
    Movement.NEW: "New",
    Movement.EXPANSION: "Expansion",
    Movement.CONTRACTION: "Contraction",
    Movement.CHURN: "Churn",
    Movement.REACTIVATION: "Reactivation",
}


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    movement = fields.Selection(
        [(movement.value, label) for movement, label in _LABELS.items()],
        readonly=True,
        index="btree_not_null",
        help="New: the first recurring revenue of the contract. Expansion and contraction: more or "
        "less of it, also when a pause without a charge begins and ends. Churn: the contract ends. "
        "Reactivation: it begins again after its end.",
    )
    movement_date = fields.Date(
        "Moved on",
        readonly=True,
        index="btree_not_null",
        help="The day from which on recurring revenue is different, in the time zone of the "
        "company; in the past for what was recorded late.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._classify([vals for vals in vals_list if vals.get("recurring_delta")])
        return super().create(vals_list)

    @api.model
    def _classify(self, vals_list):
        """Add to the values of new events which movement they are, and when."""
        if not vals_list:
            return
        Subscription = self.env["subscription.subscription"]
        ending = Subscription._get_ending_events()
        found = self._get_moved({vals["subscription_id"] for vals in vals_list})
        for vals in vals_list:
            subscription = Subscription.browse(vals["subscription_id"])
            before, last = found.get(subscription.id, (0.0, None))
            ended = vals["event_type"] in ending or subscription.state in NOT_RECURRING_STATES
            movement = classify(
                Decimal(str(before)),
                Decimal(str(vals["recurring_delta"])),
                ended,
                last and Movement(last),
            )
            today = subscription._get_today()
            vals["movement"] = movement and movement.value
            vals["movement_date"] = min(
                fields.Date.to_date(vals.get("date_effective")) or today, today
            )
            after = subscription.currency_id.round(before + vals["recurring_delta"])
            found[subscription.id] = after, vals["movement"]

    @api.model
    def _get_moved(self, ids):
        """What the events of subscriptions say of recurring revenue so far.

        :return: ``{id: (revenue, last movement)}``
        :rtype: dict
        """
        self.flush_model(["subscription_id", "recurring_delta", "movement"])
        rows = self.env.execute_query(
            SQL(
                """SELECT subscription_id, SUM(recurring_delta),
                          (ARRAY_AGG(movement ORDER BY id DESC) FILTER (WHERE movement > ''))[1]
                     FROM subscription_event WHERE subscription_id IN %s
                 GROUP BY subscription_id""",
                tuple(ids),
            )
        )
        return {
            subscription: (
                self.env["subscription.subscription"]
                .browse(subscription)
                .currency_id.round(float(total or 0.0)),
                last,
            )
            for subscription, total, last in rows
        }


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_effective_day(self, event_type):
        """An event that the scheduler sees late is effective on the day that the dates say."""
        today = super()._get_effective_day(event_type)
        match event_type:
            case "started":
                day = self.date_start
            case "activated" | "trial_started":
                over = self._get_trial_over() if event_type == "activated" else False
                day = over or self.date_start
            case "closed":
                day = self.date_end and fields.Date.add(self.date_end, days=1)
            case "paused" | "suspended":
                day = self._get_pause(today).date_start
            case "resumed":
                ends = self.pause_ids.filtered("date_end").mapped("date_end")
                ended = [end for end in ends if end <= day_before(today)]
                day = ended and fields.Date.add(max(ended), days=1)
            case _:
                day = today
        return day or today
