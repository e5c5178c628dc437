"""Balances of several kinds: each kind has its account, and each journal item names its balance.

So far there was credit only, and its customer said whose an item was.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].with_context(active_test=False)
    keeping = companies.search([("chart_template", "!=", False)])
    keeping._ensure_wallet_accounts()
    keeping._find_bonus_account()
    name_balances(env)


def name_balances(env):
    """Name the balance on each item that customers have credit by."""
    env.flush_all()
    env.cr.execute(
        """UPDATE account_move_line line SET subscription_wallet_id = wallet.id
             FROM subscription_wallet wallet
             JOIN res_company company ON company.id = wallet.company_id
             JOIN res_partner partner ON partner.commercial_partner_id = wallet.partner_id
            WHERE wallet.kind = 'credit' AND line.subscription_wallet_id IS NULL
              AND line.account_id = company.subscription_credit_account_id
              AND line.partner_id = partner.id AND line.company_id = wallet.company_id
              AND line.currency_id = wallet.currency_id"""
    )
    env.invalidate_all()
