"""What a customer sees of a pro-forma invoice besides its lines."""

from copy import deepcopy

from odoo import models


class SubscriptionProforma(models.Model):
    _inherit = "subscription.proforma"

    def _get_shown_tax_totals(self):
        """The tax totals, with their labels in the language of the reader.

        :rtype: dict
        """
        self.ensure_one()
        totals = deepcopy(self.tax_totals or {})
        usual = self._fields["amount_untaxed"]._description_string(self.env)
        for subtotal in totals.get("subtotals", ()):
            groups = self.env["account.tax.group"].sudo()
            for shown in subtotal["tax_groups"]:
                group = groups.browse(shown.get("id")).exists()
                if group:
                    shown["group_name"] = group.name
                    groups |= group
            subtotal["name"] = groups[:1].preceding_subtotal or usual
        return totals

    def _get_portal_invoice(self):
        """The invoice of what was paid, if it has been made and the page may lead to it.

        :rtype: account.move
        """
        self.ensure_one()
        return self.sudo().invoice_id.filtered(
            lambda move: (
                move.state == "posted"
                and move._may_be_opened_from(self.subscription_id, by_token=True)
            )
        )

    def _is_of_customer(self):
        """Whether the customer of the subscription pays, and not somebody else for them."""
        self.ensure_one()
        payer = self.partner_id.commercial_partner_id
        return payer == self.subscription_id.partner_id.commercial_partner_id
