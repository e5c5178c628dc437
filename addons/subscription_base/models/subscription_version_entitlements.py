"""Entitlements and plan versions: more is given at any time, less only with a version (LAW-34)."""

from odoo import models

RAISABLE = {"phase", "product_id", "is_limited", "limit_quantity", "duration", "duration_unit"}
DAYS = {"day": 1, "month": 30.4375}


class SubscriptionPlanEntitlement(models.Model):
    _inherit = "subscription.plan.entitlement"

    def _filter_gain_needs_version(self):
        """A further entitlement takes nothing from a subscriber."""
        return self.browse()

    def _get_raisable_fields(self):
        return RAISABLE

    def _is_advantage(self, vals):
        """Whether the entitlement grants as much with ``vals`` as it does now."""
        names = (*RAISABLE, "feature_id")
        changed = self.new({name: self[name] for name in names} | vals)
        return changed.feature_id == self.feature_id and changed._covers(self)

    def _covers(self, other):
        """Whether who has this entitlement may use all that ``other`` grants."""
        self.ensure_one()
        own, theirs = (
            (float("inf") if not one.is_limited else one.limit_quantity, one._get_days())
            for one in (self, other)
        )
        return (
            self.product_id in (self.product_id.browse(), other.product_id)
            and self.phase in ("always", other.phase)
            and own[0] >= theirs[0]
            and own[1] >= theirs[1]
        )

    def _get_days(self):
        return self.duration * DAYS[self.duration_unit] if self.duration else float("inf")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_lost_entitlements(self, plan):
        today = self._get_today()
        products = self.line_ids.filtered(lambda line: line._is_current(today)).product_id
        lost = self.env["subscription.feature"]
        for entitlement in self.plan_id.entitlement_ids:
            is_over = entitlement.phase == "trial" and not (
                self.date_trial_end and self.date_trial_end >= today
            )
            is_foreign = entitlement.product_id and entitlement.product_id not in products
            following = plan.entitlement_ids.filtered(
                lambda own, feature=entitlement.feature_id: own.feature_id == feature
            )
            if not is_over and not is_foreign:
                if not any(own._covers(entitlement) for own in following):
                    lost |= entitlement.feature_id
        return super()._get_lost_entitlements(plan) + lost.with_env(self.env).mapped("name")
