"""Asking for deposits: once for each that was agreed, by a document of its own (SM-20)."""

from odoo import fields, models
from odoo.fields import Command

REQUEST_TEMPLATE = "subscription_prepaid.mail_template_deposit_request"
EVENTS = [
    ("deposit_requested", "Deposit requested"),
    ("deposit_paid", "Deposit paid"),
    ("deposit_void", "Deposit not wanted any more"),
    ("deposit_settled", "Deposit settled"),
]
#: After these a deposit may have been agreed that was not before, or is not wanted any more.
ADDING = ("option_added", "plan")
ENDING = ("closed", "withdrawn", "voided")


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=EVENTS, ondelete={event_type: "cascade" for event_type, _label in EVENTS}
    )

    def _react(self):
        result = super()._react()
        for event in self:
            if event.event_type in ADDING:
                event.subscription_id._request_deposits()
            elif event.event_type in ENDING:
                event.subscription_id._void_deposit_requests()
                event.subscription_id.filtered(
                    lambda s: s.deposit_at_end == "ask"
                )._ask_to_settle_deposit()
        return result


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    deposit_held = fields.Monetary(
        compute="_compute_deposit",
        compute_sudo=True,
        help="What the customer has deposited for the subscription and has not got back.",
    )
    deposit_requested = fields.Monetary(
        compute="_compute_deposit",
        compute_sudo=True,
        help="What the customer has been asked to deposit and has not paid yet.",
    )

    def _compute_deposit(self):
        for subscription in self:
            wallet = subscription._get_deposit_wallet()
            subscription.deposit_held = wallet._get_held() if wallet else 0.0
            subscription.deposit_requested = wallet._get_unpaid() if wallet else 0.0

    def _get_deposit_wallet(self):
        """The balance that holds the subscription's deposits; empty when there never was one.

        :rtype: subscription.wallet
        """
        self.ensure_one()
        return (
            self.env["subscription.wallet"]
            .sudo()
            .search([("kind", "=", "deposit"), ("subscription_id", "=", self._origin.id)], limit=1)
        )

    def _get_deposit_requests(self):
        """The documents that ask, or have asked, for deposits of the subscription.

        :rtype: account.move
        """
        return self.sudo().line_ids.deposit_move_ids.filtered(lambda move: move.state == "posted")

    def action_start(self):
        result = super().action_start()
        self._request_deposits()
        return result

    def _request_deposits(self):
        """Ask for each deposit that was agreed and not asked for yet."""
        for subscription in self.sudo().filtered(lambda s: s.state not in ("draft", "closed")):
            lines = subscription.line_ids.filtered(
                lambda line: (
                    line.charge_type == "deposit"
                    and line._is_billed()
                    and not line._get_deposit_request()
                )
            )
            for line in lines:
                if amount := line.currency_id.round(float(line._get_deposit_amount())):
                    subscription._request_deposit(line, amount)

    def _request_deposit(self, line, amount):
        """Book and send the document that asks for one deposit.

        :return: the ``account.move``.
        """
        self.ensure_one()
        self.company_id._ensure_wallet_accounts()
        moves = self.env["account.move"].with_company(self.company_id)
        move = moves.create(self._prepare_deposit_request(line, amount))
        move._post(soft=False)
        self._log_event("deposit_requested", description=f"{move.name}: {line.name}")
        if self.partner_invoice_id.email:
            self.env.ref(REQUEST_TEMPLATE).send_mail(move.id)
        return move

    def _prepare_deposit_request(self, line, amount):
        """Values of the receipt: receivables / deposits, without taxes."""
        wallet = self.env["subscription.wallet"]._get(
            self.partner_invoice_id, self.company_id, self.currency_id, "deposit", self
        )
        today = self._get_today()
        values = {
            "move_type": "out_receipt",
            "journal_id": self.company_id.subscription_deposit_journal_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_invoice_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": today,
            "invoice_origin": self.name,
            "invoice_user_id": self.user_id.id,
            "fiscal_position_id": False,
            "invoice_payment_term_id": self.payment_term_id.id,
            "subscription_deposit_line_id": line.id,
            "narration": self._get_deposit_note(),
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": line._get_invoice_name(),
                        "quantity": 1.0,
                        "price_unit": amount,
                        "account_id": wallet.account_id.id,
                        "subscription_wallet_id": wallet.id,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
        if not self.payment_term_id:
            values["invoice_date_due"] = today
        return values

    def _get_deposit_note(self):
        """What the document says of itself, in the language of the customer."""
        lang = self.partner_invoice_id.lang or self.env.lang
        return self.with_context(lang=lang).env._(
            "This is no invoice: a deposit is no payment for a service, so there is no VAT on it. "
            "It is held for %s and given back at the end, less what is then still owed.",
            self.name,
        )

    def _void_deposit_requests(self):
        """Take back what was asked for and not paid; what was paid is settled separately."""
        for subscription in self.sudo():
            for request in subscription._get_deposit_requests():
                if not request.is_deposit_void and request.amount_residual:
                    subscription._void_deposit_request(request)

    def _void_deposit_request(self, request):
        amount = request.amount_residual
        request.is_deposit_void = True
        request._get_deposit_wallet()._give_up(request, amount)
        text = self.env._(
            "%(request)s: %(amount)s not wanted any more",
            request=request.name,
            amount=self.currency_id.format(amount),
        )
        self._log_event("deposit_void", description=text)

    def _ask_to_settle_deposit(self):
        """Let a person see to a deposit that is still held."""
        for subscription in self:
            if subscription.currency_id.compare_amounts(subscription.deposit_held, 0.0) > 0:
                subscription.sudo().activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._(
                        "Settle the deposit of %s",
                        subscription.currency_id.format(subscription.deposit_held),
                    ),
                    user_id=subscription.user_id.id or self.env.uid,
                )

    def action_view_deposit(self):
        """The balance that holds the deposits of the subscription."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "subscription.wallet",
            "view_mode": "form",
            "res_id": self._get_deposit_wallet().id,
        }
