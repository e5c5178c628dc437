from . import portal_balance, portal_extension
