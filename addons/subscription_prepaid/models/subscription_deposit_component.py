"""The component "deposit" of a plan: agreed with it, but no charge (SM-20).

A deposit is nobody's revenue, so it is not in the charge ledger: the line only says how much is to
be deposited. It is asked for by a document of its own; see ``subscription_deposit_request.py``.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.subscription_base.models.locking import changed_fields


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    charge_type = fields.Selection(
        selection_add=[("deposit", "Deposit")], ondelete={"deposit": "cascade"}
    )
    deposit_holds_service = fields.Boolean(
        "Service Waits for the Deposit",
        help="The service does not begin before the deposit has been paid.",
    )

    def _recurs(self):
        return super()._recurs() and self.charge_type != "deposit"

    def _get_taxes(self):
        """A deposit bears no tax, whatever its product does."""
        taxes = super()._get_taxes()
        return taxes.browse() if self.charge_type == "deposit" else taxes

    @api.constrains("charge_type", "tax_ids")
    def _check_deposit_taxes(self):
        for component in self.filtered(lambda c: c.charge_type == "deposit"):
            if component.tax_ids:
                raise ValidationError(
                    self.env._(
                        "A deposit is no payment for a service and bears no tax: leave the taxes "
                        "of %s empty.",
                        component.name,
                    )
                )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    deposit_move_ids = fields.One2many(
        "account.move", "subscription_deposit_line_id", "Deposit Requests", readonly=True
    )

    def _get_taxes(self):
        taxes = super()._get_taxes()
        return taxes.browse() if self.charge_type == "deposit" else taxes

    # ------------------------------------------------------------------ the charge type
    def _rate_deposit(self, timeline, line, after):
        """Nothing is charged."""
        return iter(())

    def _abort_deposit(self, timeline, line, charges):
        return charges

    def _pause_deposit(self, timeline, line, charges):
        return charges

    def _change_price_deposit(self, on, vals):
        self._check_not_requested()
        return self._change_price_setup(on, vals)

    _change_back_dated_deposit = _change_price_deposit

    def _allows_service_deposit(self, today):
        """Whether the service need not wait (any longer) for the deposit."""
        return not self.component_id.deposit_holds_service or self._is_deposit_paid()

    # ------------------------------------------------------------------ what was asked for
    def _get_deposit_request(self):
        """The document that asks for the deposit, if there is one that holds.

        :rtype: account.move
        """
        self.ensure_one()
        return self.sudo().deposit_move_ids.filtered(
            lambda move: move.state != "cancel" and not move.is_deposit_void
        )

    def _is_deposit_paid(self):
        request = self._get_deposit_request()
        if not request:
            return self.currency_id.is_zero(float(self._get_deposit_amount()))
        return request.payment_state in ("paid", "in_payment")

    def _get_deposit_amount(self):
        """What is to be deposited.

        :rtype: ~decimal.Decimal
        """
        self.ensure_one()
        line = self._get_timeline_line()
        return line.pricing.amount(line.quantity)

    def _check_not_charged(self, vals):
        result = super()._check_not_charged(vals)
        if changed_fields(self, vals, self._get_locked_fields()):
            self._check_not_requested()
        return result

    def _check_not_requested(self):
        if request := self._get_deposit_request():
            raise UserError(
                self.env._(
                    "The deposit %(line)s has been asked for by %(request)s and stays as it was "
                    "agreed. Settle it, and agree on another one.",
                    line=self.name,
                    request=request.name,
                )
            )
