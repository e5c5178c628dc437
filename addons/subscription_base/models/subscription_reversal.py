"""Credit notes that people make: what they settle is stated in the charge ledger."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import Reckoning, credit_by_hand, remaining, stated_again, taken_back

REVERSALS = [
    ("waive", "The customer does not owe it"),
    ("rebill", "Bill it again"),
]


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    is_by_hand = fields.Boolean(
        "By Hand",
        readonly=True,
        help="Stated by a document that people made; billing puts it on no invoice.",
    )
    reversal_line_id = fields.Many2one(
        "account.move.line",
        "Stated by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The line of a credit note made by hand that states the charge.",
    )

    @api.depends("reversal_line_id.parent_state")
    def _compute_move_id(self):
        result = super()._compute_move_id()
        for charge in self.filtered("is_by_hand"):
            line = charge.reversal_line_id
            is_posted = line.parent_state == "posted"
            charge.move_id = line.move_id
            charge.invoice_state = "posted" if is_posted else "draft"
        return result

    def _explain(self):
        if not self.is_by_hand:
            return super()._explain()
        if self.waived:
            return self.env._("Credited by hand: neither charged nor credited again")
        return self.env._("Credited by hand, to be billed again")

    def _get_ledger(self):
        """The ledger of the charge's subscription, for the billing core.

        :return: the entries, the entry that each ``subscription.charge`` id states, and how parts
            of a period are weighed and rounded.
        :rtype: tuple[list[Entry], dict[int, Entry], Reckoning]
        """
        self.ensure_one()
        subscription = self.subscription_id
        timeline, ledger = subscription._get_billing_inputs()[subscription.id]
        charges = self.search([("subscription_id", "=", subscription.id)], order="id")
        by_charge = dict(zip(charges.ids, ledger, strict=True))
        return ledger, by_charge, Reckoning(timeline.rounding, timeline.day_count)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_reversed_charge_id = fields.Many2one(
        "subscription.charge",
        "Reversed Charge",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="The charge of the line that this line reverses.",
    )
    subscription_reversal_ids = fields.One2many("subscription.charge", "reversal_line_id")

    def _copy_data_extend_business_fields(self, values):
        result = super()._copy_data_extend_business_fields(values)
        charge = self.subscription_charge_id or self.subscription_reversed_charge_id
        values["subscription_reversed_charge_id"] = charge.id
        return result

    def _get_reversed_amount(self):
        """How much of the reversed charge the line states, signed as the charge's amount.

        A price with taxes is credited in the proportion of what was invoiced.
        """
        self.ensure_one()
        charge = self.subscription_reversed_charge_id
        amount = -self.move_id.direction_sign * self.price_subtotal
        invoiced = charge.move_line_ids.sorted()[:1].price_subtotal
        if charge.line_id.price_includes_tax and invoiced:
            amount *= abs(charge.amount / invoiced)
        return self.currency_id.round(amount)

    def _state_reversal(self, waive):
        """Add to the ledger what it lacks to state this line.

        :param bool waive: the customer does not owe what is credited.
        """
        self.ensure_one()
        currency, reversed_charge = self.currency_id, self.subscription_reversed_charge_id
        is_posted = self.parent_state == "posted"
        wanted = self._get_reversed_amount() if is_posted else 0.0
        stated = sum(self.subscription_reversal_ids.mapped("amount"))
        if not currency.compare_amounts(wanted, stated):
            return
        ledger, by_charge, reckoning = reversed_charge._get_ledger()
        charge, entries = by_charge[reversed_charge.id].charge, []
        if not currency.is_zero(stated):
            standing = self._get_standing_reversals()
            entries += taken_back(ledger, [by_charge[charge_id] for charge_id in standing.ids])
        if not currency.is_zero(wanted):
            amount = Decimal(str(currency.round(wanted if charge.amount < 0 else -wanted)))
            book = [*ledger, *entries]
            try:
                entries += credit_by_hand(book, charge, amount, waive=waive, reckoning=reckoning)
            except ValueError:
                self._refuse_reversal(remaining(book, charge, reckoning))
        Charge = self.env["subscription.charge"]
        Charge.create(
            [
                Charge._prepare_values(entry, reversed_charge.line_id, Charge.run_id)
                | {"is_by_hand": True, "reversal_line_id": self.id}
                for entry in entries
            ]
        )

    def _get_standing_reversals(self):
        """The charges by which this line stands in the ledger: those that were not taken back."""
        standing = {}
        for charge in self.subscription_reversal_ids.sorted("id"):
            key = charge.period_start, charge.start_minute, charge.waived
            standing[key] = None if standing.get(key) else charge
        return self.subscription_reversal_ids.browse(c.id for c in standing.values() if c)

    def _refuse_reversal(self, left):
        charge = self.subscription_reversed_charge_id
        raise ValidationError(
            self.env._(
                "%(move)s credits more of %(charge)s than is left: of %(amount)s, %(left)s have "
                "not been credited yet. Lower the line, or give the rest on a line of its own "
                "without a subscription.",
                move=self.move_id.display_name,
                charge=charge.display_name,
                amount=charge.currency_id.format(charge.amount),
                left=charge.currency_id.format(float(left)),
            )
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_reversal = fields.Selection(
        REVERSALS,
        "Subscription Charges",
        copy=False,
        help="What the credit note means for the subscription: the customer does not owe what is "
        "credited, or the next billing charges it again. What is credited only in part is never "
        "charged again.",
    )
    has_subscription_reversal = fields.Boolean(compute="_compute_has_subscription_reversal")

    @api.depends("invoice_line_ids.subscription_reversed_charge_id")
    def _compute_has_subscription_reversal(self):
        for move in self:
            move.has_subscription_reversal = bool(
                move.invoice_line_ids.subscription_reversed_charge_id
            )

    @api.constrains("state")
    def _check_subscription_reversals(self):
        """Let the ledger state what the posted document says, and nothing once it is taken back.

        A constraint, because it sees every way in which a document is posted, reset or cancelled,
        and leaves alone the methods whose extension would slow billing down (see ``bulk.guard``).

        :raise ValidationError: when more would be credited than is left of a charge.
        """
        for move in self.filtered("has_subscription_reversal"):
            lines = move.invoice_line_ids.filtered("subscription_reversed_charge_id")
            for line in lines.sudo():
                line._state_reversal(move.subscription_reversal != "rebill")

    def _state_subscription_charges_again(self):
        """Link the invoice that replaces a reversed one to charges of its own."""
        Charge = self.env["subscription.charge"].sudo()
        for line in self.sudo().invoice_line_ids.filtered("subscription_reversed_charge_id"):
            reversed_charge = line.subscription_reversed_charge_id
            ledger, by_charge, _ = reversed_charge._get_ledger()
            entry = stated_again(ledger, by_charge[reversed_charge.id].charge)
            line.write(
                {
                    "subscription_reversed_charge_id": False,
                    "subscription_charge_id": Charge.create(
                        Charge._prepare_values(
                            entry, reversed_charge.line_id, reversed_charge.run_id
                        )
                    ).id,
                }
            )
