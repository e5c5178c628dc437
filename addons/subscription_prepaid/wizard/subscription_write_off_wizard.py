from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SubscriptionWriteOffWizard(models.TransientModel):
    """Keep a balance that its customer cannot claim any more: consideration, with VAT.

    What the customer has paid in for good and gets nothing for bears VAT (BFH XI R 4/17); a sales
    receipt states it, and the balance pays for the receipt.
    """

    _name = "subscription.write.off.wizard"
    _description = "Keep a Balance That Is Time-Barred"

    wallet_id = fields.Many2one("subscription.wallet", "Balance", required=True, readonly=True)
    company_id = fields.Many2one(related="wallet_id.company_id")
    currency_id = fields.Many2one(related="wallet_id.currency_id")
    amount = fields.Monetary("Amount", related="wallet_id.balance")
    date_limitation = fields.Date(related="wallet_id.date_limitation")
    account_id = fields.Many2one(
        "account.account",
        "Income Account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        required=True,
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
    )
    tax_id = fields.Many2one(
        "account.tax",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        required=True,
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
        help="The tax that the services bear for which the money was paid in.",
    )
    reason = fields.Text(required=True)

    @api.depends("wallet_id")
    def _compute_account_id(self):
        for wizard in self:
            company = wizard.company_id.sudo()
            journals = self.env["account.journal"].with_company(company)
            journal = journals.search([("type", "=", "sale"), ("company_id", "=", company.id)])[:1]
            wizard.account_id = journal.default_account_id
            wizard.tax_id = company.account_sale_tax_id

    def action_write_off(self):
        """Book the receipt and its payment from the balance."""
        self.ensure_one()
        wallet = self.wallet_id
        wallet.check_access("write")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Please say why the balance is kept."))
        wallet._lock()
        wallet._check_may_keep()
        if wallet.currency_id.compare_amounts(wallet.balance, 0.0) <= 0:
            raise UserError(self.env._("There is nothing to keep."))
        receipt = self.env["account.move"].create(self._prepare_receipt())
        receipt.action_post()
        wallet._pay(receipt.sudo(), receipt.amount_residual)
        wallet._message_log(
            body=self.env._(
                "Kept after the limitation, receipt %(receipt)s: %(reason)s",
                receipt=receipt.name,
                reason=self.reason,
            )
        )
        return receipt._get_records_action()

    def _prepare_receipt(self):
        wallet, today = self.wallet_id, self.wallet_id._get_today()
        text = self.env._("Balance %s kept after the limitation", wallet.name)
        return {
            "move_type": "out_receipt",
            "company_id": wallet.company_id.id,
            "partner_id": wallet.partner_id.id,
            "currency_id": wallet.currency_id.id,
            "invoice_date": today,
            "invoice_date_due": today,
            "invoice_payment_term_id": False,
            "ref": text,
            "narration": self.reason,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": text,
                        "quantity": 1.0,
                        "price_unit": wallet.balance,
                        "account_id": self.account_id.id,
                        "tax_ids": [Command.set(self.tax_id._as_price_include(True).ids)],
                    }
                )
            ],
        }
