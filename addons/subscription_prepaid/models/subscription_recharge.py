"""Automatic top-ups: what a customer has agreed to, and by which payment method it is charged.

It tops up a balance and nothing else: no contract is ever renewed by it (SD-15).
"""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..prepaid import Recharge, RechargeTerms, recharge

CRON = "subscription_prepaid.ir_cron_recharge"
GIVEN_UP_TEMPLATE = "subscription_prepaid.mail_template_recharge_given_up"


class SubscriptionRecharge(models.Model):
    _name = "subscription.recharge"
    _description = "Automatic Top-Up"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "wallet_id"

    wallet_id = fields.Many2one(
        "subscription.wallet", "Balance", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="wallet_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="wallet_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="wallet_id.currency_id")
    threshold = fields.Monetary(
        required=True, readonly=True, help="Topped up when the balance is below it."
    )
    amount = fields.Monetary(required=True, readonly=True, help="By how much.")
    limit = fields.Monetary(
        readonly=True, help="At most so much within the period; 0 for no limit."
    )
    period_days = fields.Integer("Period in Days", default=30, required=True, readonly=True)
    token_id = fields.Many2one(
        "payment.token",
        "Payment Method",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The saved payment method that is charged.",
    )
    state = fields.Selection(
        [("active", "Active"), ("ended", "Switched off")],
        "Status",
        default="active",
        required=True,
        readonly=True,
        tracking=True,
    )
    consent_text = fields.Text("Consent", required=True, readonly=True)
    consented_on = fields.Datetime("Agreed on", required=True, readonly=True)
    consented_by_id = fields.Many2one("res.partner", "Agreed by", required=True, readonly=True)
    ended_on = fields.Datetime("Switched off on", readonly=True)
    end_reason = fields.Char("Switched off Because", readonly=True)
    attempt_ids = fields.One2many("subscription.recharge.attempt", "recharge_id", "Top-Ups")

    _active_uniq = models.UniqueIndex(
        "(wallet_id) WHERE state = 'active'", "The balance is topped up automatically already."
    )
    _amount_positive = models.Constraint(
        "CHECK (amount > 0 AND threshold >= 0)",
        "A balance is topped up by an amount above zero, from a threshold of at least zero.",
    )
    _period_positive = models.Constraint(
        "CHECK (period_days > 0)", "The limit is for a period of at least one day."
    )

    @api.constrains("limit", "amount")
    def _check_limit(self):
        for one in self:
            if one.limit and one.currency_id.compare_amounts(one.limit, one.amount) < 0:
                raise ValidationError(
                    self.env._(
                        "The limit of %(limit)s is below the amount of %(amount)s: nothing would "
                        "ever be topped up.",
                        limit=one.currency_id.format(one.limit),
                        amount=one.currency_id.format(one.amount),
                    )
                )

    @api.constrains("token_id", "wallet_id")
    def _check_token(self):
        for one in self.sudo():
            token = one.token_id
            if token.partner_id.commercial_partner_id != one.partner_id:
                raise ValidationError(
                    self.env._("This payment method belongs to another customer.")
                )
            if token.company_id not in one.company_id.parent_ids:
                raise ValidationError(
                    self.env._("This payment method was saved with another company.")
                )

    @api.model
    def _get_consent_text(self, wallet, token, threshold, amount, limit, period_days=30):
        """What the customer agrees to, in the language of the reader.

        :rtype: str
        """
        money = wallet.currency_id.format
        text = self.env._(
            "I authorise %(company)s to charge %(method)s with %(amount)s whenever my balance "
            "falls below %(threshold)s. I can switch this off at any time.",
            company=wallet.company_id.name,
            method=token._get_message_name(),
            amount=money(amount),
            threshold=money(threshold),
        )
        if limit:
            text += " " + self.env._(
                "No more than %(limit)s are charged in %(days)s days.",
                limit=money(limit),
                days=period_days,
            )
        return text

    @api.model
    def _agree(self, wallet, partner, token, threshold, amount, limit=0.0, period_days=30):
        """Record that a customer agrees to automatic top-ups; it takes the place of the last one.

        Whoever agrees to the same again, agrees once.

        :param partner: the ``res.partner`` who agrees.
        :param token: ``payment.token`` of the customer.
        :return: the agreement, as superuser.
        :raises UserError: when the payment method cannot be charged, or no money is taken.
        """
        wallet.sudo()._check_can_be_topped_up()
        token = token.sudo()
        if not token or not token._is_chargeable(wallet.company_id):
            raise UserError(
                self.env._("This payment method has expired, or cannot be charged any more.")
            )
        terms = {
            "token_id": token.id,
            "threshold": threshold,
            "amount": amount,
            "limit": limit,
            "period_days": period_days,
        }
        before = wallet.sudo().recharge_id
        if before and before._convert_to_write({n: before[n] for n in terms}) == terms:
            return before
        before._end(self.env._("Replaced by a new agreement"))
        before.flush_recordset(["state"])
        agreed = self.sudo().create(
            {
                **terms,
                "wallet_id": wallet.id,
                "consent_text": self._get_consent_text(
                    wallet, token, threshold, amount, limit, period_days
                ),
                "consented_on": fields.Datetime.now(),
                "consented_by_id": partner.id,
            }
        )
        wallet.sudo()._message_log(body=agreed.consent_text, author_id=partner.id)
        agreed._recharge_soon()
        return agreed

    def write(self, vals):
        """What was agreed is evidence: it is ended, not changed."""
        if not self.env.su and vals.keys() & self._get_agreed_fields():
            raise AccessError(
                self.env._("What a customer agreed to cannot be changed. Switch it off instead.")
            )
        return super().write(vals)

    def _get_agreed_fields(self):
        return {
            "wallet_id", "threshold", "amount", "limit", "period_days", "token_id", "state",
            "consent_text", "consented_on", "consented_by_id", "ended_on", "end_reason",
        }  # fmt: skip

    def action_end(self):
        """Switch it off for the customer."""
        self.check_access("write")
        self.sudo()._end(self.env._("By %s", self.env.user.name))
        return True

    def _end(self, reason):
        for one in self.filtered(lambda one: one.state == "active"):
            one.write({"state": "ended", "ended_on": fields.Datetime.now(), "end_reason": reason})
            one.wallet_id._message_log(
                body=self.env._("Automatic top-ups are switched off: %s", reason)
            )

    def _get_terms(self):
        """What was agreed, for the core.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.RechargeTerms
        """
        self.ensure_one()
        return RechargeTerms(
            threshold=Decimal(str(self.threshold)),
            amount=Decimal(str(self.amount)),
            limit=Decimal(str(self.limit)) if self.limit else None,
            period_days=self.period_days,
        )

    def _get_amount_due(self):
        """By how much to top up today; ``None`` when nothing is to be done.

        What is on its way counts as there: a debit that takes weeks to be final is not collected
        again meanwhile.
        """
        self.ensure_one()
        wallet = self.wallet_id
        there = Decimal(str(wallet.balance)) + Decimal(str(wallet.amount_on_its_way))
        return recharge(there, self._get_terms(), self._get_history(), wallet._get_today())

    def _get_history(self):
        """The tries of this agreement, and the top-ups of those before it, for their limit."""
        tries = self.attempt_ids
        earlier = self.search([("wallet_id", "=", self.wallet_id.id), ("id", "<", self.id)])
        tries |= earlier.attempt_ids.filtered(lambda one: one.state in ("succeeded", "unknown"))
        return [
            Recharge(one.date, Decimal(str(one.amount)), one._get_outcome())
            for one in tries.sorted("id")
        ]

    def _recharge_soon(self):
        """Let the job come at once where there is something to do."""
        if any(one.state == "active" and one._get_amount_due() for one in self):
            self.env.ref(CRON).sudo()._trigger()

    @api.model
    def _cron_recharge(self):
        """Look at all balances that are topped up automatically."""
        self.env["subscription.recharge.attempt"]._tell_of_unknown()
        agreements = self.search([("state", "=", "active")], order="id")
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(agreements))
        for one in agreements:
            one.with_company(one.company_id)._recharge()
            if not commit(1):
                break

    def _recharge(self):
        """Charge the payment method when the balance is low, once; whoever else is at it, wins."""
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            return
        self.invalidate_recordset()
        amount = self.state == "active" and self._get_amount_due()
        if not amount:
            return
        if not self.token_id.sudo()._is_chargeable(self.company_id):
            self._give_up(self.env._("The payment method cannot be charged any more."))
            return
        attempt = self.attempt_ids._begin(self, float(amount))
        attempt._ask()
        if attempt.state == "failed" and self._has_failed_too_often():
            self._give_up(self.env._("The payment method was refused too often."))

    def _has_failed_too_often(self):
        most = self._get_terms().max_failures
        last = self.attempt_ids.sorted("id")[-most:]
        return len(last) == most and all(one.state == "failed" for one in last)

    def _give_up(self, reason):
        """Switch it off, tell the customer, and let a person know."""
        self._end(reason)
        self.wallet_id.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Automatic top-ups were switched off"),
            note=reason,
        )
        if self.partner_id.email:
            self.env.ref(GIVEN_UP_TEMPLATE).sudo().send_mail(self.id)
