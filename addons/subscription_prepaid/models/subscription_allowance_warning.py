"""Customers are told when packs are nearly used up, used up, or about to expire with units left.

A warning is a message about a pack and a stage, made once; the job that sends messages does the
rest.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES

from ..prepaid import due_threshold, due_warning
from .subscription_allowance_message import EXPIRING, USED

_logger = logging.getLogger(__name__)

BATCH = 200


class SubscriptionAllowancePack(models.Model):
    _inherit = "subscription.allowance.pack"

    warning_percents = fields.Char(
        "Tell When Used (%)",
        default="80, 100",
        help="Customers are told once each when so many percent of the units are used, separated "
        "by commas; empty for no message.",
    )
    expiry_warning_days = fields.Integer(
        "Tell before the Expiry",
        default=7,
        aggregator=None,
        help="How many days before the expiry customers are told what is left; 0 for no message.",
    )

    _warning_days = models.Constraint(
        "CHECK (expiry_warning_days BETWEEN 0 AND 366)",
        "Customers are told of an expiry 0 to 366 days before it.",
    )

    def _get_thresholds(self):
        """At how many percent to tell the customer.

        :rtype: list[int]
        :raises ValueError: when the setting does not say numbers.
        """
        self.ensure_one()
        texts = (self.warning_percents or "").split(",")
        return [int(text) for text in texts if text.strip()]

    @api.constrains("warning_percents")
    def _check_warning_percents(self):
        for pack in self:
            try:
                wrong = any(not 1 <= percent <= 100 for percent in pack._get_thresholds())
            except ValueError:
                wrong = True
            if wrong:
                raise ValidationError(
                    self.env._(
                        "State at which percentages to tell the customer as numbers from 1 to 100 "
                        "with commas between them, such as 80, 100. Not: %s",
                        pack.warning_percents,
                    )
                )


class SubscriptionAllowance(models.Model):
    _inherit = "subscription.allowance"

    message_told_ids = fields.One2many("subscription.message", "allowance_id", "E-mails")

    @api.model
    def _cron_warn(self):
        """Ask for the messages that are due, also those that an outage has delayed."""
        today = fields.Date.today()
        packs = self.search(
            Domain("subscription_id.state", "in", RUNNING_STATES)
            & Domain("date_start", "<=", fields.Date.add(today, days=1))
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today)),
            order="subscription_id, id",
        )
        contracts = packs.subscription_id
        commit = self.env["ir.cron"]._commit_progress
        for start in range(0, len(contracts), BATCH):
            batch = contracts[start : start + BATCH]
            usage = batch.line_ids._read_usage()
            for contract in batch:
                contract._warn_of_packs_safely(packs & contract.allowance_ids, usage)
            if not commit(len(batch), remaining=len(contracts) - start - len(batch)):
                break

    def _warn(self, state, today):
        """Ask for the messages about one pack that are due today.

        :param state: the :class:`~odoo.addons.subscription_prepaid.prepaid.PackState`.
        """
        self.ensure_one()
        told = self.message_told_ids
        values = []
        due = due_threshold(
            state.used, state.units, self.pack_id._get_thresholds(), self._get_served(told, USED)
        )
        if due:
            values.append(self._prepare_message(USED, due.percent))
            values += [
                self._prepare_message(USED, percent) | {"state": "covered"}
                for percent in due.passed
            ]
        days = self.pack_id.expiry_warning_days
        if state.left and state.expires and days:
            served = [days] if told.filtered(self._is_told_of_expiry) else []
            if due_warning(state.expires, [days], served, today):
                values.append(self._prepare_message(EXPIRING, self.date_end))
        wanted = [vals for vals in values if self.subscription_id._is_told(vals["kind"])]
        if wanted:
            told.create(wanted)
            told._wake()

    def _is_told_of_expiry(self, message):
        return message.kind == EXPIRING and message.date_about == self.date_end

    def _get_served(self, told, kind):
        """The percentages that the customer has been told of."""
        return {int(message.key.rpartition(" ")[2]) for message in told if message.kind == kind}

    def _prepare_message(self, kind, stage):
        return {
            "subscription_id": self.subscription_id.id,
            "allowance_id": self.id,
            "kind": kind,
            "key": f"{self.id} {stage}",
            "date_about": self.date_end,
        }


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _warn_of_packs_safely(self, packs, usage):
        """Warn; one contract whose customer cannot be warned stops nobody else's."""
        try:
            with self.env.cr.savepoint():
                states = self._get_draw_down(usage).states
                for pack in packs.sudo().filtered(lambda pack: pack.id in states):
                    pack._warn(states[pack.id], self._get_today())
        except Exception:
            _logger.exception("warning of the packs of %s failed", self)
