from . import usage_api, usage_portal
