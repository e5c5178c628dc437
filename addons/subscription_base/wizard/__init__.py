from . import (
    account_move_reversal,
    sale_advance_payment_inv,
    sale_order_discount,
    subscription_action_ignore_wizard,
    subscription_change_wizard,
    subscription_close_wizard,
    subscription_close_wizard_declaration,
    subscription_plan_publish_wizard,
    subscription_plan_version_wizard,
    subscription_quote_wizard,
    subscription_usage_import,
    subscription_withdrawal_wizard,
)
