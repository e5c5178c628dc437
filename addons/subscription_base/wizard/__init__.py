from . import subscription_close_wizard
