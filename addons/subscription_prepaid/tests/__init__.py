from . import (
    test_extension,
    test_extension_portal,
    test_package,
    test_wallet,
    test_wallet_accounts,
    test_wallet_billing,
    test_wallet_portal,
    test_wallet_settlement,
    test_wallet_stories,
    test_wallet_transfer,
)
