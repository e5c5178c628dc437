"""E-mails about packs of units: bought, nearly used up, about to expire."""

from odoo import api, fields, models

ADDED, USED, EXPIRING = "pack_added", "pack_used", "pack_expiring"
KINDS = [
    (ADDED, "Pack of units bought"),
    (USED, "Pack of units used"),
    (EXPIRING, "Expiry of a pack of units"),
]
TOLD = "subscription_allowance_id"


class SubscriptionMessageRule(models.Model):
    _inherit = "subscription.message.rule"

    kind = fields.Selection(
        selection_add=KINDS, ondelete=dict.fromkeys((ADDED, USED, EXPIRING), "cascade")
    )

    @api.model
    def _get_default_template(self, kind):
        if kind in dict(KINDS):
            reference = f"subscription_prepaid.mail_template_{kind}"
            return self.env.ref(reference, raise_if_not_found=False) or self.env["mail.template"]
        return super()._get_default_template(kind)


class SubscriptionMessage(models.Model):
    _inherit = "subscription.message"

    kind = fields.Selection(
        selection_add=KINDS, ondelete=dict.fromkeys((ADDED, USED, EXPIRING), "cascade")
    )
    allowance_id = fields.Many2one(
        "subscription.allowance",
        "Pack",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    @api.model
    def _get_event_kinds(self):
        return {**super()._get_event_kinds(), ADDED: ADDED}

    def _prepare_from_event(self, event, kind):
        values = super()._prepare_from_event(event, kind)
        if kind == ADDED:
            values["allowance_id"] = event.subscription_id._get_told_allowance().id
        return values

    def _get_render_context(self):
        return {**super()._get_render_context(), TOLD: self.allowance_id.id}

    def _get_obstacle(self, is_sent):
        allowance = self.allowance_id
        if allowance and allowance.state == "revoked":
            return self.env._("The pack has been taken back.")
        if self.kind == EXPIRING and allowance.date_end != self.date_about:
            return self.env._("The pack can be used longer by now.")
        if self.kind == EXPIRING and not allowance.units_left:
            return self.env._("Nothing is left of the pack.")
        return super()._get_obstacle(is_sent)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_told_allowance(self):
        """The pack that an e-mail is about; the last one, where it is looked at without any.

        :rtype: subscription.allowance
        """
        self.ensure_one()
        told = self.env.context.get(TOLD)
        packs = self.allowance_ids.sorted("id")
        return packs.filtered(lambda allowance: allowance.id == told) or packs[-1:]

    def _get_packs_url(self):
        """The link to the packs of the subscription, which needs no login.

        :rtype: str
        """
        self.ensure_one()
        return self.get_base_url() + self.sudo().get_portal_url(suffix="/packs")
