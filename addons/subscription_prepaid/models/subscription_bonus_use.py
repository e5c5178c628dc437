"""Bonus credit makes drafts of invoices cheaper: negative lines with the taxes that they reduce."""

from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ..prepaid import use_bonus


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _create_invoices(self, charges, invoice_date):
        """Drafts are made the fast way; those of customers with a bonus get cheaper afterwards."""
        moves = super()._create_invoices(charges, invoice_date)
        drafts = moves.sudo()
        drafts._give_bonus_back()
        drafts._use_bonus()
        return moves

    def _get_usable_bonus(self):
        """The bonus credit that would make an invoice of today cheaper.

        :rtype: float
        """
        if "bonus" not in self.plan_id._get_burn_order(self.company_id):
            return 0.0
        today = self._get_today()
        bonuses = self.env["subscription.bonus"]._find_open(self.partner_invoice_id)
        return sum(
            bonus.amount_left
            for bonus in bonuses
            if (bonus.company_id, bonus.currency_id) == (self.company_id, self.currency_id)
            and bonus.subscription_id in (self, self.browse())
            and bonus._get_grant().counts(today)
        )


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # what changes a draft here is written by plain Odoo

    def _use_bonus(self):
        """Make drafts cheaper by the bonus credit of their customers, never below zero (LAW-42)."""
        drafts = self.filtered(lambda m: m.state == "draft" and m.move_type == "out_invoice")
        bonuses = self.env["subscription.bonus"]._find_open(drafts.partner_id)
        by_owner = bonuses.grouped(lambda b: (b.partner_id, b.company_id, b.currency_id))
        for move in drafts if bonuses else ():
            owner = (move.commercial_partner_id, move.company_id, move.currency_id)
            if owner in by_owner and "bonus" in move._get_burn_order():
                by_owner[owner].wallet_id._lock()
                move._use_bonuses(by_owner[owner].filtered(lambda b: b.amount_left > 0))

    def _use_bonuses(self, bonuses):
        """Lower the draft by bonuses of its customer, and enter what was used of each."""
        self.ensure_one()
        parts = self._get_gross_by_contract()
        uses = self._enter_uses(bonuses, parts, self._get_bonus_limit())
        by_contract = defaultdict(list)
        for use in uses:
            by_contract[use.part].append(use)
        values = []
        for contract, theirs in by_contract.items():
            reasons = bonuses.browse(use.grant for use in theirs).mapped("reason")
            lines = self._get_charged_lines().filtered(
                lambda line, key=contract: (line.subscription_id.id or False) == key
            )
            amount = float(sum(use.amount for use in theirs))
            values += self._prepare_bonus_lines(lines, amount, self._get_bonus_text(reasons))
        self._add_bonus_lines(values)

    def _enter_uses(self, bonuses, parts, limit):
        """Use bonuses for parts of the invoice, and enter it in their ledger.

        :param dict parts: what there is to lower, by ids of subscriptions.
        :param Decimal limit: at most so much in all.
        :rtype: list[BonusUse]
        """
        uses = use_bonus(
            [(bonus._get_grant(), bonus.subscription_id.id or None) for bonus in bonuses],
            parts,
            self.invoice_date,
            limit=limit,
            unit=self._get_money_unit(),
        )
        for use in uses:
            bonuses.browse(use.grant)._enter(
                "used",
                -float(use.amount),
                move_id=self.id,
                subscription_id=use.part,
                date=self.invoice_date,
            )
        return uses

    def _take_bonus(self, contract, amount):
        """Use bonus credit for what a line of the invoice says already.

        :return: how much there was, at most ``amount``.
        :rtype: float
        """
        bonuses = self.env["subscription.bonus"]._find_open(self.partner_id)
        bonuses = bonuses.filtered(
            lambda b: (b.company_id, b.currency_id) == (self.company_id, self.currency_id)
        )
        bonuses.wallet_id._lock()
        wanted = Decimal(str(amount))
        uses = self._enter_uses(bonuses, {contract.id: wanted}, wanted)
        return float(sum(use.amount for use in uses))

    def _get_charged_lines(self):
        """The lines of the document but for those of bonuses, and what was paid in advance."""
        return self.invoice_line_ids.filtered(
            lambda line: (
                line.display_type == "product"
                and not line.is_subscription_bonus
                and not line.subscription_advance_id
            )
        )

    def _get_gross_by_contract(self):
        """What the document charges for each contract, with taxes and before any bonus.

        :return: by ids of subscriptions, ``False`` for what belongs to none.
        :rtype: dict[int | bool, Decimal]
        """
        lines = self._get_charged_lines().grouped(lambda line: line.subscription_id.id)
        if len(lines) == 1 and len(self._get_charged_lines()) == len(
            self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        ):
            return {next(iter(lines)): Decimal(str(self.amount_total))}
        return {
            contract: Decimal(str(self.currency_id.round(sum(theirs.mapped("price_total")))))
            for contract, theirs in lines.items()
        }

    def _get_bonus_limit(self):
        """How much the bonus may lower: not what a balance that is used before it pays for.

        :rtype: Decimal
        """
        order = self._get_burn_order()
        earlier = order[: order.index("bonus")]
        wallets = self._get_paying_wallets().filtered(lambda wallet: wallet.kind in earlier)
        paid = sum(max(wallet.balance, 0.0) for wallet in wallets)
        return Decimal(str(self.currency_id.round(self.amount_total - paid)))

    def _get_money_unit(self):
        return Decimal(str(self.currency_id.rounding))

    def _get_bonus_text(self, reasons):
        lang = self.partner_id.lang or self.env.lang
        text = ", ".join(dict.fromkeys(reasons))
        return self.with_context(lang=lang).env._("Bonus credit: %s", text)

    def _prepare_bonus_lines(self, lines, amount, name, **values):
        """Values of lines that lower others, with their taxes, by an amount with taxes.

        Odoo's own discount of a whole document splits the amount over the taxes, to the cent.

        :param lines: the lines to lower, all of one subscription.
        :param float amount: by how much; negative raises a document of credits.
        :param str name: the text of the lines.
        """
        tax_engine, company = self.env["account.tax"], self.company_id
        base_lines = [self._prepare_product_base_line_for_taxes_computation(line) for line in lines]
        tax_engine._add_tax_details_in_base_lines(base_lines, company)
        tax_engine._round_base_lines_tax_details(base_lines, company)
        reduced = tax_engine._prepare_global_discount_lines(
            base_lines,
            company,
            amount_type="fixed",
            amount=amount,
            computation_key=f"subscription_bonus,{self.id},{name}",
            grouping_function=lambda base_line: {"account_id": base_line["account_id"]},
        )
        starts = [day for day in lines.mapped("subscription_period_start") if day]
        ends = [day for day in lines.mapped("subscription_period_end") if day]
        prepared = []
        for base_line in reduced:
            # the price of a line must not be negative in electronic invoices, its quantity may
            base_line["quantity"] = -1.0 if base_line["price_unit"] < 0 else 1.0
            base_line["price_unit"] = abs(base_line["price_unit"])
            prepared.append(
                {
                    "name": name,
                    "display_type": "product",
                    "sequence": 1000,
                    "product_id": False,
                    "quantity": base_line["quantity"],
                    "price_unit": base_line["price_unit"],
                    "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                    "account_id": self._get_bonus_account(base_line).id,
                    "analytic_distribution": base_line["analytic_distribution"] or False,
                    "extra_tax_data": tax_engine._export_base_line_extra_tax_data(base_line),
                    "subscription_id": lines.subscription_id.id,
                    "subscription_period_start": min(starts, default=False),
                    "subscription_period_end": max(ends, default=False),
                    "is_subscription_bonus": True,
                    **values,
                }
            )
        return prepared

    def _get_bonus_account(self, base_line):
        account = self.company_id.subscription_bonus_account_id
        taxes = account.tax_ids
        fits = not taxes or taxes._origin == base_line["tax_ids"]._origin
        return account if account and fits else base_line["account_id"]

    def _add_bonus_lines(self, values):
        if values:
            self.with_context(tracking_disable=True).write(
                {"invoice_line_ids": [Command.create(vals) for vals in values]}
            )

    def _get_used_bonus(self, contract=None):
        """What the bonus has made the invoice cheaper by, and has not come back, with taxes.

        :param contract: only for this ``subscription.subscription``; for all if left out.
        :rtype: float
        """
        entries = self.sudo().env["subscription.bonus.entry"]
        domain = Domain("move_id", "in", self.ids)
        if contract is not None:
            domain &= Domain("subscription_id", "=", contract.id)
        [(amount,)] = entries._read_group(domain, aggregates=["amount:sum"])
        return -(amount or 0.0)

    def _return_bonus(self, contract, amount, **values):
        """Enter that bonus has come back from the invoice, to what was used last first.

        :param contract: the ``subscription.subscription`` that it had made cheaper.
        :param float amount: how much; negative when it was credited no more.
        """
        self.ensure_one()
        Entry = self.env["subscription.bonus.entry"].sudo()
        groups = Entry._read_group(
            [("move_id", "=", self.id), ("subscription_id", "=", contract.id)],
            ["bonus_id"],
            ["amount:sum"],
            order="bonus_id desc",
        )
        common = {"move_id": self.id, "subscription_id": contract.id, **values}
        compare = self.currency_id.compare_amounts
        for bonus, used in groups:
            part = max(min(amount, -used), 0.0) if amount > 0 else max(amount, -bonus.amount_left)
            if compare(part, 0.0):
                bonus._enter("taken_back", part, **common)
                common.pop("credited", None)
                amount = self.currency_id.round(amount - part)
        if compare(amount, 0.0):
            raise ValidationError(
                self.env._(
                    "The bonus that came back from %(invoice)s has been used or has expired since: "
                    "%(amount)s of it are not there any more.",
                    invoice=self.display_name,
                    amount=self.currency_id.format(abs(amount)),
                )
            )
