from . import sale_advance_payment_inv, sale_order_discount, subscription_close_wizard
