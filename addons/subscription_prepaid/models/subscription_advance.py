"""Advance payments for one contract: invoiced with VAT, deducted later, given back at the end.

How much of an advance is left is read from the journal items: what of its invoice has been paid,
less what invoices have deducted and credit notes have given back (LAW-42, § 14 (5) S. 2 UStG).
"""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES

from ..prepaid import Grant, burn_down

MOST = 1_000_000
ENDING_EVENTS = ("closed", "voided", "revoked")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_advance_id = fields.Many2one(
        "account.move.line",
        "Advance Payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The item of the advance invoice that this one deducts or gives back.",
    )
    subscription_advance_use_ids = fields.One2many("account.move.line", "subscription_advance_id")

    def _copy_data_extend_business_fields(self, values):
        """What reverses an advance, or its deduction, is a statement about that advance."""
        result = super()._copy_data_extend_business_fields(values)
        if self._is_subscription_advance() or self.subscription_advance_id:
            values["subscription_advance_id"] = (self.subscription_advance_id or self).id
        return result

    def _is_subscription_advance(self):
        self.ensure_one()
        is_advance = self.is_downpayment and self.subscription_id
        return bool(is_advance and not self.subscription_advance_id)

    def _includes_tax(self):
        return any(self.tax_ids.flatten_taxes_hierarchy().mapped("price_include"))

    def _get_stated_amount(self):
        """What the line adds to what the customer owes, as its price is stated.

        With taxes where the price includes them, so that what is deducted meets it to the cent.
        """
        self.ensure_one()
        amount = self.price_total if self._includes_tax() else self.price_subtotal
        return -self.move_id.direction_sign * amount

    def _get_advance_left(self, *, unpaid=False):
        """How much of the advance can be deducted, as its price is stated; never negative.

        :param bool unpaid: also count what has not been paid, as for what is given back.
        """
        self.ensure_one()
        move, currency = self.move_id, self.currency_id
        total = move.amount_total
        paid = (total - move.amount_residual) / total if total and not unpaid else 1.0
        left = self._get_stated_amount() * paid
        for use in self.subscription_advance_use_ids:
            amount = use._get_stated_amount()
            if use.parent_state == "posted" or (use.parent_state == "draft" and amount < 0):
                left += amount
        return max(currency.round(left), 0.0)

    def _get_gross(self, amount):
        """A part of the line's stated amount, with taxes."""
        if self._includes_tax() or not self.price_subtotal:
            return amount
        return self.currency_id.round(amount * self.price_total / self.price_subtotal)

    def _prepare_advance_use(self, amount, name):
        """Values of a line that takes up an amount of the advance, as its price is stated."""
        return {
            "name": name,
            "quantity": 1.0,
            "price_unit": amount,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "account_id": self.account_id.id,
            "is_downpayment": True,
            "subscription_id": self.subscription_id.id,
            "subscription_advance_id": self.id,
        }


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    advance_left = fields.Monetary(
        "Paid in Advance",
        compute="_compute_advance_left",
        compute_sudo=True,
        help="What has been paid by advance invoices and not been deducted yet, with taxes.",
    )
    is_topped_up_by_advance = fields.Boolean(compute="_compute_advance_left", compute_sudo=True)

    def _compute_advance_left(self):
        advances = self._get_advances().grouped("subscription_id")
        none = self.env["account.move.line"]
        for subscription in self:
            items = advances.get(subscription, none)
            subscription.advance_left = sum(
                item._get_gross(item._get_advance_left()) for item in items
            )
            subscription.is_topped_up_by_advance = subscription._is_topped_up_by_advance()

    def _get_advances(self):
        """The items of posted advance invoices, oldest first."""
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                Domain("subscription_id", "in", self.ids)
                & Domain("is_downpayment", "=", True)
                & Domain("subscription_advance_id", "=", False)
                & Domain("move_type", "=", "out_invoice")
                & Domain("parent_state", "=", "posted"),
                order="date, id",
            )
        )

    def _get_advance_left_for(self, taxes):
        """How much of the advances an invoice with these taxes can deduct, with taxes.

        :rtype: float
        """
        items = self._get_advances().filtered(lambda item: item.tax_ids == taxes)
        return sum(item._get_gross(item._get_advance_left()) for item in items)

    def _get_advance_taxes(self):
        """The taxes of what the advance is for: one rate, or it is no advance for something fixed.

        :raises UserError: when the lines of the contract differ in their taxes.
        """
        self.ensure_one()
        day = min(filter(None, (self.date_end, max(self._get_today(), self.date_start))))
        lines = self.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and line._is_current(day)
        )
        figures = {"quantity": 1.0, "price_unit": 1.0, "discount": 0.0}
        sets = {line._get_base_line(**figures)["tax_ids"] for line in lines}
        if len(sets) != 1:
            raise UserError(
                self.env._(
                    "The lines of %s do not all bear the same taxes, so nobody can tell the VAT of "
                    "an advance. Top up the general balance of the customer instead.",
                    self.name,
                )
            )
        return sets.pop()

    def _make_advance_invoice(self, amount):
        """Ask for an amount in advance by a posted invoice with VAT.

        :param float amount: with taxes; a cent may be missing where the rate does not hit it.
        :return: the ``account.move``.
        :raises UserError: when the amount is not above zero, or the contract does not run.
        """
        self.ensure_one()
        currency = self.currency_id
        if currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(self.env._("Please enter an amount above zero."))
        if self.state not in RUNNING_STATES:
            raise UserError(
                self.env._("%s does not run, so nothing is paid in advance for it.", self.name)
            )
        company = self.company_id.sudo()
        company._ensure_wallet_accounts()
        taxes = self._get_advance_taxes()
        includes = any(taxes.flatten_taxes_hierarchy().mapped("price_include"))
        lang = self.partner_invoice_id.lang or self.env.lang
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .create(
                {
                    **self._prepare_advance_header("out_invoice"),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": self.with_context(lang=lang).env._(
                                    "Advance payment for %(contract)s, %(plan)s",
                                    contract=self.name,
                                    plan=self.with_context(lang=lang).plan_id.name,
                                ),
                                "quantity": 1.0,
                                "price_unit": amount
                                if includes
                                else currency.round(taxes._strip_included(amount, None)),
                                "tax_ids": [Command.set(taxes.ids)],
                                "account_id": company.subscription_advance_account_id.id,
                                "is_downpayment": True,
                                "subscription_id": self.id,
                            }
                        )
                    ],
                }
            )
        )
        move.action_post()
        return move.sudo(self.env.su)

    def _prepare_advance_header(self, move_type):
        today = self._get_today()
        values = {
            "move_type": move_type,
            "company_id": self.company_id.id,
            "partner_id": self.partner_invoice_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": today,
            "invoice_date_due": today,
            "invoice_payment_term_id": False,
            "invoice_origin": self.name,
            "invoice_user_id": self.user_id.id,
        }
        if self.invoice_journal_id:
            values["journal_id"] = self.invoice_journal_id.id
        if self.fiscal_position_id:
            values["fiscal_position_id"] = self.fiscal_position_id.id
        return values

    def _create_invoices(self, charges, invoice_date):
        """What has been paid by advance invoices is deducted, with its VAT."""
        moves = super()._create_invoices(charges, invoice_date)
        if moves:
            advances = moves.invoice_line_ids.subscription_id._get_advances()
            moves._deduct_advances(advances)
        return moves

    def _ask_for_advance(self, amount):
        """The advance invoice that waits for its payment; a new one when there is none.

        :param amount: with taxes, of a new one; ``None`` where nothing sensible was entered.
        :return: the ``account.move``.
        :raises UserError: when the amount is less than the company lets customers pay in.
        """
        self.ensure_one()
        unpaid = self._get_advances().move_id.filtered("amount_residual")[:1]
        if unpaid:
            return unpaid
        least = max(self.company_id._get_least_top_up(self.currency_id), 0.01)
        if not amount or not least <= amount <= MOST:
            raise UserError(
                self.env._("Please enter an amount of at least %s.", self.currency_id.format(least))
            )
        return self._make_advance_invoice(self.currency_id.round(amount))

    def action_open_advance_wizard(self):
        """Propose what the contract costs next: its shortest package, or its next invoice."""
        self.ensure_one()
        offers = self._get_package_offers()[:1]
        proposed = offers[0] if offers else self.sudo()._preview_prepayment()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_prepaid.subscription_advance_wizard_action"
            ),
            "context": {
                "default_subscription_id": self.id,
                "default_amount": proposed.total if proposed else 0.0,
            },
        }

    def _give_back_advances(self):
        """Correct the advance invoices by what the contract, which has ended, has not used.

        :return: the credit notes.
        """
        credit_notes = self.env["account.move"].sudo()
        for subscription in self:
            for move, items in subscription._get_advances().grouped("move_id").items():
                credit_notes += subscription._give_back_advance(move, items)
        return credit_notes

    def _give_back_advance(self, move, items):
        lang = self.partner_invoice_id.lang or self.env.lang
        name = self.with_context(lang=lang).env._("Advance payment not used, invoice %s", move.name)
        lines = [
            Command.create(item._prepare_advance_use(left, name))
            for item in items
            if (left := item._get_advance_left(unpaid=True))
        ]
        if not lines:
            return move.browse()
        credit_note = move.create(
            {
                **self._prepare_advance_header("out_refund"),
                "journal_id": move.journal_id.id,
                "reversed_entry_id": move.id,
                "invoice_line_ids": lines,
            }
        )
        credit_note.action_post()
        (move + credit_note).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        return credit_note

    def action_view_advances(self):
        """The advance invoices of the contract and what corrects them."""
        items = self._get_advances()
        moves = items.move_id | items.subscription_advance_use_ids.move_id
        return moves.with_env(self.env)._get_subscription_invoice_action()


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    def _react(self):
        result = super()._react()
        ended = self.filtered(lambda event: event.event_type in ENDING_EVENTS)
        ended.subscription_id.sudo()._give_back_advances()
        return result


