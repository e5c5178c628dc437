"""Stored computed columns that the fast way fills itself. All others are left to the ORM."""

MOVE_COMPUTED = frozenset(
    {
        "always_tax_exigible",
        "amount_residual",
        "amount_residual_signed",
        "amount_tax",
        "amount_tax_signed",
        "amount_total",
        "amount_total_in_currency_signed",
        "amount_total_signed",
        "amount_untaxed",
        "amount_untaxed_in_currency_signed",
        "amount_untaxed_signed",
        "auto_post_until",
        "checked",
        "commercial_partner_id",
        "company_id",
        "currency_id",
        "date",
        "delivery_date",
        "fiscal_position_id",
        "incoterm_location",
        "invoice_currency_rate",
        "invoice_date_due",
        "invoice_incoterm_id",
        "invoice_partner_display_name",
        "invoice_payment_term_id",
        "invoice_user_id",
        "journal_id",
        "made_sequence_gap",
        "name",
        "narration",
        "partner_bank_id",
        "partner_shipping_id",
        "payment_reference",
        "payment_state",
        "preferred_payment_method_line_id",
        "sequence_number",
        "sequence_prefix",
        "taxable_supply_date",
        "team_id",
    }
)
LINE_COMPUTED = frozenset(
    {
        "account_id",
        "amount_currency",
        "amount_residual",
        "amount_residual_currency",
        "analytic_distribution",
        "balance",
        "company_currency_id",
        "company_id",
        "credit",
        "currency_id",
        "date",
        "debit",
        "display_type",
        "invoice_date",
        "is_storno",
        "journal_id",
        "move_name",
        "name",
        "no_followup",
        "parent_state",
        "partner_id",
        "payment_id",
        "price_subtotal",
        "price_total",
        "price_unit",
        "product_uom_id",
        "quantity",
        "reconciled",
        "ref",
        "sequence",
        "statement_id",
        "statement_line_id",
        "tax_group_id",
        "tax_ids",
        "tax_line_id",
    }
)


# Links to other documents: with one of them plain Odoo does more than to create and post.
MOVE_LINKS = frozenset(
    {
        "debit_origin_id",
        "expense_ids",
        "matched_payment_ids",
        "pos_order_ids",
        "pos_session_ids",
        "reversed_entry_id",
        "reversed_pos_order_id",
        "transaction_ids",
    }
)
LINE_LINKS = frozenset({"expense_id", "purchase_line_id", "vehicle_id"})

# Columns with an inverse method whose effect the fast way knows.
INVERSED = frozenset({"partner_id", "product_id"})


def get_computed_fields(model, names):
    """Return the fields of ``model`` among ``names``: not every module need be installed."""
    return [model._fields[name] for name in names if name in model._fields]


def has_side_effects(field, names):
    """Return whether giving a value for ``field`` does more than fill its column.

    :param field: field of account.move or account.move.line
    :param frozenset names: the columns that the fast way knows
    """
    return (
        bool(field.inverse or field.inherited or field.related)
        and field.name not in names
        and field.name not in INVERSED
    )


def has_links(record, names):
    """Return whether ``record`` has a value in one of the fields among ``names``."""
    return any(record[name] for name in names if name in record._fields)
