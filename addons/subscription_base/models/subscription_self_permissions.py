"""What customers may do themselves: decided by the company, the plan and the customer.

The customer's own setting beats that of the plan, which beats the switch of the company
(requirements K3-18, K3-22, K3-23).
"""

from odoo import fields, models

ANSWERS = [("allow", "Allowed"), ("deny", "Not allowed")]
#: Each is a switch ``allow_self_<name>`` of the company, the plan and the customer.
PERMISSIONS = (
    "terminate", "pause", "plan", "interval", "quantity", "options", "payment", "address",
)  # fmt: skip


class SubscriptionSelfMixin(models.AbstractModel):
    """An exception from what the company lets its customers do."""

    _name = "subscription.self.mixin"
    _description = "Exception from Self-Service"

    allow_self_terminate = fields.Selection(
        ANSWERS, "Terminate", help="Terminate in the portal, and withdraw the termination."
    )
    allow_self_pause = fields.Selection(ANSWERS, "Pause", help="Pause and resume in the portal.")
    allow_self_plan = fields.Selection(
        ANSWERS, "Change the Plan", help="Change to one of the plans that the plan names."
    )
    allow_self_interval = fields.Selection(
        ANSWERS,
        "Change the Interval",
        help="Change to the same product billed at another interval.",
    )
    allow_self_quantity = fields.Selection(
        ANSWERS, "Change Quantities", help="Of components that say within which limits."
    )
    allow_self_options = fields.Selection(
        ANSWERS, "Add and Remove Add-ons", help="Those that are marked for self-service."
    )
    allow_self_payment = fields.Selection(ANSWERS, "Change the Payment Method")
    allow_self_address = fields.Selection(ANSWERS, "Change the Addresses")


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "subscription.self.mixin"]


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _inherit = ["subscription.plan", "subscription.self.mixin"]


class ResCompany(models.Model):
    _inherit = "res.company"

    allow_self_terminate = fields.Boolean("Customers May Terminate", default=True)
    allow_self_pause = fields.Boolean("Customers May Pause")
    allow_self_plan = fields.Boolean("Customers May Change the Plan", default=True)
    allow_self_interval = fields.Boolean("Customers May Change the Interval", default=True)
    allow_self_quantity = fields.Boolean("Customers May Change Quantities", default=True)
    allow_self_options = fields.Boolean("Customers May Change Add-ons", default=True)
    allow_self_payment = fields.Boolean("Customers May Change the Payment Method", default=True)
    allow_self_address = fields.Boolean("Customers May Change the Addresses", default=True)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    allow_self_terminate = fields.Boolean(related="company_id.allow_self_terminate", readonly=False)
    allow_self_pause = fields.Boolean(related="company_id.allow_self_pause", readonly=False)
    allow_self_plan = fields.Boolean(related="company_id.allow_self_plan", readonly=False)
    allow_self_interval = fields.Boolean(related="company_id.allow_self_interval", readonly=False)
    allow_self_quantity = fields.Boolean(related="company_id.allow_self_quantity", readonly=False)
    allow_self_options = fields.Boolean(related="company_id.allow_self_options", readonly=False)
    allow_self_payment = fields.Boolean(related="company_id.allow_self_payment", readonly=False)
    allow_self_address = fields.Boolean(related="company_id.allow_self_address", readonly=False)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _may_self_service(self, permission):
        """Whether the customer may do something without the company.

        :param str permission: one of ``PERMISSIONS``.
        :return: what the first of contact, customer, plan and company says that says anything.
        """
        self.ensure_one()
        if permission not in PERMISSIONS:
            return False
        name = f"allow_self_{permission}"
        contact = self.partner_id
        for source in (contact, contact.commercial_partner_id, self.plan_id):
            if answer := source[name]:
                return answer == "allow"
        return self.company_id[name]
