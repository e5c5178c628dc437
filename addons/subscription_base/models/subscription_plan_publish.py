"""Publishing a version: it takes the place of the one before, and its subscribers follow."""

from odoo import fields, models
from odoo.exceptions import LockError, UserError

from .subscription_migration import OPEN_STATES


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    migration_ids = fields.One2many("subscription.migration", "plan_to_id")
    migration_count = fields.Integer(compute="_compute_migration_count")
    date_superseded = fields.Datetime("Superseded on", readonly=True, copy=False)

    def _compute_migration_count(self):
        counts = dict(
            self.env["subscription.migration"]._read_group(
                [("plan_to_id", "in", self.ids)], ["plan_to_id"], ["__count"]
            )
        )
        for plan in self:
            plan.migration_count = counts.get(plan._origin, 0)

    def _check_publishable(self):
        self.ensure_one()
        if self.state != "draft" or not self.previous_version_id:
            raise UserError(
                self.env._("%s is not a new version in preparation.", self.display_name)
            )
        if not self.main_component_id:
            raise UserError(
                self.env._(
                    "The plan %s needs at least one recurring component that is not optional.",
                    self.name,
                )
            )
        if self.previous_version_id.state != "active":
            raise UserError(
                self.env._(
                    "%s is no longer active, so nothing can take its place. Discard the version.",
                    self.previous_version_id.display_name,
                )
            )

    def action_publish_version(self):
        """Show what publishing would do, and ask to confirm it."""
        self._check_publishable()
        wizard = self.env["subscription.plan.publish.wizard"].create({"plan_id": self.id})
        wizard._fill(self._try_version())
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_plan_publish_wizard_action"
            ),
            "res_id": wizard.id,
        }

    def _publish(self):
        """Let the version take the place of the one before, all at once.

        :return: the migrations of its subscribers.
        """
        previous = self.previous_version_id
        try:
            (previous | self).lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is working on this plan. Try again in a moment.")
            ) from error
        self._check_publishable()
        vals_list = self._try_version()
        Migration = self.env["subscription.migration"].sudo()
        Migration.search(
            [
                ("subscription_id", "in", [vals["subscription_id"] for vals in vals_list]),
                ("state", "in", OPEN_STATES),
            ]
        )._set_state("cancelled")
        previous.write({"state": "superseded", "date_superseded": self.env.cr.now()})
        self.env.flush_all()
        self.state = "active"
        migrations = Migration.create(vals_list)
        migrations._announce()
        self._log_publication(len(migrations))
        return migrations.sudo(False)

    def _log_publication(self, count):
        audience = dict(self._fields["version_audience"]._description_selection(self.env))
        self.previous_version_id._message_log(
            body=self.env._("Superseded by version %s.", self.version)
        )
        self._message_log(
            body=self.env._(
                "Published for: %(audience)s. Subscriptions that are to change over: %(count)s.",
                audience=audience[self.version_audience],
                count=count,
            )
        )

    def action_view_migrations(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_migration_action"
            ),
            "domain": [("plan_to_id", "=", self.id)],
        }
