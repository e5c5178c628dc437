from . import controllers, models, wizard


def post_init_hook(env):
    """Companies that keep books already get what balances are booked on."""
    companies = env["res.company"].search([("chart_template", "!=", False)])
    companies._ensure_wallet_accounts()
    companies._find_bonus_account()
