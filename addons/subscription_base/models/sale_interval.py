"""One product, several billing intervals: customers choose on the quotation (K3-13 to K3-16)."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..billing.savings import savings


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_choose_interval = fields.Boolean(
        "Customers Choose the Interval",
        help="On a quotation in the portal customers choose among the plans under which the "
        "product is sold, such as monthly or yearly. Can be decided for each quotation.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_choose_interval = fields.Boolean(
        related="company_id.subscription_choose_interval", readonly=False
    )


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    saving = fields.Float(
        "Saving (%)",
        compute="_compute_saving",
        digits=(5, 2),
        help="By how much the plan is cheaper a month than the dearest plan of the same product.",
    )
    interval_is_term = fields.Boolean(
        compute="_compute_interval_is_term",
        inverse="_inverse_interval_is_term",
        help="The billing interval that the customer chooses is the contract term, too.",
    )

    @api.depends("price", "schedule_type", "interval_count", "main_component_id", "state")
    def _compute_saving(self):
        for plan in self:
            plan.saving = 0.0
        for product, plans in self._origin.grouped("product_tmpl_id").items():
            if product:
                found = dict(plans._get_alternatives()._get_savings())
                for plan in self.filtered(lambda plan, found=found: plan._origin in found):
                    plan.saving = float(found[plan._origin])

    @api.depends("saving")
    def _compute_display_name(self):
        """With what it saves where plans of one product are to choose from."""
        result = super()._compute_display_name()
        if self.env.context.get("show_price"):
            for plan in self.filtered("saving"):
                saving = formatLang(self.env, plan.saving, digits=2)
                plan.display_name = self.env._(
                    "%(plan)s, saves %(saving)s %%", plan=plan.display_name, saving=saving
                )
        return result

    def _get_alternatives(self):
        """The active plans under which the same products are sold, the plans themselves too."""
        others = self.search(
            [
                ("product_tmpl_id", "in", self.product_tmpl_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "active"),
            ]
        )
        return self | others

    def _get_savings(self):
        """What each plan saves against the dearest of the plans in its currency and company.

        Plans of a product with the same interval are packages of several sizes: their prices say
        nothing about what an interval saves.

        :rtype: list[tuple]
        """
        result = []
        for plans in self.grouped(
            lambda plan: (plan.company_id, plan.currency_id, plan.main_component_id.product_id)
        ).values():
            offers = [(Decimal(str(plan.price)), plan._get_schedule()) for plan in plans]
            schedules = [schedule for _price, schedule in offers]
            if any(schedules.count(schedule) > 1 for schedule in schedules):
                result += [(plan, Decimal(0)) for plan in plans]
            else:
                result += zip(plans, savings(offers), strict=True)
        return result

    @api.depends("initial_term_length", "initial_term_unit")
    def _compute_interval_is_term(self):
        for plan in self:
            term = (plan.initial_term_length, plan.initial_term_unit)
            plan.interval_is_term = term == (1, "period")

    def _inverse_interval_is_term(self):
        for plan in self:
            if plan.interval_is_term:
                plan.write({"initial_term_length": 1, "initial_term_unit": "period"})
            elif (plan.initial_term_length, plan.initial_term_unit) == (1, "period"):
                plan.write({"initial_term_length": 0, "renewal_term_length": 0})


class SaleOrder(models.Model):
    _inherit = "sale.order"

    can_choose_interval = fields.Boolean(
        "Customer Chooses the Interval",
        compute="_compute_can_choose_interval",
        store=True,
        readonly=False,
        precompute=True,
        help="In the portal the customer chooses among the plans of the product until the "
        "quotation is signed.",
    )

    @api.depends("company_id")
    def _compute_can_choose_interval(self):
        for order in self:
            order.can_choose_interval = order.company_id.subscription_choose_interval

    def _get_interval_choices(self):
        """The plan lines for which the customer may choose among several plans.

        :return: ``(line, [(plan, saving in percent), …])``, the cheapest interval last.
        :rtype: list[tuple]
        """
        self.ensure_one()
        is_open = self.state in ("draft", "sent") and not self.signature and not self.is_expired
        if not is_open or not self.can_choose_interval or self.origin_subscription_id:
            return []
        choices = []
        for line in self._get_plan_lines():
            plans = line.available_plan_ids | line.subscription_plan_id
            same = plans.filtered(lambda plan: plan.currency_id == self.currency_id)
            if len(same) > 1:
                offers = sorted(same._get_savings(), key=lambda offer: offer[1])
                choices.append((line, offers))
        return choices

    def _choose_interval(self, line, plan):
        """Let the customer's choice of a plan apply to a line of the quotation.

        :raise UserError: when the customer may not choose, or the plan is not on offer.
        """
        offered = {
            choice: [plan for plan, _saving in plans]
            for choice, plans in self._get_interval_choices()
        }
        if plan not in offered.get(line, []):
            raise UserError(self.env._("This choice is not on offer."))
        if plan != line.subscription_plan_id:
            line.subscription_plan_id = plan
            self._message_log(body=self.env._("The customer has chosen %s.", plan.display_name))
