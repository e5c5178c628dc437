"""Whoever cannot be bound alone, a minor for example, may need the consent of a guardian.

Prepaid by the package is the defensible form of selling to minors (LAW-44, §§ 106 to 110 BGB), not
a safe harbour; a company may ask for more.
"""

from odoo import fields, models

GUARDIAN = "guardian"


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_guardian_consent = fields.Boolean(
        "Consent of a Guardian",
        help="Contracts of customers who may have prepaid plans only wait until the consent of a "
        "guardian is recorded on the customer.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_guardian_consent = fields.Boolean(
        related="company_id.subscription_guardian_consent", readonly=False
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    subscription_guardian = fields.Char(
        "Guardian", tracking=True, help="Who has consented that the customer orders for themselves."
    )
    subscription_guardian_date = fields.Date(
        "Consented on", tracking=True, help="Attach the document to the customer's messages."
    )

    def write(self, vals):
        result = super().write(vals)
        if "subscription_guardian_date" in vals:
            waiting = self.env["subscription.subscription"].sudo()
            waiting.search(
                [("partner_id", "child_of", self.ids), ("waiting_for", "=", GUARDIAN)]
            )._release()
        return result

    def _lacks_consent(self, company):
        """Whether the company asks for the consent of a guardian that is not there yet."""
        customer = self.commercial_partner_id
        is_asked_for = company.subscription_guardian_consent and customer.subscription_prepaid_only
        return is_asked_for and not customer.subscription_guardian_date


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    waiting_for = fields.Selection(
        selection_add=[(GUARDIAN, "Consent of a Guardian")], ondelete={GUARDIAN: "set null"}
    )

    def _get_waiting_reason(self, today):
        reason = super()._get_waiting_reason(today)
        if reason or self.state not in ("draft", "pending"):
            return reason
        return GUARDIAN if self.sudo().partner_id._lacks_consent(self.company_id.sudo()) else False
