"""What a declaration brings about, at once or by the hand of the person who handles it."""

from odoo import fields, models
from odoo.exceptions import UserError

from .subscription_declaration import OPEN_STATES
from .subscription_event import TOLD
from .subscription_subscription import RUNNING_STATES

#: What the confirmation of the declaration says as well, with the document that the law asks for.
CONFIRMED_KINDS = ("terminated", "voided", "revoked")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _accept_termination(self, date_notice, date_wished=None, description=None):
        """Carry out an ordinary termination that the customer has declared.

        Without a wish, or with one that is too early, it ends as early as possible (§ 312k (5)).
        A contract that has been terminated to an earlier day stays so. What is not binding yet is
        cancelled: nothing is owed for it.

        :return: the value of the declaration's ``outcome`` and the last day.
        :rtype: tuple[str, date | bool]
        """
        self.ensure_one()
        if self._filter_unaffirmed():
            self._void(description)
            return "voided", self.date_end
        earliest = self.get_next_termination_date(date_notice)
        last = max(earliest, date_wished or earliest)
        if self.termination_kind and self.date_end and self.date_end <= last:
            return "ended_before", self.date_end
        self._terminate(last, date_notice, description=description)
        late = date_wished and self.date_end > date_wished
        return ("ends_later" if late else "ends"), self.date_end


class SubscriptionDeclaration(models.Model):
    _inherit = "subscription.declaration"

    def _carry_out(self, accept_late=False):
        """End the contract as declared.

        :param bool accept_late: accept a withdrawal although its period is over.
        :return: why a person has to decide, or ``None`` when it is done.
        :raise UserError: when there is no right to withdraw (any more).
        """
        self.ensure_one()
        subscription = self.subscription_id.with_context(**{TOLD: CONFIRMED_KINDS})
        if self.kind == "withdrawal":
            return self._withdraw_from(subscription, accept_late)
        if subscription.state not in RUNNING_STATES:
            return self.env._("%s has ended already.", subscription.name)
        if self.termination_kind == "extraordinary":
            return self.env._("Decide whether the reason justifies to end it without notice.")
        description = self.env._("Declaration %s", self.name)
        received_on = self._get_received_local().date()
        return self._conclude(
            *subscription._accept_termination(received_on, self.date_wished, description)
        )

    def _withdraw_from(self, subscription, accept_late):
        withdrawal = subscription._revoke(
            received_at=self.received_at,
            declared_by=self.declarant,
            email=self.email,
            content="\n".join(": ".join(row) for row in self._get_content_rows()),
            channel="page",
            accept_late=accept_late,
        )
        withdrawal.sudo()._confirm_receipt()
        return self._conclude("revoked", subscription.date_end)

    def _conclude(self, outcome, date_end=None):
        """The declaration has taken effect."""
        self.sudo().write(
            {"state": "done", "outcome": outcome, "date_end": date_end, "problem": False}
        )
        self.activity_feedback(["mail.mail_activity_data_todo"])

    def action_carry_out(self):
        """Carry out what somebody has checked, and tell the customer."""
        self._check_open()
        for declaration in self:
            declaration._check_assigned()
            if problem := declaration._carry_out():
                raise UserError(problem)
            declaration._send_confirmation()
        return True

    def action_accept_late(self):
        """Let the customer withdraw as goodwill, although the period is over."""
        self._check_open()
        self.ensure_one()
        self._carry_out(accept_late=True)
        self._send_confirmation()
        return True

    def action_decide(self):
        """Open the form that ends the contract for good cause, or with notice after all."""
        self.ensure_one()
        self._check_open()
        self._check_assigned()
        action = self.subscription_id.action_open_close_wizard()
        defaults = {
            "default_kind": "extraordinary",
            "default_date_end": self.date_wished or fields.Date.context_today(self),
            "default_end_choice": "date",
            "default_date_notice": self._get_received_local().date(),
            "default_description": self.env._("Declaration %s", self.name),
            "declaration_id": self.id,
        }
        return {**action, "context": {**action["context"], **defaults}}

    def action_done(self):
        """Nothing more to do: a person has answered."""
        self._check_open()
        self._conclude("answered")
        return True

    def action_reject(self):
        """Close what is no declaration about a contract of the company."""
        self._check_open()
        self.sudo().write({"state": "rejected", "problem": False})
        self.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_reopen(self):
        """Take up again what was answered or rejected by mistake."""
        self.check_access("write")
        for declaration in self:
            if declaration.state != "rejected" and declaration.outcome != "answered":
                raise UserError(self.env._("%s has taken effect already.", declaration.name))
            state = "matched" if declaration.subscription_id else "new"
            declaration.sudo().write({"state": state, "outcome": False})
        return True

    def _check_assigned(self):
        if not self.subscription_id:
            raise UserError(self.env._("Choose the subscription that is meant first."))

    def _check_open(self):
        self.check_access("write")
        if handled := self.filtered(lambda declaration: declaration.state not in OPEN_STATES)[:1]:
            raise UserError(self.env._("%s has been handled already.", handled.name))
