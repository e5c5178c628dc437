"""Transfers that name a balance are booked into it."""

import logging

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.subscription_base.models.subscription_proforma_money import is_named_in

from .balance_kinds import PAID_KINDS

_logger = logging.getLogger(__name__)

CRON = "subscription_prepaid.ir_cron_match_transfers"
LOOK_BACK_DAYS = 60


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if (
            self.env["subscription.wallet"]
            .sudo()
            .search_count([("company_id", "in", lines.company_id.ids)], limit=1)
        ):
            self.env.ref(CRON).sudo()._trigger()
        return lines

    @api.model
    def _cron_match_wallets(self):
        """Book transfers whose label holds the reference of one balance into it."""
        since = fields.Date.subtract(fields.Date.today(), days=LOOK_BACK_DAYS)
        wallets = self.env["subscription.wallet"].search(Domain("kind", "in", list(PAID_KINDS)))
        by_company = wallets.grouped("company_id")
        lines = self.search(
            [("is_reconciled", "=", False), ("amount", ">", 0), ("date", ">=", since)], order="id"
        )
        for line in lines:
            named = by_company.get(line.company_id, wallets.browse()).filtered(
                lambda wallet, line=line: is_named_in(wallet.name, line.payment_ref)
            )
            if len(named) == 1:
                line._try_to_book_for_wallet(named)

    def _try_to_book_for_wallet(self, wallet):
        try:
            with self.env.cr.savepoint():
                self._book_for_wallet(wallet)
        except Exception:
            _logger.info("%s could not be booked into a balance", self, exc_info=True)
            wallet.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Book the transfer %s by hand", self.payment_ref),
            )

    def _book_for_wallet(self, wallet):
        """Book the money to the balance instead of the suspense account.

        Where the company takes advances only it is a credit of the customer in receivables.
        """
        self.ensure_one()
        if (self.foreign_currency_id or self.currency_id) != wallet.currency_id:
            return
        _liquidity, suspense, _other = self._seek_for_lines()
        if not suspense:
            return
        is_taken = wallet.can_be_topped_up
        partner = wallet.partner_id.with_company(self.company_id)
        account = wallet.account_id if is_taken else partner.property_account_receivable_id
        unlocked = self.with_context(skip_readonly_check=True)
        unlocked.partner_id = wallet.partner_id
        suspense.with_context(skip_readonly_check=True).write(
            {
                "account_id": account.id,
                "partner_id": wallet.partner_id.id,
                "subscription_wallet_id": wallet.id if is_taken else False,
            }
        )
        if is_taken:
            self.move_id._ask_for_top_up_receipt()
        else:
            wallet._leave_in_receivables(-suspense.amount_currency, self.payment_ref)
