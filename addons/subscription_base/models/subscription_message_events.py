"""Which events of a subscription its customer is told of."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .subscription_event import TOLD
from .subscription_pause import day_before
from .subscription_subscription import RUNNING_STATES

EVENT_KINDS = {
    "started": "welcome",
    "trial_started": "welcome",
    "activated": "welcome",
    "trial_reminded": "trial_end",
    "renewal_reminded": "renewal",
    "quantity": "changed",
    "price": "changed",
    "discount": "changed",
    "product": "changed",
    "plan": "changed",
    "option_added": "changed",
    "option_removed": "changed",
    "paused": "paused",
    "resumed": "resumed",
    "terminated": "terminated",
    "termination_withdrawn": "continued",
    "voided": "voided",
    "revoked": "revoked",
    "payment_failed": "payment_failed",
    "closed": "ended",
}
#: Kinds of which a customer gets one for each day that they are about, whatever events ask for it.
ONCE_A_DAY = {"welcome", "trial_end", "renewal", "paused", "resumed", "ended"}
AGREED_DAY = "subscription_agreed_day"
NO_MESSAGES = "subscription_no_messages"
MAX_AGE = timedelta(days=30)
ONE_DAY = timedelta(days=1)


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    def _react(self):
        result = super()._react()
        messages = self.env["subscription.message"].sudo()
        kinds = messages._get_event_kinds()
        events = self.filtered(lambda event: event.event_type in kinds)
        if events and not self.env.context.get(NO_MESSAGES):
            messages._announce(events)
        return result


class SubscriptionMessage(models.Model):
    _inherit = "subscription.message"

    @api.model
    def _get_event_kinds(self):
        """The kind of message that each type of event asks for.

        :rtype: dict[str, str]
        """
        return EVENT_KINDS

    @api.model
    def _announce(self, events):
        """Ask for the messages about ``events`` that customers have not been asked for yet."""
        kinds, vals_by_key = self._get_event_kinds(), {}
        for event in events:
            kind = kinds[event.event_type]
            if self._is_worth_telling(event, kind):
                vals = self._prepare_from_event(event, kind)
                vals_by_key[vals["subscription_id"], kind, vals["key"]] = vals
        if not vals_by_key:
            return
        known = self.search(
            Domain("subscription_id", "in", events.subscription_id.ids)
            & Domain("key", "in", [key for _subscription, _kind, key in vals_by_key])
        )
        told = {(message.subscription_id.id, message.kind, message.key) for message in known}
        self.create([vals for key, vals in vals_by_key.items() if key not in told])
        self._wake()

    @api.model
    def _is_worth_telling(self, event, kind):
        """Whether the customer is to be told of an event, by what it is and by the settings."""
        subscription = event.subscription_id
        if kind in self.env.context.get(TOLD, ()):
            return False
        if kind == "changed" and (
            not self.env.context.get(AGREED_DAY) or subscription.state not in RUNNING_STATES
        ):
            return False  # it was told when it was agreed, or has not been agreed yet
        if event.event_type == "started" and subscription.state == "pending":
            return False  # a later event says that it runs
        if kind == "continued" and subscription.state == "draft":
            return False
        if kind == "payment_failed" and event.move_id:
            one = event.move_id.sudo().invoice_line_ids.subscription_id[:1]
            if subscription != one:
                return False  # the invoice states several subscriptions, and failed once
        return subscription._is_told(kind)

    @api.model
    def _prepare_from_event(self, event, kind):
        subscription, day = event.subscription_id, self._get_event_day(event, kind)
        vals = {
            "kind": kind,
            "key": self._get_event_key(event, kind, day),
            "subscription_id": subscription.id,
            "event_id": event.id,
            "date_about": day,
        }
        if kind == "welcome" and subscription._get_today() - day > MAX_AGE:
            vals |= {"state": "skipped", "reason": self.env._("It began long ago.")}
        return vals

    @api.model
    def _get_event_key(self, event, kind, day):
        """What the message about an event is about, so that it is sent once."""
        if kind in ONCE_A_DAY:
            return fields.Date.to_string(day)
        if kind == "payment_failed" and event.move_id:
            return f"invoice {event.move_id.id} {day}"
        return f"event {event.id}"

    @api.model
    def _get_event_day(self, event, kind):
        """The day that a message about the event is about."""
        subscription, today = event.subscription_id, event.subscription_id._get_today()
        agreed = self.env.context.get(AGREED_DAY) or event.date_effective
        if kind == "welcome":
            return subscription.date_start
        if kind in ("terminated", "ended"):
            return subscription.date_end or today
        if kind == "paused":
            return agreed or subscription._get_pause(today).date_start or today
        if kind == "resumed":
            ends = subscription.pause_ids.filtered(lambda p: p.date_end and p.date_end < today)
            return agreed or max(ends.mapped("date_end"), default=day_before(today)) + ONE_DAY
        return agreed or today


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_message_attachments(self, kind):
        """Documents that go with a kind of message; overridden by what makes some.

        :rtype: ir.attachment
        """
        self.ensure_one()
        return self.env["ir.attachment"]

    def _log_change(self, event_type, on, text):
        """The event of a change that has been agreed knows from which day on it holds."""
        agreed = self.with_context(**{AGREED_DAY: on})
        return super(SubscriptionSubscription, agreed)._log_change(event_type, on, text)
