"""After a contract has ended, what is left of its balances is settled once (SM-65 to SM-70)."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.subscription_base.models.subscription_event_guard import keep_retired
from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES

CLEAN_UP_BATCH = 100


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    cleaned_on = fields.Date(
        "Settled on",
        readonly=True,
        copy=False,
        help="When it was settled what the contract has left of balances.",
    )
    settlement_line_ids = fields.One2many(
        "subscription.settlement.line", "subscription_id", "Final Settlement", readonly=True
    )

    _cleaned_idx = models.Index("(company_id, id) WHERE state = 'closed' AND cleaned_on IS NULL")

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"cleaned_on"}

    def _clean_up(self):
        """Settle what the ended contracts have left of balances; nothing the second time."""
        for subscription in self.filtered(lambda s: s.state == "closed" and not s.cleaned_on):
            today = subscription._get_today()
            rows = [
                *subscription._clean_up_service(),
                *subscription._clean_up_bonus(),
                *subscription._clean_up_deposit(),
                *subscription._clean_up_credit(),
            ]
            lines = subscription.settlement_line_ids.create(
                [{"subscription_id": subscription.id, "date": today, **row} for row in rows]
            )
            subscription.cleaned_on = today
            if lines:
                subscription._log_event("cleaned_up", description=lines._describe())
            self.env["subscription.message"]._wake()

    def _clean_up_service(self):
        """What no invoice of the contract has used of its service credit goes by the setting."""
        wallet = self._find_service_wallet()
        if not wallet or wallet.currency_id.is_zero(wallet.balance):
            return []
        if wallet.balance < 0:
            return [wallet._prepare_debt()]
        wallet._lock()
        rest = wallet.balance
        return [{"kind": "service", "amount": rest, **self._release_service(wallet, rest)}]

    def _release_service(self, wallet, rest):
        partner = self.partner_invoice_id
        text = wallet._in_language_of(partner).env._("Service credit of %s", self.name)
        if self.service_at_end == "credit":
            balance = wallet._get(partner, self.company_id, self.currency_id)
            return {"outcome": "moved", "move_id": wallet._transfer(balance, rest, text).id}
        if self.service_at_end == "refund":
            return {"outcome": "paid_out", "move_id": wallet._return(rest, text).move_id.id}
        return {"outcome": "kept"}

    def _clean_up_bonus(self):
        """Bonus credit expires with the last contract that it could have been for."""
        bonuses = self.env["subscription.bonus"]._find_open(self.partner_invoice_id)
        bonuses = bonuses.filtered(
            lambda bonus: (
                bonus.company_id == self.company_id
                and bonus.currency_id == self.currency_id
                and bonus.subscription_id <= self
                and bonus._has_outlived_contracts()
            )
        )
        rows = []
        for bonus in bonuses:
            row = {"kind": "bonus", "amount": bonus.amount_left, "outcome": "kept"}
            if self.bonus_at_end == "expire":
                bonus._expire()
                row["outcome"] = "expired"
            elif self.bonus_at_end == "credit":
                row |= {"outcome": "moved", "move_id": bonus._turn_into_balance().id}
            rows.append(row)
        return rows

    def _clean_up_deposit(self):
        held = self.deposit_held
        if self.currency_id.compare_amounts(held, 0.0) <= 0:
            return []
        if self.deposit_at_end == "ask":
            return [{"kind": "deposit", "amount": held, "outcome": "asked"}]
        plan = self._settle_deposit()
        rows = [
            {"kind": "deposit", "amount": float(amount), "outcome": "offset", "move_id": move.id}
            for move, amount in plan.offsets
        ]
        if plan.rest:
            rows.append({"kind": "deposit", "amount": float(plan.rest), "outcome": "paid_out"})
        return rows

    def _clean_up_credit(self):
        """With the last contract of a customer the balance is proposed to be paid back (LAW-43)."""
        wallet = self._find_wallet()
        running = self.search_count(
            [
                ("partner_invoice_id", "child_of", wallet.partner_id.ids),
                ("company_id", "=", self.company_id.id),
                ("state", "in", RUNNING_STATES),
            ],
            limit=1,
        )
        if running or self.currency_id.is_zero(wallet.balance):
            return []
        if wallet.balance < 0:
            return [wallet._prepare_debt()]
        wallet._propose_refund()
        return [{"kind": "credit", "amount": wallet.balance, "outcome": "proposed"}]


class SubscriptionBonus(models.Model):
    _inherit = "subscription.bonus"

    def _turn_into_balance(self):
        """Give what is left of the bonus as money: a rebate that the company owes.

        :return: the entry.
        :raises UserError: when the company has no account of bonus credit.
        """
        self.ensure_one()
        account = self.company_id.subscription_bonus_account_id
        if not account:
            raise UserError(
                self.env._(
                    "Choose the account of bonus credit of %s in the settings first.",
                    self.company_id.name,
                )
            )
        wallet = self.wallet_id._get(self.partner_id, self.company_id, self.currency_id)
        left = self.amount_left
        values = wallet._prepare_settlement(account, -left, wallet._get_today(), self.reason)
        entry = self.env["account.move"].create(values)
        entry.with_context(skip_readonly_check=True).action_post()
        self._enter("withdrawn", -left)
        return entry


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=[("cleaned_up", "Balances Settled")], ondelete={"cleaned_up": keep_retired}
    )


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        return [*super()._get_steps(), "clean_up"]

    def _claim_clean_up(self, failed):
        """Lock contracts that have ended and been billed to the end, and are not settled yet."""
        query = SQL(
            """SELECT id FROM subscription_subscription subscription
                WHERE company_id = %s AND state = 'closed' AND cleaned_on IS NULL
                  AND next_billing_date IS NULL AND NOT id = ANY(%s)
                  AND NOT EXISTS (
                      SELECT FROM account_move_line line
                        JOIN account_move move ON move.id = line.move_id
                       WHERE line.subscription_id = subscription.id AND move.state = 'draft')
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            list(failed),
            CLEAN_UP_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _do_clean_up(self, subscriptions):
        return self._isolate(subscriptions, lambda batch: batch.sudo()._clean_up())
