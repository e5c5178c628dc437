from . import (
    test_billing,
    test_billing_failures,
    test_collection,
    test_invoicing,
    test_ledger,
    test_plan,
    test_sale_invoicing,
    test_sale_line,
    test_sale_order,
    test_sale_summary,
    test_views,
)
