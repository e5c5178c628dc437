"""What the messages say about a subscription, in the language of their reader."""

from decimal import Decimal

from odoo import fields, models

from .price_text import quantity_text


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    failed_message_ids = fields.One2many(
        "subscription.message", "subscription_id", domain=[("state", "=", "failed")]
    )
    message_count_sent = fields.Integer(compute="_compute_message_count_sent")

    def _compute_message_count_sent(self):
        counts = dict(
            self.env["subscription.message"]._read_group(
                [("subscription_id", "in", self.ids)], ["subscription_id"], ["__count"]
            )
        )
        for subscription in self:
            subscription.message_count_sent = counts.get(subscription._origin, 0)

    def action_view_messages(self):
        """The messages to the customer."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_message_action"
            ),
            "domain": [("subscription_id", "in", self.ids)],
        }

    def action_send_messages_again(self):
        """Try again the messages that have failed."""
        return self.failed_message_ids.action_send_again()

    def _get_message_url(self):
        """The link to the customer's page of the subscription.

        :rtype: str
        """
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url()

    def _get_message_price(self, day=None):
        """What a billing period costs on a day, with or without taxes as it has been agreed.

        :param date day: the first paid day or today, whatever is later, when left out
        :rtype: str
        """
        self.ensure_one()
        day = day or max(self._get_trial_over() or self.date_start, self._get_today())
        lines = self.line_ids.filtered(lambda line: line._is_current(day))
        if lines and all(lines.mapped("price_includes_tax")):
            total = sum(line._get_message_total() for line in lines)
            return self.env._("%s including taxes", self.currency_id.format(total))
        net = sum(lines.mapped("recurring_amount"))
        return self.env._("%s plus taxes", self.currency_id.format(net))

    def _get_message_lines(self, day=None):
        """The lines that run on a day or later: what has been agreed from then on."""
        self.ensure_one()
        day = day or self._get_today()
        return self.line_ids.filtered(
            lambda line: line.charge_type != "setup" and (not line.date_end or line.date_end >= day)
        ).sorted(lambda line: (line.sequence, line.date_start or self.date_start, line.id))

    def _get_message_pause(self, day=None):
        """The pause that a message is about: that of the day, or the next one."""
        self.ensure_one()
        day = day or self._get_today()
        coming = self.pause_ids.filtered(lambda pause: pause.date_start > day)
        return self._get_pause(day) or coming.sorted("date_start")[:1]

    def _get_message_open_amount(self):
        """What is still to be paid of the subscription's invoices.

        :rtype: float
        """
        self.ensure_one()
        return sum(
            self._get_invoices()
            .filtered(lambda move: move.state == "posted" and move.currency_id == self.currency_id)
            .mapped(lambda move: -move.direction_sign * move.amount_residual)
        )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_message_total(self):
        """What the line costs in a billing period with the taxes that its price includes."""
        self.ensure_one()
        amount = float(self._get_pricing().amount(Decimal(str(self.quantity))))
        if self.charge_type != "recurring":
            return 0.0
        return self._strip_taxes(amount) if self.subscription_id._replaces_taxes(self) else amount

    def _get_message_quantity(self):
        """The quantity as the reader writes numbers."""
        return quantity_text(self.env, self.quantity)
