from . import (
    subscription_advance_wizard,
    subscription_deposit_wizard,
    subscription_extend_wizard,
    subscription_pack_wizard,
    subscription_write_off_wizard,
)
