from . import proforma_portal, sale_portal, subscription_change, usage_api, usage_portal
from . import sale_portal, subscription_change, usage_api, usage_portal
from . import legal_buttons, subscription_change, usage_api, usage_portal
from . import legal_buttons, sale_portal, subscription_change, usage_api, usage_portal
