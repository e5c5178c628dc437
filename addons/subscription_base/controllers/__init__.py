from . import (
    invoice_payment,
    legal_buttons,
    payment_form,
    portal_access,
    portal_action,
    portal_subscription,
    proforma_portal,
    sale_portal,
    subscription_change,
    usage_api,
    usage_portal,
)
