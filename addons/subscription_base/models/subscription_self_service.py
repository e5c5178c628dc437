"""Self-service: what a customer may do now, what it would cost, and doing it once.

Each action is looked at first and confirmed then. The look names a key that stands for the very
terms that were shown; only that key confirms them, and only once. So a form that was sent twice,
an old page or a changed price does nothing but show the present terms.

An action ``x`` has these methods: ``_self_x_obstacle`` (why not now), ``_self_x_choose`` (what was
chosen, from the texts of a form), ``_self_x_preview`` and ``_self_x_apply``.
"""

from dataclasses import dataclass, field
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import consteq
from odoo.tools.misc import hmac

#: The permission that each action needs.
ACTIONS = {
    "plan": "plan",
    "interval": "interval",
    "cancel_change": "plan",
    "quantity": "quantity",
    "add": "options",
    "remove": "options",
    "pause": "pause",
    "resume": "pause",
    "payment": "payment",
    "address": "address",
    "terminate": "terminate",
    "keep": "terminate",
}
#: Who has nothing but the link of a subscription sees neither saved cards nor addresses.
LOGIN_ACTIONS = ("payment", "address")


@dataclass(frozen=True)
class SelfPreview:
    """What a customer is shown before the confirmation.

    :param facts: pairs of a label and what it says.
    :param day: the first day on which it counts.
    :param is_order: it obliges to pay more or anew (§ 312j BGB).
    :param before: prices per period until then; with ``after``, they are compared.
    :param invoices: the next invoices with it.
    :param invoices_before: the next invoices without it.
    :param now: what is said instead of ``before`` where no price holds now.
    :param terms: term, notice and what follows, of what is ordered.
    :param introduction: what is said above everything.
    :param hint: what else there is to know.
    """

    day: date
    facts: list = field(default_factory=list)
    is_order: bool = False
    before: tuple = ()
    after: tuple = ()
    invoices: tuple = ()
    invoices_before: tuple = ()
    now: str = ""
    terms: str = ""
    introduction: str = ""
    hint: str = ""

    def shows_average(self):
        """Whether a month's worth says more than the prices, which may be billed otherwise."""
        return any(
            len(prices) > 1 or any(price.monthly != price.total for price in prices)
            for prices in (self.before, self.after)
        )

    def figures(self):
        """What the customer agrees to, for the key."""
        invoices = [(invoice.day, invoice.total) for invoice in self.invoices]
        prices = [(price.frequency, price.total) for price in self.after]
        return self.day, invoices, prices, self.is_order, self.terms


class SelfServiceRefused(UserError):
    """The customer may not do this, or it is not possible now."""


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    self_service_revision = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="How often the customer has changed the subscription in the portal.",
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"self_service_revision"}

    def _get_self_obstacle(self, action):
        """Why the customer cannot do something; empty when it is possible.

        :param str action: a key of ``ACTIONS``.
        """
        self.ensure_one()
        permission = ACTIONS.get(action)
        if not permission or not self._may_self_service(permission):
            return self.env._("This is not possible in the portal. Please contact us.")
        if not self.active or self.state in ("draft", "closed"):
            return self.env._("The subscription has ended.")
        return getattr(self, f"_self_{action}_obstacle")()

    def _get_self_actions(self):
        """The actions for which there is a button now, in their order.

        :rtype: list[str]
        """
        return [action for action in ACTIONS if not self._get_self_obstacle(action)]

    def _check_self(self, action):
        """Refuse what :meth:`_get_self_obstacle` names.

        :raise SelfServiceRefused: says why.
        """
        if obstacle := self._get_self_obstacle(action):
            raise SelfServiceRefused(obstacle)

    def _choose_self(self, action, values):
        """What a customer has chosen.

        :param dict values: texts of the form; what is not asked for is ignored.
        :return: the choice as plain values; ``None`` when something is still to be chosen.
        :raise UserError: when it is not among what is offered.
        :rtype: dict | None
        """
        self._check_self(action)
        return getattr(self, f"_self_{action}_choose")(values)

    def _preview_self(self, action, choice):
        """What a choice means; nothing is written.

        :return: what to show, and the key that confirms exactly this.
        :rtype: tuple[SelfPreview, str]
        """
        self._check_self(action)
        preview = getattr(self, f"_self_{action}_preview")(choice)
        return preview, self._get_self_key(action, choice, preview)

    def _get_self_key(self, action, choice, preview):
        """Stands for the action, the choice, the terms shown and the present state."""
        last_event = self.event_ids.sorted("id")[-1:].id
        message = (
            self.id, self.self_service_revision, last_event, self.state, self.date_end, action,
            sorted(choice.items()), preview.figures(),
        )  # fmt: skip
        return hmac(self.env(su=True), "subscription_self_service", repr(message))

    def _confirm_self(self, action, choice, key):
        """Do what the customer has looked at, if nothing has changed since then.

        :param str key: what :meth:`_preview_self` returned.
        :return: whether it was done; not when the key stands for other terms than the present.
        :raise UserError: when it is not possible any more.
        """
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError:
            return False
        self._check_self(action)
        preview = getattr(self, f"_self_{action}_preview")(choice)
        if not key or not consteq(key, self._get_self_key(action, choice, preview)):
            return False
        getattr(self, f"_self_{action}_apply")(choice)
        # makes whoever holds an older snapshot collide, instead of doing it once more
        self.sudo().self_service_revision += 1
        return True

    @api.model
    def _get_self_record(self, records, text):
        """The record among those offered whose id a form has sent; empty for none."""
        return records.filtered(lambda record: str(record.id) == str(text or ""))[:1]
