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

    def _get_annotated_fields(self):
        """Fields that users go on writing: what is done about the evidence, not what it says.

        :rtype: set[str]
        """
        return set()

    def write(self, vals):
        is_told = vals.keys() - self._get_annotated_fields()
        if is_told and not self.env.su and self._filter_evidence():
            self.check_access("write")
            raise UserError(
                self.env._("%s stays as it was recorded: it is evidence.", self._description)
            )
        return super().write(vals)

    def unlink(self):
        """Whatever the context of the call says: a flag of Odoo's comes with RPC, too."""
        self._check_no_evidence()
        return super().unlink()

    def _check_no_evidence(self):
        if self._filter_evidence():
            self.check_access("unlink")
            raise UserError(self.env._("%s is never deleted: it is evidence.", self._description))


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


class SubscriptionPaymentAttempt(models.Model):
    _name = "subscription.payment.attempt"
    _inherit = ["subscription.payment.attempt", "subscription.evidence.mixin"]


class SubscriptionProforma(models.Model):
    _name = "subscription.proforma"
    _inherit = ["subscription.proforma", "subscription.evidence.mixin"]


class SubscriptionProformaLine(models.Model):
    _name = "subscription.proforma.line"
    _inherit = ["subscription.proforma.line", "subscription.evidence.mixin"]


class SubscriptionWithdrawal(models.Model):
    _name = "subscription.withdrawal"
    _inherit = ["subscription.withdrawal", "subscription.evidence.mixin"]


class SubscriptionDeclaration(models.Model):
    _name = "subscription.declaration"
    _inherit = ["subscription.declaration", "subscription.evidence.mixin"]

    def _get_annotated_fields(self):
        """Whoever handles it chooses the contract and a colleague, and talks about it."""
        return self._get_chosen_fields() | self._get_mail_fields()


class SubscriptionActionRun(models.Model):
    _name = "subscription.action.run"
    _inherit = ["subscription.action.run", "subscription.evidence.mixin"]


class SubscriptionMessage(models.Model):
    _name = "subscription.message"
    _inherit = ["subscription.message", "subscription.evidence.mixin"]
