from . import subscription_extend_wizard, subscription_pack_wizard
