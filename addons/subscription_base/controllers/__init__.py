from . import subscription_change, usage_api, usage_portal
