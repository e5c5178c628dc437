"""What the messages say about a subscription, in the language of their reader."""

from dataclasses import dataclass

from odoo import fields, models

from .price_text import money_text, percent_text, quantity_text


@dataclass(frozen=True)
class MessageItem:
    """What a message says about an item of the subscription, in the language of the reader.

    :param price: the quantity and the price of each, or the price rule.
    :param total: what it costs in a billing period; empty for what is billed by usage.
    :param before: ``price`` until the day before; empty where nothing has changed.
    """

    name: str
    price: str
    total: str
    before: str = ""
    is_new: bool = False
    is_gone: bool = False


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
        """What a billing period costs on a day: to consumers with taxes (LAW-13, § 3 PAngV).

        To businesses it is named with or without taxes as it has been agreed.

        :param date day: the first paid day or today, whatever is later, when left out
        :rtype: str
        """
        self.ensure_one()
        day = day or max(self._get_trial_over() or self.date_start, self._get_today())
        lines = self.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and line._is_current(day)
        )
        if not self._names_gross_prices(lines):
            net = sum(lines.mapped("recurring_amount"))
            return self.env._("%s plus taxes", self.currency_id.format(net))
        gross = self._get_period_price(lines).total if lines else 0.0
        amount = self.currency_id.format(gross)
        taxes = [line._get_period_base_line()["tax_ids"] for line in lines]
        rates = {tax.amount for found in taxes for tax in found}
        is_plain = all(len(found) == 1 and found.amount_type == "percent" for found in taxes)
        if is_plain and len(rates) == 1 and any(rates):
            rate = percent_text(self.env, rates.pop())
            return self.env._("%(amount)s including %(rate)s VAT", amount=amount, rate=rate)
        return self.env._("%s including taxes", amount)

    def _names_gross_prices(self, lines):
        """Whether the customer is told prices with taxes: consumers always are."""
        self.ensure_one()
        included = lines.mapped("price_includes_tax")
        return self.customer_kind == "consumer" or (bool(included) and all(included))

    def _get_message_items(self, day=None):
        """What the subscription comprises from a day on, and what is different from before.

        :rtype: list[MessageItem]
        """
        self.ensure_one()
        day = day or self._get_today()
        own = self.line_ids.filtered(lambda line: line.charge_type != "setup").sorted(
            lambda line: (line.sequence, line.date_start or self.date_start, line.id)
        )
        lines = own.filtered(lambda line: not line.date_end or line.date_end >= day)
        ended = own.filtered(lambda line: line.date_end == fields.Date.subtract(day, days=1))
        gross = self._names_gross_prices(lines.filtered(lambda line: line.charge_type != "usage"))
        items = [line._get_message_item(day, gross) for line in lines]
        return items + [
            MessageItem(line._get_invoice_name(), "", "", is_gone=True)
            for line in ended - lines.previous_line_id
        ]

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

    def _get_message_unpaid(self):
        """The invoices that are still to be paid, the oldest first.

        :rtype: account.move
        """
        self.ensure_one()
        return (
            self._get_invoices()
            .filtered(
                lambda move: (
                    move.state == "posted"
                    and move.move_type == "out_invoice"
                    and not move.currency_id.is_zero(move.amount_residual)
                )
            )
            .sorted(lambda move: (move.invoice_date_due, move.id))
        )

    def _get_message_token(self):
        """The saved payment method that what is still to be paid is going to be charged to."""
        self.ensure_one()
        unpaid = self._get_message_unpaid()[:1]
        return unpaid._get_message_token() if unpaid else self.env["payment.token"]

    def _get_message_reference(self):
        """What a transfer of all that is still to be paid has to name.

        :rtype: str
        """
        unpaid = self._get_message_unpaid()
        return ", ".join(move.payment_reference or move.name for move in unpaid) or self.name

    def _get_message_bank(self):
        """The bank account to which the customer pays: that of the invoices, or the company's.

        :rtype: res.partner.bank
        """
        self.ensure_one()
        chosen = self._get_message_unpaid().sudo().partner_bank_id[:1]
        return chosen or self.company_id._get_customer_bank_account(self.currency_id)


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_message_item(self, day, gross):
        """The line as messages list it.

        :param date day: the day on which a change takes effect.
        :param bool gross: whether prices are named with taxes.
        :rtype: MessageItem
        """
        self.ensure_one()
        begins = (self.date_start or self.subscription_id.date_start) == day
        before = self.previous_line_id if begins else self.browse()
        price = self._get_message_unit(gross)
        until_then = before._get_message_unit(gross) if before else ""
        total = ""
        if self.charge_type == "recurring":
            figures = self.subscription_id._get_period_price(self)
            total = self.currency_id.format(figures.total if gross else figures.untaxed)
        return MessageItem(
            name=self._get_invoice_name(),
            price=price,
            total=total,
            before=until_then if until_then != price else "",
            is_new=begins and not before and day > self.subscription_id.date_start,
        )

    def _get_message_unit(self, gross):
        """Quantity and price of each, or the price rule."""
        self.ensure_one()
        if self.pricing_model == "per_unit" and not (self.minimum_amount or self.maximum_amount):
            unit = self._get_gross_unit() if gross else self.price_unit
            rule = money_text(self.env, self.currency_id, unit)
        else:
            rule = self.price_text
            if gross and not self.price_includes_tax:
                rule = self.env._("%s plus taxes", rule)
        if self.discount:
            discount = percent_text(self.env, self.discount)
            rule = self.env._("%(price)s less %(discount)s", price=rule, discount=discount)
        if self.charge_type == "usage":
            unit = self.product_id.uom_id.name
            return self.env._("%(price)s per %(unit)s", price=rule, unit=unit)
        if self.pricing_model == "flat":
            return rule
        return f"{quantity_text(self.env, self.quantity)} × {rule}"

    def _get_gross_unit(self):
        """The price of one unit with taxes; unrounded where it is multiplied."""
        self.ensure_one()
        price, many = self.price_unit, 10_000  # so that a part of a cent is not rounded away
        if self.price_includes_tax and self.subscription_id._replaces_taxes(self):
            price = self._strip_taxes(price)
        base_line = self._get_base_line(quantity=many, price_unit=price, discount=0.0)
        self.env["account.tax"]._add_tax_details_in_base_line(base_line, self.company_id)
        gross = base_line["tax_details"]["raw_total_included_currency"] / many
        is_multiplied = self.charge_type == "usage" or self.quantity != 1
        return gross if is_multiplied else self.currency_id.round(gross)
