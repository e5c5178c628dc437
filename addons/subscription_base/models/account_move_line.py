from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_id = fields.Many2one(
        "subscription.subscription", index="btree_not_null", ondelete="restrict", readonly=True
    )
    subscription_charge_id = fields.Many2one(
        "subscription.charge",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    subscription_period_start = fields.Date("Service from", readonly=True)
    subscription_period_end = fields.Date("Service until", readonly=True)

    _subscription_charge_uniq = models.UniqueIndex(
        "(subscription_charge_id) WHERE subscription_charge_id IS NOT NULL "
        "AND parent_state != 'cancel'",
        "This subscription charge is on another invoice already.",
    )

    @api.constrains("quantity", "price_unit", "discount")
    def _check_subscription_charge(self):
        for line in self.filtered("subscription_charge_id"):
            charge = line.subscription_charge_id
            if not line._states_subscription_charge(charge):
                raise ValidationError(
                    self.env._(
                        "%(line)s states a charge of %(amount)s. Change the line of the "
                        "subscription instead, or add a line of its own for a discount.",
                        line=line.name,
                        amount=charge.currency_id.format(charge.amount),
                    )
                )

    def _states_subscription_charge(self, charge):
        """Whether the line comes to the charge: without taxes, or with those it includes."""
        direction, compare = -self.move_id.direction_sign, self.currency_id.compare_amounts
        if not charge.line_id.price_includes_tax:
            return not compare(direction * self.price_subtotal, charge.amount)
        if not compare(direction * self.price_total, charge.amount):
            return True
        return not compare(direction * self.price_subtotal, charge._get_net_amount())

    def unlink(self):
        """Charges of a line deleted from a draft are open again."""
        subscriptions = self.subscription_id
        result = super().unlink()
        subscriptions.sudo().exists()._reopen_billing()
        return result

    def action_view_subscription_charge(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Charge"),
            "res_model": "subscription.charge",
            "view_mode": "form",
            "res_id": self.subscription_charge_id.id,
            "target": "new",
        }
