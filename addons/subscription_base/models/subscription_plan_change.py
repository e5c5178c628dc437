"""A change to another plan, at once or planned for a later day.

Until its day a planned change is nothing but a :class:`SubscriptionMigration` of the kind "plan":
the timeline is untouched, so it can be cancelled without a trace in what is billed.
"""

from contextlib import closing

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from .subscription_change import CHARGE_REST
from .subscription_migration import OPEN_STATES
from .subscription_recurring import SILENT

PLAN_EVENTS = [
    ("plan_planned", "Plan change planned"),
    ("plan_cancelled", "Planned plan change cancelled"),
]


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=PLAN_EVENTS, ondelete={name: "cascade" for name, _label in PLAN_EVENTS}
    )


class SubscriptionMigration(models.Model):
    _inherit = "subscription.migration"

    kind = fields.Selection(
        [("version", "New version"), ("plan", "Another plan")],
        required=True,
        default="version",
        help="Whether the company has published a new version, or another plan was chosen for "
        "this subscription.",
    )
    whole_periods = fields.Boolean(
        default=True, help="Each line changes at the end of its own period."
    )
    keep_individual = fields.Boolean(
        "Keep Individual Prices",
        default=True,
        help="Lines with an individual price go on at that price.",
    )
    credit = fields.Boolean("Credit the Rest", default=True)
    charge = fields.Selection(CHARGE_REST, "New Terms", default="prorated", required=True)
    sale_order_id = fields.Many2one(
        "sale.order",
        "Agreed with",
        readonly=True,
        index="btree_not_null",
        help="The order on which the change was agreed, with its prices and terms.",
    )
    recurring_after = fields.Monetary("Per Period after", aggregator=None)

    def action_cancel(self):
        planned = self.filtered(lambda m: m.kind == "plan" and m.state in (*OPEN_STATES, "failed"))
        planned._cancel_plan_change()
        others = self - planned
        return super(SubscriptionMigration, others).action_cancel() if others else None

    def _cancel_plan_change(self):
        """Leave the subscriptions on the plan on which they are; recorded on each of them.

        :raise AccessError: when the user may not change the subscription.
        """
        self.subscription_id.check_access("write")
        for migration in self:
            migration._set_state("cancelled")
            text = self.env._(
                "Change to %(plan)s on %(day)s",
                plan=migration.plan_to_id.display_name,
                day=format_date(self.env, migration.date_switch),
            )
            migration.subscription_id._log_event("plan_cancelled", description=text)

    def _move(self):
        if self.kind != "plan":
            return super()._move()
        subscription, on = self.subscription_id, self.date_switch
        subscription._move_to_plan(self.plan_to_id, on, **self._get_move_policy())
        if order := self.sale_order_id:
            order._apply_agreement(subscription, on)
        return self._set_state("done")

    def _get_move_policy(self):
        """Arguments of ``_move_to_plan``."""
        return {
            "whole_periods": self.whole_periods,
            "keep_individual": self.keep_individual,
            "credit": self.credit,
            "charge": self.charge,
        }

    def _get_obstacle(self):
        if self.kind == "plan" and self.plan_to_id.state == "deleted":
            return self.env._("The plan %s is no longer offered.", self.plan_to_id.display_name)
        return super()._get_obstacle()


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def _get_version_subscriptions(self):
        """Who has chosen another plan goes there, and is not taken to the version meanwhile."""
        subscriptions = super()._get_version_subscriptions()
        return subscriptions - subscriptions._get_plan_changes().subscription_id


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    next_plan_amount = fields.Monetary(
        "Per Period Then",
        compute="_compute_next_plan",
        help="What recurs per billing period once the next plan applies.",
    )
    has_plan_change = fields.Boolean(
        compute="_compute_next_plan", help="A change to another plan is planned."
    )

    @api.depends("migration_ids.recurring_after")
    def _compute_next_plan(self):
        result = super()._compute_next_plan()
        for subscription in self:
            due = subscription._get_next_migration()
            subscription.next_plan_amount = due.recurring_after
            subscription.has_plan_change = due.kind == "plan"
        return result

    def _get_plan_changes(self):
        """The open changes to another plan."""
        return self.env["subscription.migration"].search(
            [
                ("subscription_id", "in", self.ids),
                ("kind", "=", "plan"),
                ("state", "in", OPEN_STATES),
            ]
        )

    def _plan_change(
        self,
        plan,
        on=None,
        whole_periods=None,
        keep_individual=None,
        credit=True,
        charge="prorated",
        order=None,
    ):
        """Change the subscription to another plan: on a later day, or at once.

        A change on a later day takes the place of what was planned before, is shown as
        ``next_plan_id`` and ``next_plan_date``, and can be cancelled until then.

        :param plan: the ``subscription.plan`` that applies then.
        :param on: first day of the new plan, a date or its ISO form; today or a day in the past
            changes at once. The end of the current billing period when left out; in a trial,
            the first day that is paid for.
        :param bool whole_periods: each line changes at the end of its own period, on ``on`` or
            later. So unless a day is given, by default.
        :param bool keep_individual: lines with an individual price go on at that price; see
            :meth:`_keeps_individual` for when it is left out.
        :param bool credit: give back what was charged for the rest of the period.
        :param str charge: what the rest of the period costs under the new plan: ``prorated``,
            ``full`` or ``none``.
        :param order: the ``sale.order`` whose lines and terms hold under the new plan.
        :return: the ``subscription.migration``, planned or done.
        :raise UserError: when the subscription does not run then, or may not have the plan.
        """
        self.ensure_one()
        self.check_access("write")
        policy = {
            "whole_periods": on is None if whole_periods is None else whole_periods,
            "keep_individual": (
                self._keeps_individual(plan) if keep_individual is None else keep_individual
            ),
            "credit": credit,
            "charge": charge,
        }
        on = fields.Date.to_date(on) or self._get_plan_change_day()
        self._check_plan_change(plan, on)
        Migration = self.env["subscription.migration"].sudo()
        self._replace_planned()
        if on > self._get_today():
            migration = Migration.create(self._prepare_plan_change(plan, on, order, **policy))
            self._log_planned_change(migration)
        else:
            migration = Migration.create(
                self._prepare_migration(plan, on)
                | policy
                | {"kind": "plan", "sale_order_id": order and order.id}
            )
            migration.with_env(self.env)._move()
        return migration.with_env(self.env)

    def _keeps_individual(self, plan):
        """Whether individual prices hold under ``plan`` too: they were agreed for one plan."""
        self.ensure_one()
        return plan.handle == self.plan_id.handle

    def _get_plan_change_day(self):
        """The day on which another plan applies if nothing else is said: nothing is split."""
        today = self._get_today()
        if self.date_trial_end and self.date_trial_end >= today:
            return fields.Date.add(self.date_trial_end, days=1)
        if self.date_start > today:
            return self.date_start
        return self._get_next_period_start(today)

    def _check_plan_change(self, plan, on):
        """Refuse a plan that the subscription may not have.

        :raise UserError: says why.
        """
        self._check_move(plan, on)
        if plan == self.plan_id:
            raise UserError(
                self.env._(
                    "%(subscription)s is on the plan %(plan)s already.",
                    subscription=self.name,
                    plan=plan.display_name,
                )
            )
        if plan.state != "active":
            raise UserError(
                self.env._("The plan %s is not sold. Choose an active plan.", plan.display_name)
            )
        if plan.customer_kind not in ("any", self.customer_kind):
            kinds = dict(plan._fields["customer_kind"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The plan %(plan)s is sold to %(kind)s only.",
                    plan=plan.display_name,
                    kind=kinds[plan.customer_kind].lower(),
                )
            )

    def _replace_planned(self):
        """Give up what was planned before another plan was chosen."""
        self._get_plan_changes()._cancel_plan_change()
        self.env["subscription.migration"].sudo().search(
            [("subscription_id", "=", self.id), ("state", "in", OPEN_STATES)]
        ).write({"state": "cancelled", "error": self.env._("Another plan was chosen.")})

    def _prepare_plan_change(self, plan, on, order=None, **policy):
        """Values of the migration, with what the change is worth: it is tried and taken back."""
        with closing(self.env.cr.savepoint()):
            values = plan._move_and_compare({self: on}, **policy)[self]
            if order:
                order._apply_agreement(self.with_context(**{SILENT: True}), on)
            per_period, monthly = self._get_recurring_on(on)
            total = self._get_consumer_monthly(on)
        return (
            values
            | policy
            | {
                "kind": "plan",
                "state": "planned",
                "sale_order_id": order and order.id,
                "recurring_after": per_period,
                "monthly_after": monthly,
                "monthly_total_after": total,
            }
        )

    def _get_recurring_on(self, day):
        """What recurs on a day, by the lines that the timeline has now.

        :return: per period and per month, without taxes.
        :rtype: tuple[float, float]
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line._is_current(day))
        return sum(lines.mapped("recurring_amount")), sum(lines.mapped("recurring_monthly"))

    def _log_planned_change(self, migration):
        text = self.env._(
            "%(old)s to %(new)s on %(day)s, then %(amount)s %(frequency)s",
            old=self.plan_id.display_name,
            new=migration.plan_to_id.display_name,
            day=format_date(self.env, migration.date_switch),
            amount=format_amount(self.env, migration.recurring_after, self.currency_id),
            frequency=migration.plan_to_id.frequency,
        )
        self._log_event("plan_planned", description=text)
        self._message_log(body=text)

    def action_cancel_plan_change(self):
        """Stay on the plan: the planned change to another one is given up."""
        self.check_access("write")
        planned = self._get_plan_changes()
        if not planned:
            raise UserError(self.env._("No change of the plan is planned."))
        planned._cancel_plan_change()
        return True
