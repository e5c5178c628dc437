"""May the fast way be used in this database?

The fast way leaves out methods of Odoo whose result it knows. If a module that is not known here
extends one of these methods, the result is not known any more: plain Odoo has to do the work. A
module whose extension changes nothing for customer invoices says so in its class:
``_keeps_bulk_invoices = True``.
"""

from .columns import LINE_COMPUTED, MOVE_COMPUTED

# What these modules do in the methods that are left out is either done here too, or changes
# nothing for customer invoices without the links that ``columns`` names.
UNDERSTOOD = frozenset(
    {
        "account",
        "account_add_gln",
        "account_debit_note",
        "account_edi_ubl_cii",
        "account_fleet",
        "account_payment",
        "account_qr_code_sepa",
        "analytic",
        "base",
        "base_import",
        "base_vat",
        "hr_expense",
        "html_editor",
        "l10n_de",
        "l10n_din5008",
        "l10n_din5008_sale",
        "mail",
        "phone_validation",
        "point_of_sale",
        "portal",
        "product",
        "purchase",
        "purchase_stock",
        "sale",
        "sale_management",
        "sale_stock",
        "sales_team",
        "sms",
        "snailmail",
        "snailmail_account",
        "stock_account",
        "utm",
        "web",
    }
)

MOVE_METHODS = frozenset(
    {
        "_affect_tax_report",
        "_check_balanced",
        "_check_fiscal_lock_dates",
        "_compute_bank_partner_id",
        "_compute_direction_sign",
        "_compute_expected_currency_rate",
        "_compute_is_storno",
        "_compute_needed_terms",
        "_compute_tax_country_id",
        "_conditional_add_to_compute",
        "_copy_recurring_entries",
        "_create",
        "_deduce_sequence_number_reset",
        "_get_accounting_date_source",
        "_get_chains_to_hash",
        "_get_discount_allocation_account",
        "_get_expected_currency_rate_at",
        "_get_invoice_currency_rate_date",
        "_get_last_sequence_domain",
        "_get_product_base_line_currency_rate",
        "_get_protected_vals",
        "_get_rounded_base_and_tax_lines",
        "_get_sequence_date_range",
        "_get_starting_sequence",
        "_get_sync_stack",
        "_get_unbalanced_moves",
        "_hash_moves",
        "_inverse_company_id",
        "_inverse_currency_id",
        "_inverse_delivery_date",
        "_inverse_invoice_payment_term_id",
        "_inverse_journal_id",
        "_inverse_name",
        "_inverse_partner_id",
        "_inverse_payment_reference",
        "_is_move_restricted",
        "_post",
        "_prepare_create_values",
        "_prepare_product_base_line_for_taxes_computation",
        "_recompute_cash_rounding_lines",
        "_sanitize_vals",
        "_set_next_made_sequence_gap",
        "_set_next_sequence",
        "_stolen_move",
        "_sync_dynamic_line",
        "_sync_dynamic_line_needed_values",
        "_sync_dynamic_lines",
        "_sync_invoice",
        "_sync_non_deductible_base_lines",
        "_sync_rounding_lines",
        "_sync_tax_lines",
        "_sync_unbalanced_lines",
        "_synchronize_business_models",
        "create",
        "write",
    }
)
LINE_METHODS = frozenset(
    {
        "_affect_tax_report",
        "_check_constrains_account_id_journal_id",
        "_check_tax_lock_date",
        "_compute_currency_rate",
        "_compute_discount_allocation_needed",
        "_compute_epd_needed",
        "_compute_is_refund",
        "_conditional_add_to_compute",
        "_create",
        "_get_analytic_distribution_arguments",
        "_get_computed_taxes",
        "_inverse_account_id",
        "_inverse_amount_currency",
        "_inverse_analytic_distribution",
        "_inverse_credit",
        "_inverse_debit",
        "_inverse_partner_id",
        "_inverse_product_id",
        "_prepare_create_values",
        "_reconcile_marked",
        "_related_analytic_distribution",
        "_sanitize_vals",
        "_sync_invoice",
        "_update_analytic_distribution",
        "create",
        "write",
    }
)
TAX_METHODS = frozenset(
    {
        "_get_base_line_field_value_from_record",
        "_prepare_base_line_for_taxes_computation",
        "_prepare_base_line_grouping_key",
        "_prepare_base_line_tax_repartition_grouping_key",
        "_prepare_tax_line_for_taxes_computation",
    }
)
FISCAL_POSITION_METHODS = frozenset(
    {
        "_get_fiscal_position",
        "_get_first_matching_fpos",
        "_get_fpos_validation_functions",
    }
)
# Arguments with which a module changes what an inherited field does.
FIELD_ARGUMENTS = frozenset(
    {
        "compute",
        "currency_field",
        "digits",
        "inverse",
        "precompute",
        "related",
        "store",
    }
)


def find_refusals(env):
    """Return what unknown modules extend, as a list of texts; empty if the fast way may be used."""
    refusals = []
    for model_name, methods, columns in (
        ("account.move", MOVE_METHODS, MOVE_COMPUTED),
        ("account.move.line", LINE_METHODS, LINE_COMPUTED),
        ("account.tax", TAX_METHODS, frozenset()),
        ("account.fiscal.position", FISCAL_POSITION_METHODS, frozenset()),
    ):
        model = env[model_name]
        names = methods | {model._fields[name].compute for name in columns if name in model._fields}
        for cls in type(model).__mro__:
            # the model's own class holds what was patched in, by automation rules for example
            if cls is not type(model) and _is_understood(cls):
                continue
            refusals += [
                f"{model_name}.{name} ({cls.__module__})" for name in names & vars(cls).keys()
            ]
            refusals += [
                f"{model_name}.{field.name} ({cls.__module__})"
                for field in vars(cls).get("_field_definitions", ())
                if field.name in columns and FIELD_ARGUMENTS & (field._args__ or {}).keys()
            ]
        refusals += [
            f"{model_name}.{field.name} (required)"
            for field in model._fields.values()
            if field.store
            and field.required
            and field.compute
            and field.name not in columns
            and columns
        ]
    return sorted(refusals)


def _is_understood(cls):
    """Return whether a class of a model's MRO is Odoo's ORM's, a known module's, or neutral."""
    own = vars(cls)
    return (
        cls.__module__.startswith("odoo.orm.")
        or own.get("_module") in UNDERSTOOD
        or own.get("_keeps_bulk_invoices", False)
    )
