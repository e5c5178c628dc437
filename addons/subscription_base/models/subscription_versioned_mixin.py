from odoo import api, fields, models

from .locking import changed_fields, lock_fields


class SubscriptionVersionedMixin(models.AbstractModel):
    """A part of a plan version: what was sold with it stays as it was sold.

    Components use it, and so does what hangs below them or beside them: a model says to which plan
    its records belong and which of its fields are commercial.
    """

    _name = "subscription.versioned.mixin"
    _description = "Part of a Plan Version"

    is_locked = fields.Boolean(
        compute="_compute_is_locked",
        help="The plan is used: a change needs a new version of it.",
        export_string_translation=False,
    )

    def _compute_is_locked(self):
        for record in self:
            stored = record._origin
            record.is_locked = bool(
                stored and stored._filter_locked() and stored._get_versioned_plans().is_used
            )

    def _get_versioned_plans(self):
        """The plans to which the records belong."""
        return self.plan_id

    def _get_used_locked_fields(self):
        """Fields that cannot be changed once the plan is used.

        :rtype: set[str]
        """
        return {"plan_id"}

    def _filter_locked(self):
        """Those records whose locked fields cannot be changed once the plan is used."""
        return self

    def _filter_needs_version(self):
        """Those records that a used plan neither gains nor loses without a new version."""
        return self

    def _filter_gain_needs_version(self):
        """Those records that a used plan does not gain without a new version."""
        return self._filter_needs_version()

    def _get_raisable_fields(self):
        """Locked fields that may change to the subscribers' advantage.

        :rtype: set[str]
        """
        return set()

    def _is_advantage(self, vals):
        """Whether no subscriber has less of anything with ``vals``."""
        return False

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        names = self._get_used_locked_fields() - self._get_raisable_fields()
        lock_fields(arch, names, "is_locked")
        return arch, view

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._filter_gain_needs_version()._check_plan_unused()
        return records

    def write(self, vals):
        if names := self._get_used_locked_fields() & vals.keys():
            for record in self._filter_locked():
                changed = changed_fields(record, vals, names)
                if changed and not record._is_advantage(vals):
                    record._check_plan_unused(changed)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_plan(self):
        self._filter_needs_version()._check_plan_unused()

    def _check_plan_unused(self, names=()):
        """Refuse to change what subscriptions rest on.

        :param names: the fields that are to be changed; the whole record when empty.
        """
        plans = self._get_versioned_plans() if self else self.env["subscription.plan"]
        if used := plans.filtered("is_used")[:1]:
            labels = self.fields_get(names, ["string"]) if names else {}
            used._refuse_change([labels[name]["string"] for name in names] or [self._description])
