"""What other systems may ask: what a subscription is, and what a change of it would bill."""

from odoo import fields, models
from odoo.exceptions import UserError

#: The methods of the API that change something, and so can be previewed.
CHANGES = (
    "change_quantity", "change_price", "change_plan", "add_option", "remove_option", "pause",
    "suspend", "resume", "terminate",
)  # fmt: skip


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def preview(self, method, arguments=None):
        """Tell what a change would bill, without making it.

        :param str method: the name of a method of this page that changes something, such as
            ``change_quantity``.
        :param dict arguments: its arguments.
        :return: as ``next_invoice`` and ``recurring_amount`` of :meth:`get_summary`.
        :rtype: dict
        """
        self._begin_call()
        if method not in CHANGES:
            raise UserError(
                self.env._("%(method)s cannot be previewed: choose one of %(all)s.",
                           method=method, all=", ".join(CHANGES))
            )  # fmt: skip
        arguments = arguments or {}
        if method == "change_plan":
            return self._preview_plan(**arguments)
        found = self._try_out(
            lambda subscription: getattr(subscription, method)(**arguments),
            fields.Date.to_date(arguments.get("on")),
        )
        return self._describe_billing(found)

    def _preview_plan(self, plan, on=None):
        plan, day = self._find_plan(plan), fields.Date.to_date(on) or self._get_plan_change_day()
        self._check_plan_change(plan, day)
        found = self._try_out(
            lambda subscription: subscription._move_to_plan(
                plan, day, subscription._keeps_individual(plan), whole_periods=not on
            ),
            day,
        )
        return self._describe_billing(found)

    def get_summary(self):
        """Tell what other systems need to know of the subscription.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        today, day = self._get_today(), fields.Date.to_string
        lines = self.line_ids.filtered(
            lambda line: not line.date_end or line.date_end >= max(today, line.date_start)
        )
        options = self.plan_id.component_ids.filtered("is_optional")
        return {
            "id": self.id,
            "name": self.name,
            "external_reference": self.external_reference,
            "state": self.state,
            "partner_id": self.partner_id.id,
            "plan": self.plan_id.handle,
            "currency": self.currency_id.name,
            "date_start": day(self.date_start),
            "date_end": day(self.date_end) or False,
            "next_billing_date": day(self.next_billing_date) or False,
            "next_termination_date": day(self.next_termination_date) or False,
            "next_plan": self.next_plan_id.handle,
            "next_plan_date": day(self.next_plan_date) or False,
            "lines": [
                {
                    "id": line.id,
                    "name": line.name,
                    "charge_type": line.charge_type,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                    "date_start": day(line.date_start),
                    "date_end": day(line.date_end) or False,
                }
                for line in lines
            ],
            "options": [
                {
                    "component_id": component.id,
                    "name": component.name,
                    "price_unit": component._get_price(self.currency_id, today),
                }
                for component in options
            ],
            **self._describe_billing(self._summarize_billing()),
        }

    def _describe_billing(self, found):
        """What :meth:`_summarize_billing` says, in plain values."""
        day = fields.Date.to_string
        return {
            "recurring_amount": found["recurring_amount"],
            "recurring_monthly": found["recurring_monthly"],
            "next_invoice": {
                "date": day(found["date"]) or False,
                "untaxed": self.currency_id.round(found["total"]),
                "lines": [
                    {"name": name, "from": day(start), "until": day(end), "amount": amount}
                    for name, start, end, amount in found["lines"]
                ],
            },
        }
