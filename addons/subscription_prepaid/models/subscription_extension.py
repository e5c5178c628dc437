"""Extending a prepaid contract: invoice, payment from the balance and new expiry, or nothing."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.subscription_base.billing import bill
from odoo.addons.subscription_base.models.subscription_event_guard import keep_retired
from odoo.addons.subscription_base.models.subscription_recurring import SILENT
from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES

#: Nobody outside the process knows this key: the context of a call by RPC is the caller's.
UNTIL = f"subscription_until_{secrets.token_hex(16)}"


class SubscriptionExtension(models.Model):
    _name = "subscription.extension"
    _description = "Extension of a Prepaid Contract"
    _order = "date_from desc, id desc"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    package_id = fields.Many2one("subscription.package", required=True, readonly=True)
    date_from = fields.Date("Old Expiry", required=True, readonly=True)
    date_to = fields.Date("New Expiry", required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move", "Invoice", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    amount_total = fields.Monetary("Price", compute="_compute_amount_total", compute_sudo=True)

    _from_uniq = models.UniqueIndex(
        "(subscription_id, date_from)", "The contract has been extended from this day already."
    )

    @api.depends("move_id.amount_total")
    def _compute_amount_total(self):
        for extension in self:
            extension.amount_total = extension.move_id._get_amount_before_advances()

    def _check_is_of(self, package):
        """Refuse to take another package for the one that has been sold.

        :raises UserError: when the order is for another one.
        """
        if self.package_id != package:
            raise UserError(
                self.env._(
                    "The contract has been extended by %(package)s already, until %(day)s. If you "
                    "want to extend it further, please look at the packages again.",
                    package=self.package_id.name,
                    day=format_date(self.env, self.date_to),
                )
            )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def action_open_extend_wizard(self):
        """Choose a package for the customer.

        :raises UserError: when the contract cannot be extended.
        """
        self.ensure_one()
        if obstacle := self._get_extension_obstacle():
            raise UserError(obstacle)
        wizard = self.env["subscription.extend.wizard"].create({"subscription_id": self.id})
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_prepaid.subscription_extend_wizard_action"
            ),
            "res_id": wizard.id,
        }

    def _extend(self, package, date_from=None, total=None):
        """Sell a package: invoice, settlement from the balance and the new expiry in one step.

        Asked for the same package twice with the same ``date_from``, it is sold once (SD-12).

        :param package: ``subscription.package`` record of the contract's plan.
        :param date date_from: the expiry that the customer was shown; the one now if left out.
        :param float total: the price with taxes that the customer was shown.
        :return: the ``subscription.extension``.
        :raises UserError: when the contract cannot be extended, the price is another one by now,
            or the balance is not enough; then nothing has changed.
        """
        self.ensure_one()
        subscription = self.sudo()
        wallet = self.env["subscription.wallet"]._get(
            subscription.partner_invoice_id, subscription.company_id, subscription.currency_id
        )
        wallet._lock()
        date_from = fields.Date.to_date(date_from) or subscription.date_expiry
        sold = subscription.extension_ids.filtered(lambda e: e.date_from == date_from)
        if sold:
            sold._check_is_of(package)
            return sold
        subscription._check_may_extend(package, date_from)
        subscription._prolong(package)
        moves = subscription._bill_extension(date_from)
        subscription._check_price(moves, total)
        moves._settle_in_full(wallet)
        extension = subscription.extension_ids.create(
            {
                "subscription_id": self.id,
                "package_id": package.id,
                "date_from": date_from,
                "date_to": subscription.date_expiry,
                "move_id": moves[:1].id,
            }
        )
        subscription._log_event(
            "extended",
            description=self.env._(
                "%(package)s, until %(day)s",
                package=package.name,
                day=format_date(self.env, subscription.date_expiry),
            ),
        )
        return extension

    def _check_may_extend(self, package, date_from):
        if obstacle := self._get_extension_obstacle():
            raise UserError(obstacle)
        if package.plan_id != self.plan_id or not package.active:
            raise UserError(self.env._("This package is not offered any more. Choose another one."))
        if date_from != self.date_expiry:
            raise UserError(
                self.env._(
                    "The contract expires on %s by now. Please look at the packages again.",
                    format_date(self.env, self.date_expiry),
                )
            )

    def _get_extension_obstacle(self):
        """Why the contract cannot be extended; empty when it can.

        :rtype: str
        """
        self.ensure_one()
        if not self.is_prepaid:
            return self.env._("%s is not prepaid.", self.name)
        if self.state not in RUNNING_STATES or not self.date_expiry:
            return self.env._("%s does not run, so it cannot be extended.", self.name)
        if self.date_expiry <= self._get_today():
            return self.env._("%s has expired. Please order anew.", self.name)
        if self.termination_kind:
            return self.env._("%s has been terminated.", self.name)
        return ""

    def _prolong(self, package):
        """Let all that recurs go on for a package; nothing is billed."""
        date_from, expiry = self.date_expiry, self._get_extended_expiry(package)
        lines = self.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and line._is_current(self.date_end)
        )
        for line in lines.with_context(**{SILENT: True}):
            line._change(date_from, **line._prepare_package_values(package, date_from))
        self.date_end = fields.Date.subtract(expiry, days=1)

    def _bill_extension(self, date_from):
        """The posted invoice of what has been prolonged, due today."""
        Run = self.env["subscription.billing.run"]
        run = Run.create(
            {"company_id": self.company_id.id, "date": Run._get_today(self.company_id)}
        )
        billed = self.with_context(
            **{UNTIL: {self.id: date_from}}, subscription_invoice_waiting=True
        )
        moves = run._bill_subscriptions(billed).sudo().with_env(self.env)
        moves.filtered(lambda move: move.state == "draft")._post_subscription_invoices()
        return moves.filtered(lambda move: move.move_type == "out_invoice")

    def _check_price(self, moves, total):
        price = moves._get_price()
        if total is not None and self.currency_id.compare_amounts(price, total):
            raise UserError(
                self.env._(
                    "The price is %s by now. Please look at the packages again.",
                    self.currency_id.format(price),
                )
            )

    def _get_billing_day(self, run):
        """What has been bought in advance is billed in advance."""
        day = super()._get_billing_day(run)
        return max(day, self.env.context.get(UNTIL, {}).get(self.id, day))

    def _prepare_invoice_values(self, charges, invoice_date):
        """What the balance pays for is due at once (SD-12)."""
        values = super()._prepare_invoice_values(charges, invoice_date)
        if self.env.context.get(UNTIL):
            values |= {"invoice_payment_term_id": False, "invoice_date_due": invoice_date}
        return values

    def _preview_extension(self, package):
        """What a package would be billed at; nothing is written.

        :return: the amount without taxes, and with them.
        :rtype: tuple[float, float]
        """
        self.ensure_one()
        date_from = self.date_expiry
        return self.sudo()._try_out(
            lambda trial: trial._prolong(package),
            look=lambda trial: trial._get_billed_by(date_from),
        )

    def _get_billed_by(self, day):
        timeline, ledger = self._get_billing_inputs()[self.id]
        entries = bill(timeline, ledger, day).entries
        charges = self._get_open_charges() + self._get_charges_in_memory(entries, self._get_today())
        if not charges:
            return 0.0, 0.0
        preview = self._prepare_preview(day, charges)
        return preview.untaxed, preview.total


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_price(self):
        """What the invoices cost with taxes, whether advances, bonus or money pay for it."""
        return self._get_amount_before_advances() + self._get_used_bonus()


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=[("extended", "Extended")], ondelete={"extended": keep_retired}
    )
