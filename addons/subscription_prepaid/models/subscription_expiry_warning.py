"""Customers are warned before their prepaid contracts expire (SD-20 to SD-25).

A warning is a message about an expiry date and a stage, made once; the job that sends messages
does the rest.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES

from ..prepaid import due_warning

_logger = logging.getLogger(__name__)

KIND = "expiring"
EARLIEST_DAYS = 366
BATCH = 200


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    expiry_warning_days = fields.Char(
        "Warn before the Expiry",
        default="7, 3, 1",
        help="How many days before the expiry customers are warned, separated by commas; empty "
        "for no warning.",
    )

    def _get_expiry_stages(self):
        """How many days before the expiry to warn.

        :rtype: list[int]
        :raises ValueError: when the setting does not say numbers.
        """
        self.ensure_one()
        return [int(days) for days in (self.expiry_warning_days or "").split(",") if days.strip()]

    @api.constrains("expiry_warning_days")
    def _check_expiry_warning_days(self):
        for plan in self:
            try:
                stages = plan._get_expiry_stages()
            except ValueError:
                stages = [0]
            if any(not 1 <= days <= EARLIEST_DAYS for days in stages):
                raise ValidationError(
                    self.env._(
                        "State on which days before the expiry to warn as numbers from 1 to "
                        "%(most)s with commas between them, such as 7, 3, 1. Not: %(text)s",
                        most=EARLIEST_DAYS,
                        text=plan.expiry_warning_days,
                    )
                )


class SubscriptionMessageRule(models.Model):
    _inherit = "subscription.message.rule"

    kind = fields.Selection(
        selection_add=[(KIND, "Expiry of a prepaid contract")], ondelete={KIND: "cascade"}
    )

    @api.model
    def _get_default_template(self, kind):
        if kind == KIND:
            reference = "subscription_prepaid.mail_template_expiring"
            return self.env.ref(reference, raise_if_not_found=False) or self.env["mail.template"]
        return super()._get_default_template(kind)


class SubscriptionMessage(models.Model):
    _inherit = "subscription.message"

    kind = fields.Selection(
        selection_add=[(KIND, "Expiry of a prepaid contract")], ondelete={KIND: "cascade"}
    )

    def _get_obstacle(self, is_sent):
        subscription = self.subscription_id
        if self.kind == KIND and subscription.date_expiry != self.date_about:
            return self.env._("The contract has been extended meanwhile.")
        if self.kind == KIND and subscription.state == "closed":
            return self.env._("The contract was over before the message was sent.")
        return super()._get_obstacle(is_sent)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.model
    def _cron_warn_of_expiry(self):
        """Ask for the warnings that are due, also those that an outage has delayed."""
        soon = fields.Date.add(fields.Date.today(), days=EARLIEST_DAYS + 1)
        contracts = self.search(
            Domain("is_prepaid", "=", True)
            & Domain("state", "in", RUNNING_STATES)
            & Domain("date_expiry", "<=", soon)
            & Domain("termination_kind", "=", False),
            order="date_expiry, id",
        )
        commit = self.env["ir.cron"]._commit_progress
        for start in range(0, len(contracts), BATCH):
            batch = contracts[start : start + BATCH]
            for contract in batch:
                contract._warn_safely()
            if not commit(len(batch), remaining=len(contracts) - start - len(batch)):
                break

    def _warn_safely(self):
        """Warn; one contract whose customer cannot be warned stops nobody else's."""
        try:
            with self.env.cr.savepoint():
                self._warn_of_expiry(self._get_today())
        except Exception:
            _logger.exception("warning of the expiry of %s failed", self)

    def _warn_of_expiry(self, today):
        self.ensure_one()
        messages = self.env["subscription.message"].sudo()
        about = [("subscription_id", "=", self.id), ("kind", "=", KIND)]
        sent = messages.search([*about, ("date_about", "=", self.date_expiry)])
        served = {int(message.key.rpartition(" ")[2]) for message in sent}
        warning = due_warning(self.date_expiry, self.plan_id._get_expiry_stages(), served, today)
        if not warning or not self._is_told(KIND):
            return
        values = {"subscription_id": self.id, "kind": KIND, "date_about": self.date_expiry}
        messages.create(
            [
                values | {"key": self._get_warning_key(warning.days_before)},
                *(
                    values | {"key": self._get_warning_key(days), "state": "covered"}
                    for days in warning.passed
                ),
            ]
        )
        messages._wake()

    def _get_warning_key(self, days):
        return f"{self.date_expiry} {days}"

    def _get_extension_url(self):
        """The link to the packages of the contract, which needs no login.

        :rtype: str
        """
        self.ensure_one()
        return self.get_base_url() + self.sudo().get_portal_url(suffix="/extend")
