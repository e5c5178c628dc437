"""Proof that different ways of invoicing wrote the same journal entries."""

MOVE_FIELDS = (
    "amount_residual", "amount_tax", "amount_total", "amount_untaxed", "company_id",
    "currency_id", "date", "fiscal_position_id", "invoice_date",
    "invoice_date_due", "invoice_payment_term_id", "journal_id", "move_type", "payment_state",
    "state",
)  # fmt: skip
LINE_FIELDS = (
    "account_id", "amount_currency", "amount_residual", "balance", "company_id", "credit",
    "currency_id", "date", "date_maturity", "debit", "display_type", "discount",
    "parent_state", "partner_id", "price_subtotal", "price_total", "price_unit", "product_id",
    "product_uom_id", "quantity", "tax_base_amount", "tax_group_id", "tax_ids",
    "tax_line_id", "tax_repartition_line_id", "tax_tag_ids",
)  # fmt: skip


def assert_equal_entries(*batches):
    """Assert that every batch of invoices holds the same entries for the same customers."""
    first, *others = [_read(moves) for moves in batches]
    for other in others:
        assert other.keys() == first.keys(), "other customers"
        for partner, entry in first.items():
            assert other[partner] == entry, f"{partner}: {other[partner]} is not {entry}"
    for moves in batches:
        numbers = sorted(moves.mapped("sequence_number"))
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "numbers have gaps"


def _read(moves):
    moves.env.flush_all()
    moves.env.invalidate_all()
    return {move.partner_id: _read_move(move) for move in moves}


def _read_move(move):
    assert move.payment_reference == move.name
    lines = sorted(_read_fields(line, LINE_FIELDS) for line in move.line_ids)
    names = sorted(line.name.replace(move.name, "NAME") for line in move.line_ids)
    return _read_fields(move, MOVE_FIELDS), lines, names


def _read_fields(record, names):
    return tuple(
        str(sorted(value.ids) if hasattr(value, "ids") else value)
        for value in (record[name] for name in names)
    )
