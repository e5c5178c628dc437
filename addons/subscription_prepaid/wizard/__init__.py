from . import subscription_extend_wizard
