"""Records that prove what was agreed, done and charged: they are only added to (LAW-49)."""

from odoo import models
from odoo.exceptions import UserError


class SubscriptionEvidenceMixin(models.AbstractModel):
    """A model whose records nobody deletes and no user writes once they are evidence.

    Code of the life cycle may complete a record as superuser, such as with the answer to a
    question. A model that allows not even that refuses it itself.
    """

    _name = "subscription.evidence.mixin"
    _description = "Evidence"

    def _filter_evidence(self):
        """Those records that are evidence already; all of them from their creation on."""
        return self

    def write(self, vals):
        if vals and not self.env.su and self._filter_evidence():
            raise UserError(
                self.env._("%s stays as it was recorded: it is evidence.", self._description)
            )
        return super().write(vals)

    def unlink(self):
        """Whatever the context of the call says: a flag of Odoo's comes with RPC, too."""
        if self._filter_evidence():
            raise UserError(self.env._("%s is never deleted: it is evidence.", self._description))
        return super().unlink()


class SubscriptionEvent(models.Model):
    _name = "subscription.event"
    _inherit = ["subscription.event", "subscription.evidence.mixin"]


class SubscriptionCharge(models.Model):
    _name = "subscription.charge"
    _inherit = ["subscription.charge", "subscription.evidence.mixin"]


class SubscriptionMigration(models.Model):
    _name = "subscription.migration"
    _inherit = ["subscription.migration", "subscription.evidence.mixin"]

    def _filter_evidence(self):
        """What was only planned and taken back was never told to anybody."""
        return self.filtered(lambda migration: migration.state != "cancelled")


class SubscriptionUsage(models.Model):
    _name = "subscription.usage"
    _inherit = ["subscription.usage", "subscription.evidence.mixin"]

    def _filter_evidence(self):
        """What has been billed; until then an event may be corrected."""
        return self._get_billed()


class SubscriptionBillingRun(models.Model):
    _name = "subscription.billing.run"
    _inherit = ["subscription.billing.run", "subscription.evidence.mixin"]

    def _filter_evidence(self):
        """What has begun."""
        return self.filtered(lambda run: run.state != "draft")
