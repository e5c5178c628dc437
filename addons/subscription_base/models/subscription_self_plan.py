"""Self-service: another plan, or the same product at another interval (requirement K3-20)."""

from contextlib import suppress
from dataclasses import dataclass

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .price_text import percent_text
from .subscription_self_service import SelfPreview


@dataclass(frozen=True)
class PlanOffer:
    """A plan to choose, and what the subscription would cost under it.

    :param prices: per billing period, taxes included; none where they are not known.
    :param saving: by how much it is cheaper a month than now, such as "16.67 %"; empty for none.
    """

    plan: models.Model
    prices: tuple
    saving: str


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    self_plan_ids = fields.Many2many(
        "subscription.plan",
        "subscription_plan_self_plan_rel",
        "plan_id",
        "other_plan_id",
        "Customers May Change to",
        domain="[('state', '=', 'active'), ('company_id', '=', company_id), ('id', '!=', id)]",
        check_company=True,
        help="Plans that a customer may choose in the portal. The same product at another interval "
        "counts as a change of the interval. Of a plan with versions, the active one is offered.",
    )

    def _get_self_plans(self):
        """The plans on offer, each in the version that is sold."""
        self.ensure_one()
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("handle", "in", self.self_plan_ids.mapped("handle")),
                ("handle", "!=", self.handle),
                ("state", "=", "active"),
                ("currency_id", "=", self.currency_id.id),
                ("schedule_type", "!=", "manual"),
            ]
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_self_plans(self, action):
        """The plans to which the customer may change.

        :param str action: ``interval`` for the same product billed at another interval, ``plan``
            for the others.
        """
        self.ensure_one()
        plan = self.plan_id
        fitting = plan._get_self_plans().filtered(
            lambda other: other.customer_kind in ("any", self.customer_kind)
        )
        same_product = fitting.filtered(
            lambda other: (
                other.main_component_id.product_id == plan.main_component_id.product_id
                and other._get_schedule() != plan._get_schedule()
            )
        )
        return same_product if action == "interval" else fitting - same_product

    def _get_self_plan_offers(self, action):
        """What :meth:`_get_self_plans` names, with its price for this subscription.

        :rtype: list[PlanOffer]
        """
        day = self._get_plan_change_day()
        now = sum(price.monthly for price in self._get_period_prices(self._get_today()))
        offers = []
        for plan in self._get_self_plans(action):
            prices = ()
            with suppress(UserError):
                prices, _invoices, _terms = self._try_out_plan(plan, day)
            then = sum(price.monthly for price in prices)
            is_saving = action == "interval" and 0 < then < now
            saving = round((1 - then / now) * 100, 2) if is_saving else 0
            text = percent_text(self.env, saving) if saving else ""
            offers.append(PlanOffer(plan, prices, text))
        return offers

    def _try_out_plan(self, plan, day):
        """Prices, next invoices and terms under another plan from a day on."""
        return self._try_out(
            lambda trial: trial._move_to_plan(plan, day, **self._get_self_move_policy()),
            look=lambda trial: (
                trial._get_period_prices(day),
                trial._get_invoice_outlook(),
                trial.terms_text,
            ),
        )

    def _get_self_plan_obstacle(self, action):
        if self.date_end or self.termination_kind:
            return self.env._("The subscription ends soon, so its plan cannot be changed.")
        if self._get_planned_change():
            return self.env._("A change is planned already.")
        if self._get_open_consents():
            return self.env._("Please answer the change that we have proposed first.")
        if not self._get_self_plans(action):
            return self.env._("There is no other plan to choose.")
        return ""

    def _get_planned_change(self):
        """The open change to another plan that was chosen for this subscription."""
        return self._get_plan_changes()[:1]

    def _choose_self_plan(self, action, values):
        plan = self._get_self_record(self._get_self_plans(action), values.get("plan"))
        return {"plan": plan.id} if plan else None

    def _preview_self_plan(self, choice):
        plan = self.env["subscription.plan"].browse(choice["plan"])
        day = self._get_plan_change_day()
        after, invoices, terms = self._try_out_plan(plan, day)
        return SelfPreview(
            day=day,
            facts=[
                (self.env._("Plan now"), self.plan_id.name),
                (self.env._("New plan"), plan.name),
                (self.env._("Billed"), plan.schedule_text),
                (self.env._("First day"), format_date(self.env, day)),
            ],
            is_order=True,
            before=self._get_period_prices(self._get_today()),
            after=after,
            invoices_before=self._get_invoice_outlook(),
            invoices=invoices,
            terms=terms,
            hint=self.env._(
                "You can withdraw the change until %s.",
                format_date(self.env, fields.Date.subtract(day, days=1)),
            ),
        )

    def _get_self_move_policy(self):
        """How a customer changes over: no period is split, and the new plan's prices apply."""
        return {"whole_periods": True, "keep_individual": False}

    def _apply_self_plan(self, choice):
        plan = self.env["subscription.plan"].browse(choice["plan"])
        self._plan_change(plan, self._get_plan_change_day(), **self._get_self_move_policy())

    # Change the plan

    def _self_plan_obstacle(self):
        return self._get_self_plan_obstacle("plan")

    def _self_plan_choose(self, values):
        return self._choose_self_plan("plan", values)

    def _self_plan_preview(self, choice):
        return self._preview_self_plan(choice)

    def _self_plan_apply(self, choice):
        self._apply_self_plan(choice)

    # Change the interval

    def _self_interval_obstacle(self):
        return self._get_self_plan_obstacle("interval")

    def _self_interval_choose(self, values):
        return self._choose_self_plan("interval", values)

    def _self_interval_preview(self, choice):
        return self._preview_self_plan(choice)

    def _self_interval_apply(self, choice):
        self._apply_self_plan(choice)

    # Cancel a planned change

    def _self_cancel_change_obstacle(self):
        planned = self._get_planned_change()
        if not planned or planned.date_switch <= self._get_today():
            return self.env._("No change of the plan is planned.")
        return ""

    def _self_cancel_change_choose(self, _values):
        return {}

    def _self_cancel_change_preview(self, _choice):
        today, planned = self._get_today(), self._get_planned_change()
        facts = [
            (self.env._("Planned"), planned.plan_to_id.name),
            (self.env._("First day"), format_date(self.env, planned.date_switch)),
        ]
        for step in self._get_price_steps():
            if step.kind == "plan":
                facts.append((self.env._("Planned price, taxes included"), step.get_text(self)))
        facts.append((self.env._("You stay on"), self.plan_id.name))
        return SelfPreview(
            day=today,
            facts=facts,
            after=self._get_period_prices(today),
            invoices=self._get_invoice_outlook(),
        )

    def _self_cancel_change_apply(self, _choice):
        self.action_cancel_plan_change()
