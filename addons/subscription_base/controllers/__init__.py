from . import (
    legal_buttons,
    proforma_portal,
    sale_portal,
    subscription_change,
    usage_api,
    usage_portal,
)
