"""Posting of drafts: the checks of ``account.move._post``, numbers, and what posting changes."""

import re
from collections import defaultdict

from .amounts import get_term_name
from .columns import (
    LINE_COMPUTED,
    LINE_LINKS,
    MOVE_COMPUTED,
    MOVE_LINKS,
    get_computed_fields,
    has_links,
)
from .common import SALE_MOVE_TYPES, Memo

DISPLAY_TYPES = ("product", "tax", "payment_term")
POSTED_FIELDS = (
    "state",
    "posted_before",
    "name",
    "sequence_prefix",
    "sequence_number",
    "payment_reference",
    "payment_state",
    "checked",
    "delivery_date",
    "is_manually_modified",
)
POSTED_LINE_FIELDS = ("parent_state", "move_name", "name")


class Poster:
    """Posts draft customer invoices.

    :param env: environment of the caller
    """

    def __init__(self, env):
        self.env = env
        self.memo = Memo()
        self.moves = env["account.move"]
        self.lines = env["account.move.line"]

    # Checks

    def is_allowed(self):
        """Return whether the user may post and nothing in the context changes how posting works."""
        env = self.env
        return (
            env.su or env.user.has_group("account.group_account_invoice")
        ) and not env.context.get("validate_analytic")

    def is_bulkable(self, move):
        """Return whether ``_post`` would not refuse, and change only what :meth:`post` changes."""
        return (
            self._is_first_posting(move)
            and self._is_valid(move)
            and self._has_plain_lines(move)
            and not has_links(move, MOVE_LINKS)
            and not self._is_locked(move)
        )

    @staticmethod
    def _is_first_posting(move):
        return (
            move.state == "draft"
            and move.move_type in SALE_MOVE_TYPES
            and move.auto_post == "no"
            and not move.posted_before
            and (not move.name or move.name == "/")
        )

    @staticmethod
    def _is_valid(move):
        journal, currency, bank = move.journal_id, move.currency_id, move.partner_bank_id
        return (
            move.invoice_date
            and move.partner_id
            and not move.quick_edit_total_amount
            and not move.company_id.account_storno
            and journal.active
            and not journal.restrict_mode_hash_table
            and not journal.is_self_billing
            and currency.active
            and currency.compare_amounts(move.amount_total, 0.0) >= 0
            and (not bank or bank.active)
        )

    def _has_plain_lines(self, move):
        lines = move.line_ids
        if not lines or ("stock.move" in self.env and self._is_stock_affected(lines)):
            return False
        return all(self._is_plain(move, line) for line in lines)

    @staticmethod
    def _is_stock_affected(lines):
        """Return whether posting may concern deliveries, or book the cost of goods sold."""
        return bool(lines.sale_line_ids) or any(lines.product_id.mapped("is_storable"))

    def _is_plain(self, move, line):
        return (
            line.display_type in DISPLAY_TYPES
            and line.partner_id == move.commercial_partner_id
            and not line.matching_number
            and not line.matched_debit_ids
            and not line.matched_credit_ids
            and (line.name or not line.product_id)
            and not has_links(line, LINE_LINKS)
            and self.memo.once(
                ("account", line.account_id.id, line.currency_id.id, move.company_id.id),
                self._is_account_open,
                line,
            )
        )

    @staticmethod
    def _is_account_open(line):
        account, company = line.account_id, line.company_id
        return bool(
            account.active
            and (
                not account.currency_id
                or account.currency_id in (line.currency_id, company.currency_id)
            )
            and company.sudo().parent_ids & account.sudo().company_ids
        )

    def _is_locked(self, move):
        has_tax = bool(move._affect_tax_report())
        key = ("lock", move.company_id.id, move.journal_id.id, move.date, has_tax)
        return bool(self.memo.once(key, move._get_violated_lock_dates, move.date, has_tax))

    # Posting

    def post(self, moves):
        """Post ``moves``, all of which are bulkable."""
        self.env.flush_all()
        lines = moves.line_ids
        lines.filtered("analytic_distribution")._create_analytic_lines()
        self._number(moves)
        self._complete(moves)
        move_fields = get_computed_fields(moves, MOVE_COMPUTED)
        line_fields = get_computed_fields(lines, LINE_COMPUTED)
        with self.env.protecting([(move_fields, moves), (line_fields, lines)]):
            moves.modified(POSTED_FIELDS)
            lines.modified(POSTED_LINE_FIELDS)
        self._get_last_of_each_sequence(moves)._set_next_made_sequence_gap(False)
        moves._validate_fields(POSTED_FIELDS)
        self._increase_ranks(moves)
        moves.filtered(
            lambda move: move.currency_id.is_zero(move.amount_total)
        )._invoice_paid_hook()

    def _number(self, moves):
        """Give the next numbers; the lock on each sequence is held until the transaction ends."""
        groups = defaultdict(list)
        for move in moves.sorted(lambda move: (move.date, move.ref or "", move.id)):
            is_separate = move.journal_id.refund_sequence and move.move_type == "out_refund"
            groups[move.journal_id, move.date, is_separate].append(move)
        for group in groups.values():
            first = group[0]
            format_string, format_values = first._get_next_sequence_format()
            pattern = re.compile(
                first._make_regex_non_capturing(first._sequence_fixed_regex.replace("?P<seq>", ""))
            )
            self._set(first, "state", "posted")  # the lock needs a posted row
            for move in group:
                name = first._locked_increment(format_string, dict(format_values))
                match = pattern.match(name)
                self._set(move, "name", name)
                self._set(move, "sequence_prefix", name[: match.start(1)])
                self._set(move, "sequence_number", int(match.group(1) or 0))

    @staticmethod
    def _get_last_of_each_sequence(moves):
        groups = moves.grouped(lambda move: (move.journal_id, move.sequence_prefix)).values()
        return moves.browse(group.sorted("sequence_number")[-1].id for group in groups)

    def _complete(self, moves):
        """Set what posting changes besides the number."""
        checked = bool(moves[:1]._is_user_able_to_review())
        has_l10n_de = "l10n_de" in self.env.registry._init_modules
        for field_name, value in (
            ("state", "posted"),
            ("posted_before", True),
            ("checked", checked),
        ):
            self._set(moves, field_name, value)
        for move in moves:
            if has_l10n_de and move.country_code == "DE" and not move.delivery_date:
                self._set(move, "delivery_date", move.invoice_date)
                self._set(move, "is_manually_modified", True)
            if move.currency_id.is_zero(move.amount_residual):
                self._set(move, "payment_state", "paid")
            if move.move_type == "out_invoice" and not move.payment_reference:
                self._set(move, "payment_reference", move._get_invoice_computed_reference())
            self._complete_lines(move)

    def _complete_lines(self, move):
        lines = move.line_ids
        self._set(lines, "parent_state", "posted")
        self._set(lines, "move_name", move.name)
        terms = lines.filtered(lambda line: line.display_type == "payment_term")
        n_terms = len(move.invoice_payment_term_id.line_ids)
        for number, line in enumerate(terms.sorted("date_maturity"), 1):
            name = get_term_name(self.env, move.payment_reference, move.ref, n_terms, number)
            if name:
                self._set(line, "name", name)

    @staticmethod
    def _set(records, field_name, value):
        """Set a column for the next flush, without what ``write`` would do."""
        records._fields[field_name]._update_cache(records, value, dirty=True)

    @staticmethod
    def _increase_ranks(moves):
        increases = defaultdict(int)
        for move in moves:
            for partner in move.partner_id | move.partner_id.commercial_partner_id:
                increases[partner] += 1
        for increase in set(increases.values()):
            partners = moves.partner_id.browse(
                partner.id for partner, number in increases.items() if number == increase
            )
            partners._increase_rank("customer_rank", increase)
