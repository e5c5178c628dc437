"""What a user does with a payment attempt: each outcome has a way on, without developer mode."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .subscription_payment_attempt import UNRESOLVED
from .subscription_payment_report import PAYMENT_TASK

ACCOUNTANTS = "account.group_account_invoice"


class SubscriptionPaymentAttempt(models.Model):
    _inherit = "subscription.payment.attempt"

    is_repeatable = fields.Boolean(compute="_compute_ways_on")
    may_retry = fields.Boolean(compute="_compute_ways_on")
    may_be_sent = fields.Boolean(compute="_compute_ways_on")

    @api.depends("state", "date_asked", "move_id.payment_state", "move_id.state")
    def _compute_ways_on(self):
        for attempt in self.sudo():
            move = attempt.move_id
            over = attempt.state in ("failed", "cancelled") and move._is_open_for_collection()
            attempt.is_repeatable = (
                attempt.state in ("asked", "unknown") and attempt._may_be_asked()
            )
            attempt.may_retry = over and not move._get_collection_obstacle()
            attempt.may_be_sent = over

    def _check_may_resolve(self, *states):
        """Who decides about payments are accountants; and only about what is still open.

        :return: the attempt as superuser, locked and read again.
        :raises odoo.exceptions.AccessError: for other users.
        :raises odoo.exceptions.UserError: when somebody, or the provider, was quicker.
        """
        self.ensure_one()
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group(ACCOUNTANTS)):
            raise AccessError(self.env._("Only accountants can decide about payments."))
        attempt = self.sudo()
        if not attempt.transaction_id.try_lock_for_update(allow_referencing=True):
            raise UserError(self.env._("The payment is being processed. Try again in a minute."))
        attempt.transaction_id.invalidate_recordset(["state"])
        if attempt.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The payment %(reference)s has another status by now: %(status)s.",
                    reference=attempt.idempotency_key,
                    status=labels[attempt.state],
                )
            )
        return attempt

    def _note_decision(self, text):
        self.message_post(body=text, author_id=self.env.user.partner_id.id)

    def action_confirm_paid(self):
        """The provider's own records show the payment: book it."""
        attempt = self._check_may_resolve("asked", "unknown", "pending", "failed")
        text = self.env._("%s has found the payment with the provider.", self.env.user.name)
        attempt.transaction_id._set_done(state_message=text)
        attempt._book()
        attempt._report()
        attempt._note_decision(text)
        return True

    def action_confirm_unpaid(self):
        """The provider has carried out nothing: the invoice can be collected again."""
        attempt = self._check_may_resolve("asked", "unknown", "pending")
        if attempt.state == "asked" and attempt.date_asked > attempt._get_patience_end():
            raise UserError(
                self.env._("The provider has just been asked. Wait a quarter of an hour.")
            )
        text = self.env._("%s has found no payment with the provider.", self.env.user.name)
        attempt.transaction_id._set_error(text)
        attempt._report()
        attempt._note_decision(text)
        return True

    def action_ask_again(self):
        """Send the same request again to a provider that recognises it."""
        attempt = self._check_may_resolve("scheduled", "asked", "unknown")
        attempt._ask_all()
        attempt._book()
        attempt._report()
        return True

    def action_cancel(self):
        """Give up a payment that nobody has been asked for."""
        attempt = self._check_may_resolve("scheduled")
        attempt.transaction_id._set_canceled(
            state_message=self.env._("Cancelled by %s.", self.env.user.name)
        )
        return True

    def action_retry(self):
        """Charge what is open of the invoice to the saved method that is agreed now."""
        attempt = self._check_may_resolve("failed", "cancelled")
        attempt.activity_unlink([PAYMENT_TASK])
        return attempt.move_id._collect_now()

    def action_send_invoice(self):
        """Leave the invoice to the customer: post it if it is a draft, and send it."""
        attempt = self._check_may_resolve("failed", "cancelled")
        move = attempt.move_id
        if move.state == "draft":
            move._post_subscription_invoices()
        move._queue_subscription_mail()
        move.subscription_fallback = fields.Datetime.now()
        attempt.activity_unlink([PAYMENT_TASK])
        attempt._note_decision(self.env._("The invoice is sent to the customer."))
        return self._notify(self.env._("The invoice is being sent to the customer."))

    def action_capture(self):
        """Take the money that the provider has reserved."""
        attempt = self._check_may_resolve("authorized")
        return attempt.transaction_id.sudo(False).action_capture()

    def action_void(self):
        """Give the money free that the provider has reserved."""
        attempt = self._check_may_resolve("authorized")
        return attempt.transaction_id.sudo(False).action_void()

    def action_view_transaction(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "payment.transaction",
            "view_mode": "form",
            "res_id": self.transaction_id.id,
        }

    @api.model
    def _get_action(self, domain):
        """The list of the attempts in ``domain``; a single one opens by itself."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_payment_attempt_action"
        )
        attempts = self.search(domain, limit=2)
        if len(attempts) == 1:
            return action | {"views": [(False, "form")], "res_id": attempts.id}
        return action | {"domain": domain, "context": {}}

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


class AccountMove(models.Model):
    _inherit = "account.move"

    payment_attempt_count = fields.Integer(compute="_compute_payment_attempt_count")
    may_be_collected = fields.Boolean(compute="_compute_may_be_collected")

    @api.depends("payment_state", "state", "subscription_policy")
    def _compute_may_be_collected(self):
        for move in self:
            move.may_be_collected = bool(
                move.state == "posted"
                and move.subscription_policy
                and not move._get_collection_obstacle()
            )

    @api.depends("payment_attempt_ids")
    def _compute_payment_attempt_count(self):
        attempts = self.env["subscription.payment.attempt"]
        counts = {}
        if attempts.has_access("read"):
            counts = dict(
                attempts._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"])
            )
        for move in self:
            move.payment_attempt_count = counts.get(move._origin, 0)

    def _is_open_for_collection(self):
        self.ensure_one()
        return self.move_type == "out_invoice" and (
            (self.state == "posted" and self.payment_state in ("not_paid", "partial"))
            or (self.state == "draft" and self.amount_total > 0)
        )

    def _get_collection_obstacle(self):
        """Why the invoice cannot be charged now; ``False`` when it can.

        :rtype: str | bool
        """
        self.ensure_one()
        move = self.sudo()
        if not move._is_open_for_collection():
            return self.env._("Nothing is open of %s.", move.display_name)
        if move._get_payments_under_way():
            return self.env._("A payment of %s is under way already.", move.display_name)
        token = move._get_collection_token()
        if not token or not token._is_chargeable(move.company_id):
            return self.env._(
                "No saved payment method can be charged for %s. Ask the customer for another one, "
                "or send the invoice.",
                move.display_name,
            )
        return False

    def _get_payments_under_way(self):
        """Transactions that may still bring money, or have brought what is not in the books."""
        attempts = self.payment_attempt_ids
        others = self.transaction_ids - attempts.transaction_id
        return attempts.filtered(
            lambda attempt: attempt._is_unfinished()
        ).transaction_id | others.filtered(
            lambda tx: (
                tx.state == "draft"
                or tx._is_under_way()
                or (tx.state == "done" and not tx.is_post_processed)
            )
        )

    def _collect_now(self):
        """Charge the invoice to its saved payment method, as a user asks for it.

        :raises odoo.exceptions.UserError: when it cannot be charged.
        """
        self.ensure_one()
        move = self.sudo()
        if not move.try_lock_for_update(allow_referencing=True):
            raise UserError(self.env._("%s is being processed.", move.display_name))
        move.invalidate_recordset(["payment_attempt_ids", "transaction_ids", "payment_state"])
        if obstacle := move._get_collection_obstacle():
            raise UserError(obstacle)
        attempts = move._take_up_or_schedule()
        self.env["ir.cron"]._commit_progress()
        attempts._ask_all()
        attempts._book()
        attempts._report()
        return {
            "type": "ir.actions.act_window",
            "res_model": "subscription.payment.attempt",
            "view_mode": "form",
            "res_id": attempts.id,
        }

    def action_collect(self):
        """Charge what is open to the customer's saved payment method."""
        self.check_access("read")
        if not self.env.user.has_group(ACCOUNTANTS):
            raise AccessError(self.env._("Only accountants can decide about payments."))
        return self._collect_now()

    def action_view_payment_attempts(self):
        return self.env["subscription.payment.attempt"]._get_action([("move_id", "in", self.ids)])

    def _has_to_be_paid(self):
        """Nobody pays a second time what the provider may be collecting already."""
        return super()._has_to_be_paid() and not self._get_open_questions()

    def _get_online_payment_error(self):
        if self._get_open_questions():
            return self.env._("We are collecting this invoice at the moment.")
        return super()._get_online_payment_error()

    def _get_open_questions(self):
        """Attempts that may still bring money."""
        return self.sudo().payment_attempt_ids.filtered(lambda a: a.state in UNRESOLVED)

    def _begin_online_payment(self):
        """The customer is about to pay the invoices; nobody collects them from now on.

        :raises odoo.exceptions.ValidationError: when one is being collected.
        """
        locked = self.try_lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["payment_attempt_ids"])
        if locked < self or self._get_open_questions():
            raise ValidationError(self.env._("We are collecting this invoice at the moment."))
        self._mark_payment_begun()

    def _mark_payment_begun(self):
        """Let whoever decides at the same moment about paying the invoices decide once more.

        Who has not seen yet that this payment has begun collides with the row that is written.
        """
        self.env.cr.execute(
            SQL("UPDATE account_move SET write_date = write_date WHERE id = ANY(%s)", self.ids)
        )

    def button_cancel(self):
        self._check_nothing_under_way()
        return super().button_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tried(self):
        for move in self:
            if move.sudo().payment_attempt_ids:
                raise UserError(
                    self.env._(
                        "It was tried to collect %s. Cancel the invoice instead of deleting it.",
                        move.display_name,
                    )
                )

    def _check_nothing_under_way(self):
        """An invoice whose payment is under way is not taken back behind the provider's back."""
        for move in self:
            if move._get_open_questions():
                raise UserError(
                    self.env._(
                        "A payment of %s is under way. Resolve the payment attempt first.",
                        move.display_name,
                    )
                )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    payment_attempt_count = fields.Integer(compute="_compute_payment_attempt_count")

    def _compute_payment_attempt_count(self):
        counts = dict(
            self.env["subscription.payment.attempt"]._read_group(
                [("subscription_ids", "in", self.ids)], ["subscription_ids"], ["__count"]
            )
        )
        for subscription in self:
            subscription.payment_attempt_count = counts.get(subscription._origin, 0)

    def action_view_payment_attempts(self):
        domain = [("subscription_ids", "in", self.ids)]
        return self.env["subscription.payment.attempt"]._get_action(domain)


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    payment_attempt_count = fields.Integer(compute="_compute_payment_attempt_count")

    def _compute_payment_attempt_count(self):
        counts = dict(
            self.env["subscription.payment.attempt"]._read_group(
                [("run_id", "in", self.ids)], ["run_id"], ["__count"]
            )
        )
        for run in self:
            run.payment_attempt_count = counts.get(run._origin, 0)

    def action_view_payment_attempts(self):
        return self.env["subscription.payment.attempt"]._get_action([("run_id", "in", self.ids)])
