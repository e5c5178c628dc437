from . import sale_portal, subscription_change, usage_api, usage_portal