class AccountMove(models.Model):
    _inherit = "account.move"

    def _deduct_advances(self, advances):
        """Let drafts deduct what has been paid in advance for their subscriptions.

        Of each rate, no more than the invoice states, and the oldest advance first.
        """
        for move in self.filtered(lambda move: move.move_type == "out_invoice"):
            own = move.invoice_line_ids
            for (subscription, taxes), items in advances.grouped(
                lambda item: (item.subscription_id, item.tax_ids)
            ).items():
                same = own.filtered(
                    lambda line, subscription=subscription, taxes=taxes: (
                        line.subscription_id == subscription and line.tax_ids == taxes
                    )
                )
                move._deduct(items, sum(line._get_stated_amount() for line in same))

    def _deduct(self, advances, amount):
        grants = [
            Grant(item.id, Decimal(str(item._get_advance_left())), created=number)
            for number, item in enumerate(advances)
        ]
        uses, _left = burn_down(grants, max(Decimal(str(amount)), Decimal(0)), self.invoice_date)
        if uses:
            self.sudo().invoice_line_ids = [
                Command.create(
                    item._prepare_advance_use(
                        -float(use.amount), self._get_deduction_text(item, float(use.amount))
                    )
                )
                for use in uses
                for item in advances.browse(use.grant)
            ]

    def _get_deduction_text(self, advance, amount):
        """What is deducted, with its VAT, as the law asks for (§ 14 (5) S. 2 UStG)."""
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        currency, gross = self.currency_id, advance._get_gross(amount)
        net = amount
        if advance._includes_tax():
            net = currency.round(amount * advance.price_subtotal / advance.price_total)
        return env._(
            "Less advance payment, invoice %(invoice)s of %(day)s: %(net)s and %(tax)s VAT",
            invoice=advance.move_id.name,
            day=format_date(env, advance.move_id.invoice_date),
            net=currency.with_env(env).format(net),
            tax=currency.with_env(env).format(gross - net),
        )

    def _get_amount_before_advances(self):
        """What the invoices state with taxes, before advances are deducted."""
        deductions = self.invoice_line_ids.filtered("subscription_advance_id")
        return sum(self.mapped("amount_total")) - sum(deductions.mapped("price_total"))
