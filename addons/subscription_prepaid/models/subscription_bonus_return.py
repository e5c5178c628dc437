"""What is credited of an invoice that a bonus had made cheaper: the bonus goes back as bonus.

The customer gets back at most the money that was paid.
"""

from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..prepaid import bonus_back


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    is_subscription_bonus = fields.Boolean(readonly=True, export_string_translation=False)
    subscription_bonus_invoice_id = fields.Many2one(
        "account.move",
        "Bonus of Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The invoice whose bonus goes back by the line.",
    )

    _subscription_bonus_idx = models.Index("(move_id) WHERE is_subscription_bonus")

    def _copy_data_extend_business_fields(self, values):
        """A bonus line that is reversed gives its bonus back."""
        result = super()._copy_data_extend_business_fields(values)
        if self.is_subscription_bonus:
            values["subscription_bonus_invoice_id"] = self.move_id.id
        return result

    def unlink(self):
        """The bonus of a line that is deleted from a draft is there again."""
        uses = self.filtered("is_subscription_bonus")
        uses = uses.filtered(lambda line: not line.subscription_bonus_invoice_id).sudo()
        given = [(line.move_id, line.subscription_id, -line.price_total) for line in uses]
        result = super().unlink()
        for move, contract, amount in given:
            if left := min(amount, move._get_used_bonus(contract)):
                move._return_bonus(contract, left)
        return result

    def _get_credited_amount(self):
        """What the line credits, with taxes; nothing where it charges.

        :rtype: float
        """
        self.ensure_one()
        sign = 1 if self.move_id.move_type == "out_refund" else -1
        return max(sign * self.price_total, 0.0)

    def _find_invoice_with_bonus(self):
        """The invoice that the line credits, if a bonus has made it cheaper.

        :rtype: account.move
        """
        self.ensure_one()
        if not self._get_credited_amount():
            return self.move_id.browse()
        contract, charge = self.subscription_id, self.subscription_charge_id
        if charge:
            invoices = contract._get_credited_invoices(charge)
        else:
            reversed_lines = self.subscription_reversed_charge_id.move_line_ids
            invoices = reversed_lines.move_id or self.move_id.reversed_entry_id
        candidates = invoices.filtered(lambda m: m.state == "posted").sorted("id", reverse=True)
        return next(
            (move for move in candidates if move._get_used_bonus(contract) > 0),
            self.move_id.browse(),
        )

    def _get_bonus_given_back(self):
        """How much bonus the lines give back, with taxes.

        :rtype: float
        """
        sign = {"out_refund": -1}
        return sum(sign.get(line.move_id.move_type, 1) * line.price_total for line in self)


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # what changes a draft here is written by plain Odoo

    subscription_bonus_entry_ids = fields.One2many("subscription.bonus.entry", "move_id")
    subscription_bonus_credit_ids = fields.One2many("subscription.bonus.entry", "credit_move_id")

    def _post(self, soft=True):
        """A credit note by hand gives the bonus of what it credits back, too."""
        self.filtered(lambda move: move.move_type == "out_refund").sudo()._give_bonus_back()
        return super()._post(soft)

    def _give_bonus_back(self):
        """Lower drafts of credits by the share of the bonus in what they credit."""
        drafts = self.filtered(lambda move: move.state == "draft")
        known = self.env["subscription.bonus.entry"].sudo()
        if known.search_count([("company_id", "in", drafts.company_id.ids)], limit=1):
            for move in drafts:
                move._fit_bonus_lines()

    def _fit_bonus_lines(self):
        credited = self._get_credited_lines()
        wanted = {key: self._get_bonus_share(*key, lines) for key, lines in credited.items()}
        lines = self._get_bonus_return_lines()
        given = {key: theirs._get_bonus_given_back() for key, theirs in lines.items()}
        compare = self.currency_id.compare_amounts
        if all(not compare(wanted.get(key, 0.0), given.get(key, 0.0)) for key in wanted | given):
            return
        misfits = self.invoice_line_ids.browse().union(*lines.values())
        if misfits:
            self.write({"invoice_line_ids": [Command.delete(line.id) for line in misfits]})
        sign = 1 if self.move_type == "out_refund" else -1
        values = []
        for (invoice, contract), amount in wanted.items():
            if amount:
                values += self._prepare_bonus_lines(
                    credited[invoice, contract],
                    sign * amount,
                    self._get_bonus_return_text(invoice),
                    subscription_bonus_invoice_id=invoice.id,
                )
        self._add_bonus_lines(values)

    def _get_bonus_return_text(self, invoice):
        lang = self.partner_id.lang or self.env.lang
        env = self.with_context(lang=lang).env
        return env._("Bonus credit of %s, goes back as bonus credit", invoice.name)

    def _get_credited_lines(self):
        """The lines that credit invoices with a bonus, by invoice and subscription.

        :rtype: dict[tuple[account.move, subscription.subscription], account.move.line]
        """
        credited = defaultdict(self.invoice_line_ids.browse)
        for line in self._get_charged_lines():
            if invoice := line._find_invoice_with_bonus():
                credited[invoice, line.subscription_id] += line
        return credited

    def _get_bonus_use_lines(self):
        """The lines by which bonus makes the document cheaper."""
        return self.invoice_line_ids.filtered(
            lambda line: (
                line.is_subscription_bonus
                and (
                    not line.subscription_bonus_invoice_id
                    or (self.move_type == "out_invoice" and line.price_total < 0)
                )
            )
        )

    def _get_bonus_return_lines(self):
        """The lines that give bonus back, by the same keys."""
        lines = self.invoice_line_ids.filtered("is_subscription_bonus")
        return (lines - self._get_bonus_use_lines()).grouped(
            lambda line: (line.subscription_bonus_invoice_id, line.subscription_id)
        )

    def _get_bonus_share(self, invoice, contract, lines):
        """How much bonus goes back with lines that credit a contract's part of an invoice.

        :rtype: float
        """
        entries = self.env["subscription.bonus.entry"].sudo()
        theirs = entries.search(
            [("move_id", "=", invoice.id), ("subscription_id", "=", contract.id)]
        )
        bonus = -sum(theirs.filtered(lambda entry: not entry.credit_move_id).mapped("amount"))
        charged = invoice._get_charged_lines().filtered(
            lambda line: line.subscription_id == contract
        )
        amounts = (
            bonus,
            sum(charged.mapped("price_total")),
            sum(theirs.mapped("credited")),
            sum(line._get_credited_amount() for line in lines),
        )
        exact = (Decimal(str(self.currency_id.round(amount))) for amount in amounts)
        share = float(bonus_back(*exact, unit=self._get_money_unit()))
        return min(share, invoice._get_used_bonus(contract))

    @api.constrains("state")
    def _check_bonus(self):
        """Let the memo ledger say what the document says, however it is posted or taken back.

        :raises ValidationError: when no bonus stands behind a line.
        """
        concerned = self.sudo()._find_with_bonus()
        for move in concerned:
            if move.state == "posted":
                move._check_bonus_lines()
                credited = move._get_credited_lines()
                for key, lines in move._get_bonus_return_lines().items():
                    amount = sum(line._get_credited_amount() for line in credited.get(key, ()))
                    move._enter_bonus_back(*key, lines._get_bonus_given_back(), amount)
            else:
                entries = move.subscription_bonus_credit_ids
                for invoice, contract in entries.grouped(lambda e: (e.move_id, e.subscription_id)):
                    move._enter_bonus_back(invoice, contract, 0.0, 0.0)
            if move.state == "cancel":
                for contract in move.subscription_bonus_entry_ids.grouped("subscription_id"):
                    if used := move._get_used_bonus(contract):
                        move._return_bonus(contract, used)

    def _find_with_bonus(self):
        """The documents that have to do with bonus credit."""
        lines = self.env["account.move.line"].search(
            [("move_id", "in", self.ids), ("is_subscription_bonus", "=", True)]
        )
        entries = self.env["subscription.bonus.entry"].search(
            ["|", ("move_id", "in", self.ids), ("credit_move_id", "in", self.ids)]
        )
        return self & (lines.move_id | entries.move_id | entries.credit_move_id)

    def _check_bonus_lines(self):
        """Have bonus credit behind each line: a copy of an invoice uses bonus anew."""
        lines = self._get_bonus_use_lines().grouped("subscription_id")
        own = self.subscription_bonus_entry_ids.filtered(lambda e: not e.credit_move_id)
        entries = own.grouped("subscription_id")
        for contract in lines | entries:
            shown = -sum(line.price_total for line in lines.get(contract, ()))
            used = -sum(entry.amount for entry in entries.get(contract, ()))
            missing = self.currency_id.round(shown - used)
            if missing > 0:
                missing -= self._take_bonus(contract, missing)
            if self.currency_id.compare_amounts(missing, 0.0):
                raise ValidationError(
                    self.env._(
                        "The bonus lines of %(move)s come to %(shown)s, but %(used)s of bonus "
                        "credit were used for it. Delete the bonus lines, or leave them as they "
                        "were.",
                        move=self.display_name,
                        shown=self.currency_id.format(shown),
                        used=self.currency_id.format(used),
                    )
                )

    def _enter_bonus_back(self, invoice, contract, amount, credited):
        """Have the memo ledger say how much bonus the credit note gives back of an invoice."""
        entries = self.subscription_bonus_credit_ids.filtered(
            lambda e: (e.move_id, e.subscription_id) == (invoice, contract)
        )
        round_ = self.currency_id.round
        missing = round_(amount - sum(entries.mapped("amount")))
        if missing:
            invoice._return_bonus(
                contract,
                missing,
                credit_move_id=self.id,
                credited=round_(credited - sum(entries.mapped("credited"))),
            )
