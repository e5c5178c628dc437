"""Plan versions: what has been sold stays as it was, a change makes a new version."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .locking import lock_fields


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    previous_version_id = fields.Many2one(
        "subscription.plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    version_audience = fields.Selection(
        [
            ("new", "New subscribers only"),
            ("all", "New and existing subscribers"),
        ],
        "Audience",
        copy=False,
        tracking=True,
        help="Whom the version is for. Existing subscribers change over at the end of their "
        "current billing period.",
    )
    is_used = fields.Boolean(
        compute="_compute_is_used",
        help="Running or ended subscriptions use the plan: it keeps its terms.",
    )
    version_count = fields.Integer(compute="_compute_version_count")

    _one_active_version = models.UniqueIndex(
        "(company_id, handle) WHERE state = 'active'",
        "Another version of this plan is active already.",
    )

    @api.depends("subscription_ids.state")
    def _compute_is_used(self):
        """A draft subscription is only a proposal: its plan may still be corrected."""
        for_plan = self._get_plans_of("subscription.subscription", Domain("state", "!=", "draft"))
        for_line = self._get_plans_of(
            "subscription.line", Domain("subscription_id.state", "!=", "draft")
        )
        for plan in self:
            plan.is_used = plan._origin in for_plan | for_line

    def _get_plans_of(self, model, domain):
        """Those of the plans to which records of ``model`` refer."""
        groups = (
            self.env[model]
            .sudo()
            .with_context(active_test=False)
            ._read_group(Domain("plan_id", "in", self.ids) & domain, ["plan_id"])
        )
        return self.browse(plan.id for (plan,) in groups)

    def _compute_version_count(self):
        counts = {
            (company, handle): count
            for company, handle, count in self._read_group(
                [("handle", "in", self.mapped("handle"))], ["company_id", "handle"], ["__count"]
            )
        }
        for plan in self:
            plan.version_count = counts.get((plan.company_id, plan.handle), 1)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            lock_fields(arch, self._get_used_locked_fields(), "is_used")
        return arch, view

    def _get_versions(self):
        """All versions of the plan, the newest first."""
        self.ensure_one()
        return self.search(
            [("company_id", "=", self.company_id.id), ("handle", "=", self.handle)],
            order="version desc",
        )

    def _refuse_change(self, labels):
        """Say that a change needs a new version.

        :param list labels: what was to be changed, in the language of the user.
        """
        self.ensure_one()
        raise UserError(
            self.env._(
                "Subscriptions use the plan %(plan)s, so it keeps its terms: %(fields)s. "
                'Choose "New version" on the plan, change the new version and publish it.',
                plan=self.display_name,
                fields=", ".join(labels),
            )
        )

    def action_new_version(self):
        """Ask whom the new version is for, then prepare it."""
        self.ensure_one()
        self._check_new_version()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_plan_version_wizard_action"
            ),
            "context": {"default_plan_id": self.id},
        }

    def _check_new_version(self):
        if self.state != "active":
            raise UserError(
                self.env._(
                    "%s is not active. A new version follows the active version of a plan.",
                    self.display_name,
                )
            )
        if draft := self._get_versions().filtered(lambda plan: plan.state == "draft")[:1]:
            raise UserError(
                self.env._(
                    "%s is being prepared already: publish it or discard it first.",
                    draft.display_name,
                )
            )

    def _create_version(self, audience):
        """Prepare the next version: a draft that is like this one, for the user to change.

        :param audience: ``new`` for new subscribers only, ``all`` for existing ones as well.
        :return: the draft.
        """
        self.ensure_one()
        self._check_new_version()
        return self.with_context(subscription_new_version=True).copy(
            {
                "handle": self.handle,
                "version": max(self._get_versions().mapped("version")) + 1,
                "previous_version_id": self.id,
                "version_audience": audience,
            }
        )

    def action_activate(self):
        for plan in self:
            previous = plan.previous_version_id
            if plan.state == "draft" and previous.state == "active":
                raise UserError(
                    self.env._(
                        "%(plan)s takes the place of %(previous)s: publish it instead.",
                        plan=plan.display_name,
                        previous=previous.display_name,
                    )
                )
        return super().action_activate()

    def action_discard_version(self):
        """Give up a version that has not been published; the version before stays as it is."""
        self.ensure_one()
        if self.state != "draft" or not self.previous_version_id:
            raise UserError(
                self.env._("Only a version that has not been published can be discarded.")
            )
        previous = self.previous_version_id
        self.unlink()
        return previous._get_form_action()

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "subscription.plan",
            "view_mode": "form",
            "res_id": self.id,
        }

    def action_view_versions(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_plan_action"
            ),
            "domain": [("id", "in", self._get_versions().ids)],
            "context": {"create": False},
        }

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """A handle or name stands for the version that is sold: it comes first."""
        found = super().name_search(name, domain, operator, limit)
        active = self.browse(plan_id for plan_id, _name in found).filtered(
            lambda plan: plan.state == "active"
        )
        return sorted(found, key=lambda item: item[0] not in active.ids)


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    predecessor_id = fields.Many2one(
        "subscription.plan.component",
        "In the Version before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The same component in the version before.",
    )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if self.env.context.get("subscription_new_version"):
            for component, vals in zip(self, vals_list, strict=True):
                vals["predecessor_id"] = component.id
        return vals_list

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {
            "charge_type", "default_quantity", "included_qty", "is_optional", "price_unit",
            "pricing_model", "product_id", "timing",
        }  # fmt: skip

    def _filter_locked(self):
        """A set-up fee concerns new subscriptions only (requirement RE-119)."""
        return self.filtered(lambda component: component.charge_type != "setup")

    def _filter_needs_version(self):
        """Set-up fees and add-ons that nobody has take nothing from a subscriber."""
        lines = self.env["subscription.line"].sudo()
        taken = {
            component
            for (component,) in lines._read_group(
                [("component_id", "in", self.ids)], ["component_id"]
            )
        }
        return self._filter_locked().filtered(
            lambda component: not component.is_optional or component in taken
        )
