from . import (
    account_move_reversal,
    sale_advance_payment_inv,
    sale_order_discount,
    subscription_close_wizard,
)
