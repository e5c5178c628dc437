from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    subscription_wallet_id = fields.Many2one(
        "subscription.wallet",
        "Balance",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The balance of the customer that is topped up, or paid out.",
    )

    @api.depends("subscription_wallet_id", "subscription_credit_date")
    def _compute_destination_account_id(self):
        result = super()._compute_destination_account_id()
        for payment in self.filtered(
            lambda p: p.subscription_wallet_id and not p.subscription_credit_date
        ):
            payment.destination_account_id = payment.subscription_wallet_id.account_id
        return result

    @api.depends("subscription_wallet_id")
    def _compute_outstanding_account_id(self):
        """A balance is in the books at once, whether or not the method has such an account."""
        result = super()._compute_outstanding_account_id()
        for payment in self.filtered("subscription_wallet_id"):
            payment.outstanding_account_id = (
                payment.outstanding_account_id or payment._get_default_outstanding_account()
            )
        return result

    def _get_default_outstanding_account(self):
        is_inbound = self.payment_type == "inbound"
        side = "debit" if is_inbound else "credit"
        template = self.env["account.chart.template"].with_company(self.company_id)
        return template.ref(f"account_journal_payment_{side}_account_id", raise_if_not_found=False)

    def _get_valid_payment_account_types(self):
        types = super()._get_valid_payment_account_types()
        return [*types, "liability_current"] if self.subscription_wallet_id else types

    def _prepare_move_line_default_vals(self, write_off_line_vals=None, force_balance=None):
        """What is booked on the account of the balance is the balance's."""
        vals_list = super()._prepare_move_line_default_vals(write_off_line_vals, force_balance)
        if wallet := self.subscription_wallet_id:
            for vals in vals_list:
                if vals["account_id"] == wallet.account_id.id:
                    vals["subscription_wallet_id"] = wallet.id
        return vals_list

    @api.model
    def _get_trigger_fields_to_synchronize(self):
        return (*super()._get_trigger_fields_to_synchronize(), "subscription_wallet_id")

    @api.constrains("subscription_wallet_id", "partner_id", "currency_id", "partner_type")
    def _check_wallet(self):
        for payment in self.filtered("subscription_wallet_id"):
            wallet = payment.subscription_wallet_id
            theirs = (payment.partner_id.commercial_partner_id, payment.currency_id)
            if wallet.kind == "bonus":
                raise ValidationError(
                    self.env._(
                        "%s is bonus credit: nobody pays it in, and it is not paid out.",
                        wallet.display_name,
                    )
                )
            if payment.partner_type != "customer" or theirs != (
                wallet.partner_id,
                wallet.currency_id,
            ):
                raise ValidationError(
                    self.env._(
                        "The payment and the balance %s must be of the same customer and in the "
                        "same currency.",
                        wallet.display_name,
                    )
                )

    def action_post(self):
        for payment in self.filtered("subscription_wallet_id"):
            payment._prepare_for_wallet()
        result = super().action_post()
        for payment in self.filtered(lambda p: p.payment_type == "outbound"):
            payment._use_wallet()
        return result

    def _prepare_for_wallet(self):
        """Make sure that the books have what the payment is booked on, and the balance enough."""
        wallet = self.subscription_wallet_id
        if not self.outstanding_account_id:
            raise UserError(
                self.env._(
                    "The payment method %s has no outstanding account, so the balance would not "
                    "be in the books. Set one in the journal.",
                    self.payment_method_line_id.display_name,
                )
            )
        if self.payment_type == "inbound":
            wallet._check_can_be_topped_up()
        else:
            wallet._lock()
            if not self._is_paid_back_online():
                wallet._check_can_pay_out(self.amount)

    def _is_paid_back_online(self):
        """Whether the provider has given the money back: that is to be booked, come what may."""
        return self.payment_transaction_id.sudo().operation == "refund"

    def _use_wallet(self):
        """What is paid out is taken from what came in first."""
        wallet = self.subscription_wallet_id
        items = self.move_id.line_ids.filtered(
            lambda line: line.account_id == wallet.account_id and not line.reconciled
        )
        if wallet and items:
            wallet._use(items)
