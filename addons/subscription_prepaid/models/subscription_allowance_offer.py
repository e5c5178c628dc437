"""Customers buy packs of units by themselves: looked at, confirmed, billed and paid in one step."""

from dataclasses import dataclass

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.subscription_base.billing import bill

from .subscription_extension import UNTIL

LONGEST_KEY = 64


@dataclass(frozen=True)
class PackOffer:
    """A pack as a customer sees it; amounts in the currency of the contract.

    :param pack: ``subscription.allowance.pack`` record.
    :param date_end: last day on which the units can be used; ``None`` for ever.
    :param untaxed: price without taxes.
    :param total: price with taxes.
    :param missing: what the balance lacks; 0.0 when it is enough.
    :param needs_balance: nothing but the balance can pay: the contract is prepaid.
    """

    pack: models.Model
    date_end: object
    untaxed: float
    total: float
    missing: float
    needs_balance: bool

    @property
    def is_from_balance(self):
        return not self.missing

    @property
    def is_affordable(self):
        return self.is_from_balance or not self.needs_balance


class SubscriptionAllowance(models.Model):
    _inherit = "subscription.allowance"

    order_key = fields.Char(
        readonly=True, copy=False, help="Names the order of a customer, so that it counts once."
    )

    _order_uniq = models.UniqueIndex(
        "(subscription_id, order_key) WHERE order_key IS NOT NULL",
        "The pack has been ordered already.",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_self_packs(self):
        """The packs that the customer may buy.

        :rtype: subscription.allowance.pack
        """
        if self._get_pack_obstacle():
            return self.env["subscription.allowance.pack"]
        return self._get_packs_to_sell().filtered("is_self_service")

    def _get_pack_offers(self):
        """What the packs cost that the customer may buy.

        :rtype: list[PackOffer]
        """
        self.ensure_one()
        contract = self.sudo()
        return [contract._get_pack_offer(pack) for pack in contract._get_self_packs()]

    def _get_pack_offer(self, pack):
        untaxed, total, advance = self._preview_pack(pack)
        missing = self.currency_id.round(total - self._get_spendable_balance() - advance)
        return PackOffer(
            pack=pack,
            date_end=pack._get_last_day(self._get_today()) or None,
            untaxed=untaxed,
            total=total,
            missing=max(missing, 0.0),
            needs_balance=self.is_prepaid,
        )

    def _preview_pack(self, pack):
        """What a pack would be billed at; nothing is written.

        :return: the amount without taxes, and with them; what has been paid in advance that its
            invoice can deduct.
        :rtype: tuple[float, float, float]
        """
        today, sold = self._get_today(), []
        return self._try_out(
            lambda trial: sold.append(trial._add_pack(pack, today).line_id.id),
            look=lambda trial: trial._get_billed_for(sold[0]),
        )

    def _get_billed_for(self, line_id):
        entries = self._get_due_entries(line_id)
        charges = self._get_charges_in_memory(entries, self._get_today())
        if not charges:
            return 0.0, 0.0, 0.0
        preview = self._prepare_preview(self._get_today(), charges)
        line = self.line_ids.browse(line_id)
        taxes = line._get_base_line(quantity=1.0, price_unit=1.0, discount=0.0)["tax_ids"]
        return preview.untaxed, preview.total, self._get_advance_left_for(taxes)

    def _get_due_entries(self, line_id):
        """What one line is to be charged today, whatever else is due."""
        timeline, ledger = self._get_billing_inputs()[self.id]
        entries = bill(timeline, ledger, self._get_today()).entries
        return [entry for entry in entries if entry.charge.line == line_id]

    def _buy_pack_in_turn(self, pack, key, total, payment):
        """Sell a pack when it is this request's turn; see :meth:`_buy_pack`."""
        if wallet := self.sudo()._find_wallet():
            wallet._wait_for_turn()
        with self.env.cr.savepoint():
            return self._buy_pack(pack, key, total, payment)

    def _buy_pack(self, pack, key, total, payment):
        """Sell a pack for today: invoice, payment and units in one step.

        Asked for twice with the same key, it is sold once.

        :param str key: names the order.
        :param float total: the price with taxes that the customer was shown.
        :param str payment: what was shown to pay for it, ``balance`` or ``invoice``.
        :return: the ``subscription.allowance``.
        :raises UserError: when it cannot be sold, or not as it was shown; nothing has changed.
        """
        self.ensure_one()
        subscription = self.sudo()
        self.env.execute_query(
            SQL("SELECT id FROM subscription_subscription WHERE id = %s FOR UPDATE", self.id)
        )
        if not key or len(key) > LONGEST_KEY:
            raise UserError(self.env._("Please look at the pack again before you order it."))
        sold = subscription.allowance_ids.filtered(lambda allowance: allowance.order_key == key)
        if sold:
            return sold
        subscription._check_may_buy(pack)
        allowance = subscription._add_pack(pack, subscription._get_today())
        allowance.order_key = key
        moves = subscription._bill_pack(allowance, payment == "balance")
        subscription._check_pack_price(moves._get_price(), total)
        subscription._pay_pack(moves, payment)
        return allowance

    def _check_may_buy(self, pack):
        if obstacle := self._get_pack_obstacle():
            raise UserError(obstacle)
        if pack not in self._get_self_packs():
            raise UserError(self.env._("This pack is not offered any more. Choose another one."))

    def _bill_pack(self, allowance, at_once):
        """The invoice of a pack alone; what else is due is left to the billing run.

        :param bool at_once: it is due today and posted, whatever the contract says.
        """
        entries = self._get_due_entries(allowance.line_id.id)
        run = self.env["subscription.billing.run"]
        charges = self.env["subscription.charge"].create(self._prepare_charges(entries, run))
        day = self._get_today()
        billed = self.with_context(**{UNTIL: {self.id: day}}) if at_once else self
        moves = billed._create_invoices(charges & self._get_open_charges(), day).with_env(self.env)
        if at_once or self.invoice_policy != "draft":
            moves._post_subscription_invoices()
        return moves

    def _check_pack_price(self, price, total):
        if self.currency_id.compare_amounts(price, total):
            raise UserError(
                self.env._(
                    "The price is %s by now. Please look at the packs again.",
                    self.currency_id.format(price),
                )
            )

    def _pay_pack(self, moves, payment):
        """Pay from the balances what was shown to be paid from them; else the invoice is open."""
        if payment == "balance":
            wallet = self.env["subscription.wallet"]._get(
                self.partner_invoice_id, self.company_id, self.currency_id
            )
            moves._settle_in_full(wallet)
        elif self.is_prepaid:
            raise UserError(self.env._("Packs of %s are paid from the balance.", self.name))
