from odoo import fields, models


class SubscriptionPlanVersionWizard(models.TransientModel):
    """Whom a new version is for: there is no default, somebody has to decide (RE-121)."""

    _name = "subscription.plan.version.wizard"
    _description = "New Plan Version"

    plan_id = fields.Many2one("subscription.plan", required=True, readonly=True)
    audience = fields.Selection(
        selection=lambda self: (
            self.env["subscription.plan"]
            ._fields["version_audience"]
            ._description_selection(self.env)
        ),
        required=True,
    )

    def action_create_version(self):
        """Prepare the version and open it: it shows the old values, to be changed."""
        self.ensure_one()
        return self.plan_id._create_version(self.audience)._get_form_action()
