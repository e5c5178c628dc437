"""The customer gets an extension confirmed by e-mail at once (LAW-13)."""

from odoo import api, fields, models

KIND = "extended"


class SubscriptionMessageRule(models.Model):
    _inherit = "subscription.message.rule"

    kind = fields.Selection(
        selection_add=[(KIND, "Extension of a prepaid contract")], ondelete={KIND: "cascade"}
    )

    @api.model
    def _get_default_template(self, kind):
        if kind == KIND:
            reference = "subscription_prepaid.mail_template_extended"
            return self.env.ref(reference, raise_if_not_found=False) or self.env["mail.template"]
        return super()._get_default_template(kind)


class SubscriptionMessage(models.Model):
    _inherit = "subscription.message"

    kind = fields.Selection(
        selection_add=[(KIND, "Extension of a prepaid contract")], ondelete={KIND: "cascade"}
    )

    @api.model
    def _get_event_kinds(self):
        return {**super()._get_event_kinds(), "extended": KIND}


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_last_extension(self):
        """The package that was bought last; empty when there is none."""
        self.ensure_one()
        return self.extension_ids.sorted("id")[-1:]
