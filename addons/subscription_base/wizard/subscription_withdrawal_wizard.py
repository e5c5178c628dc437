from odoo import api, fields, models

from ..billing import bill
from ..models.subscription_withdrawal import CHANNELS


class SubscriptionWithdrawalWizard(models.TransientModel):
    """Records the withdrawal of a consumer and shows beforehand what it gives back."""

    _name = "subscription.withdrawal.wizard"
    _description = "Withdraw from a Subscription"

    subscription_id = fields.Many2one("subscription.subscription", required=True, readonly=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    withdrawal_until = fields.Date(related="subscription_id.withdrawal_until")
    received_at = fields.Datetime("Received", required=True, default=fields.Datetime.now)
    channel = fields.Selection(CHANNELS, "Received by", required=True, default="email")
    declared_by = fields.Char("Declared by", help="The customer when left empty.")
    content = fields.Text("What Was Declared", help="Word for word, for the record.")
    early_start = fields.Boolean(
        "Early Start Requested",
        compute="_compute_early_start",
        store=True,
        readonly=False,
        help="The consumer had expressly asked for the service to start at once: the days until "
        "the withdrawal are paid for. Otherwise all is given back.",
    )
    is_late = fields.Boolean(compute="_compute_is_late")
    accept_late = fields.Boolean("Accept as Goodwill")
    amount_credited = fields.Monetary("To Be Credited", compute="_compute_amounts")
    amount_billed = fields.Monetary("Still to Be Billed", compute="_compute_amounts")

    @api.depends("subscription_id")
    def _compute_early_start(self):
        for wizard in self:
            wizard.early_start = wizard.subscription_id.early_start_requested

    def _get_day(self):
        return self.subscription_id._get_local_day(self.received_at)

    @api.depends("received_at", "subscription_id")
    def _compute_is_late(self):
        for wizard in self:
            last = wizard.withdrawal_until
            is_open = wizard.subscription_id and wizard.subscription_id._is_withdrawable_anyway()
            in_time = is_open or (last and wizard.received_at and wizard._get_day() <= last)
            wizard.is_late = bool(wizard.received_at) and not in_time

    @api.depends("received_at", "early_start", "subscription_id")
    def _compute_amounts(self):
        for wizard in self:
            wizard.amount_billed = wizard.amount_credited = 0.0
            if wizard.received_at and wizard.subscription_id:
                amounts = wizard.subscription_id._get_withdrawal_outlook(
                    wizard._get_day(), wizard.early_start
                )
                wizard.amount_billed, wizard.amount_credited = amounts

    def action_withdraw(self):
        self.ensure_one()
        withdrawal = self.subscription_id._revoke(
            received_at=self.received_at,
            early_start=self.early_start,
            declared_by=self.declared_by,
            content=self.content,
            channel=self.channel,
            accept_late=self.accept_late,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "subscription.withdrawal",
            "view_mode": "form",
            "res_id": withdrawal.id,
        }


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def action_open_withdrawal_wizard(self):
        """Ask what was declared, then end the contract and credit what is not owed."""
        self.ensure_one()
        self._check_revocable(self._get_today(), accept_late=True)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_withdrawal_wizard_action"
            ),
            "context": {"default_subscription_id": self.id},
        }

    def _get_withdrawal_outlook(self, day, early_start):
        """What a withdrawal on ``day`` would still bill, and what it would credit, without taxes.

        :rtype: tuple[float, float]
        """
        self.ensure_one()
        ended = self.new(origin=self)
        pays_used = self._pays_used_days(day, early_start)
        ended.is_uncharged = not pays_used
        if pays_used:
            ended.date_end = min(filter(None, (self.date_end, day)))
        timeline, ledger = ended._get_billing_inputs()[ended.id]
        until = max(fields.Date.add(day, days=1), self._get_today())
        amounts = [float(e.charge.amount) for e in bill(timeline, ledger, until).entries]
        return sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)
