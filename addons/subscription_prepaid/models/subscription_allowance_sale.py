"""Packs are sold by lines of the subscription, charged once like any other item."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.subscription_base.models.subscription_event_guard import keep_retired
from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES


class SubscriptionAllowancePack(models.Model):
    _inherit = "subscription.allowance.pack"

    def _get_price(self, subscription, on, quantity=1.0):
        """The price of one pack for a subscription's customer, in its currency.

        :rtype: float
        """
        self.ensure_one()
        partner = subscription.partner_id.with_company(subscription.company_id)
        pricelist = partner.property_product_pricelist
        product = self.product_id.with_company(subscription.company_id)
        return pricelist._get_product_price(
            product, quantity, currency=subscription.currency_id, date=on
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_packs_to_sell(self):
        """The packs that some usage of the subscription can draw on.

        :rtype: subscription.allowance.pack
        """
        self.ensure_one()
        today = self._get_today()
        metered = self.line_ids.filtered(lambda line: line.meter_id and line._is_current(today))
        packs = self.env["subscription.allowance.pack"].search(
            [("company_id", "=", self.company_id.id), ("meter_id", "in", metered.meter_id.ids)]
        )
        return packs.filtered(lambda pack: any(map(pack._covers, metered)))

    def _get_pack_obstacle(self):
        """Why no pack can be sold on the subscription; empty when one can.

        :rtype: str
        """
        self.ensure_one()
        if self.state not in RUNNING_STATES:
            return self.env._("%s does not run, so nothing can draw on a pack.", self.name)
        if self.date_end and self.date_end < self._get_today():
            return self.env._("%s has ended.", self.name)
        return ""

    def _check_may_add(self, pack, on):
        if obstacle := self._get_pack_obstacle():
            raise UserError(obstacle)
        if pack not in self._get_packs_to_sell():
            raise UserError(
                self.env._(
                    "No usage of %(subscription)s draws on %(pack)s. Choose another pack.",
                    subscription=self.name,
                    pack=pack.display_name,
                )
            )
        if on < self.date_start or (self.date_end and on > self.date_end):
            raise UserError(
                self.env._(
                    "%(subscription)s does not run on %(day)s. Choose another day.",
                    subscription=self.name,
                    day=format_date(self.env, on),
                )
            )

    def _add_pack(self, pack, on, quantity=1.0, price=None):
        """Sell packs on the subscription: billing charges them on their first day.

        :param date on: first day of the packs; in the past, what they cover is credited.
        :param float price: of one pack; what the price list says when left out.
        :return: the ``subscription.allowance``.
        """
        self.ensure_one()
        self._check_may_add(pack, on)
        if price is None:
            price = pack._get_price(self, on, quantity)
        return self._bring_pack(
            on, {"product_id": pack.product_id.id, "quantity": quantity, "price_unit": price}
        )

    def _bring_pack(self, on, vals):
        """Let a line of the subscription sell a pack.

        Taxes are those of the product, included in the price or not as its own taxes say.

        :param dict vals: values of the line: product, quantity and price at least.
        :return: the ``subscription.allowance``.
        """
        line = (
            self.sudo()
            .line_ids.create(
                {
                    "subscription_id": self.id,
                    "charge_type": "one_time",
                    "price_includes_tax": False,
                    "date_start": on,
                    "sequence": max(self.line_ids.mapped("sequence"), default=0) + 1,
                    **vals,
                }
            )
            .with_env(self.env)
        )
        self._log_change("pack_added", on, self.env._("%s added", line.name))
        return line.allowance_ids

    def _get_invoice_line_name(self, charge):
        """An invoice states how many units a pack has brought, and until when they can be used."""
        name = super()._get_invoice_line_name(charge)
        allowance = charge.line_id.sudo().allowance_ids
        if not allowance:
            return name
        lang = self.partner_invoice_id.lang or self.env.lang
        return f"{name}\n{allowance.with_context(lang=lang)._get_text()}"

    def action_open_pack_wizard(self):
        """Choose a pack for the customer.

        :raises UserError: when no pack can be sold on the subscription.
        """
        self.ensure_one()
        if obstacle := self._get_pack_obstacle():
            raise UserError(obstacle)
        wizard = self.env["subscription.pack.wizard"].create({"subscription_id": self.id})
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_prepaid.subscription_pack_wizard_action"
            ),
            "res_id": wizard.id,
        }


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=[("pack_added", "Pack Added")], ondelete={"pack_added": keep_retired}
    )
