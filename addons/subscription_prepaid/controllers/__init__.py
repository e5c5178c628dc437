from . import portal_advance, portal_allowance, portal_balance, portal_extension, portal_recharge
