"""Letting another plan, or another version of the plan, apply to a subscription from a day on."""

import secrets

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_date

from .subscription_recurring import SILENT

#: Nobody outside the process knows the key: the context of a call by RPC is the caller's.
IN_MOVE = f"subscription_plan_move_{secrets.token_hex(16)}"
#: What goes on from plan to plan; a set-up fee or a one-time charge is owed once.
MOVED_TYPES = ("recurring", "usage")
PRICE_DIGITS = 6


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_locked_fields(self):
        """The plan moves by :meth:`_move_to_plan` only, which cuts the timeline as well."""
        locked = super()._get_locked_fields()
        moves = self.env.su and self.env.context.get(IN_MOVE)
        return locked - {"plan_id", "payment_term_id"} if moves else locked

    def _move_to_plan(
        self, plan, on, keep_individual=True, whole_periods=False, credit=True, charge="prorated"
    ):
        """Let ``plan`` apply from a day on: the lines of the old plan end, their successors begin.

        The subscription is on the new plan at once, so call it on the day itself or later; what
        has been charged beyond ``on`` by then, the next billing settles. Quantities stay.
        Recurring and metered components that the old plan does not have come in, unless they are
        optional; those that the new plan does not have end. Individual items, set-up fees and
        one-time charges stay as they are.

        :param plan: the ``subscription.plan`` that applies then.
        :param date on: first day of the new plan.
        :param bool keep_individual: a line goes on at its price if that is not the old plan's.
            Where the new plan is billed by another schedule, such a line stays under the old one.
        :param bool whole_periods: each line changes at the end of its own period, on ``on`` or
            later, so that no period is split.
        :param bool credit: give back what was charged for the rest of the period.
        :param str charge: what the rest of the period costs under the new plan; see
            :meth:`_change` of the line.
        :return: the lines that begin.
        :raise UserError: when a subscription does not run on ``on``, or the plan is not its
            company's.
        """
        on = fields.Date.to_date(on)
        for subscription in self:
            subscription._check_move(plan, on)
        silent = self.with_context(**{SILENT: True})
        vals_list = []
        for subscription in silent:
            vals_list += subscription._cut_lines(plan, on, keep_individual, whole_periods, credit)
        new_lines = silent.env["subscription.line"].create(vals_list)
        if charge != "prorated":
            for line in new_lines:
                line.billed_from = line._get_billed_from(line.date_start, charge)
        for subscription in self:
            subscription._switch_plan(plan, on)
        return new_lines.with_env(self.env)

    def _check_move(self, plan, on):
        day = format_date(self.env, on)
        if self.state in ("draft", "closed"):
            raise UserError(self.env._("%s is not running, so its plan cannot change.", self.name))
        if on < self.date_start or (self.date_end and on > self.date_end):
            raise UserError(
                self.env._("%(line)s does not run on %(day)s.", line=self.name, day=day)
            )
        if plan.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "The plan %(plan)s belongs to another company than %(subscription)s.",
                    plan=plan.display_name,
                    subscription=self.name,
                )
            )

    def _cut_lines(self, plan, on, keep_individual, whole_periods, credit):
        """End the lines that the new plan takes over.

        :return: the values of the lines that follow them, and of what the plan adds.
        """
        lines = self.line_ids.filtered(
            lambda line: (
                line.charge_type in MOVED_TYPES
                and line.component_id
                and (not line.date_end or line.date_end >= max(on, line.date_start))
            )
        )
        matches = plan._match_components(self.plan_id.component_ids | lines.component_id)
        boundaries = self._get_boundaries(on) if whole_periods else {}
        main = self._get_main_line(on)
        vals_list = []
        for line in lines:
            component = matches.get(line.component_id)
            individual = keep_individual and line._has_individual_price()
            if component and individual and not line._is_billed_alike(component):
                continue
            start = max(boundaries.get(line, on), line.date_start)
            if line.date_end and line.date_end < start:
                continue
            if component:
                vals_list.append(line._prepare_moved_values(component, start, individual))
            line._end(start, credit)
        added = plan.component_ids.filtered(
            lambda component: (
                component.charge_type in MOVED_TYPES
                and not component.is_optional
                and component not in matches.values()
            )
        )
        return vals_list + [
            component._prepare_subscription_line_values()
            | {
                "subscription_id": self.id,
                "plan_id": plan.id,
                "price_unit": component._get_price(self.currency_id, on),
                "date_start": on,
                "change_type": "plan",
                "date_anchor": main.date_anchor if main._is_billed_alike(component) else on,
            }
            for component in added
        ]

    def _switch_plan(self, plan, on):
        """Name the new plan, and take its terms unless others were agreed."""
        old = self.plan_id
        self.sudo().with_context(**{IN_MOVE: True, SILENT: True}).write(
            self._prepare_plan_terms(plan)
        )
        text = f"{old.display_name} \N{RIGHTWARDS ARROW} {plan.display_name}"
        self._log_change("plan", on, text)

    def _prepare_plan_terms(self, plan):
        """Values of the subscription under another plan; what was agreed individually stays."""
        term, usual = self.payment_term_id, self._get_usual_payment_term(self.plan_id)
        if term == usual:
            term = self._get_usual_payment_term(plan)
        return {"plan_id": plan.id, "payment_term_id": term.id}

    def _get_usual_payment_term(self, plan):
        partner = self.partner_invoice_id.with_company(self.company_id)
        return plan.payment_term_id or partner.property_payment_term_id

    def _get_main_line(self, day):
        """The recurring line whose periods are those of the subscription."""
        lines = self.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and line._is_current(day)
        )
        main = lines.filtered(lambda line: line.component_id == self.plan_id.main_component_id)
        return (main or lines.filtered("component_id") or lines)[:1]

    def _get_boundaries(self, on):
        """The first day on or after ``on`` on which a period of each line begins.

        :rtype: dict
        """
        timeline = self._get_timeline(lambda _line, _period: 0)
        lines = {line._get_timeline_line().key: line for line in self.line_ids}
        return {lines[line.key]: timeline.grid(line).next_boundary(on) for line in timeline.lines}


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_pricing_fields(self):
        """Fields that make up the line's own price rule."""
        return {"price_unit", "discount", "pricing_model", "included_qty"}

    def _has_individual_price(self):
        """Whether the line was not agreed at the price of its plan version."""
        self.ensure_one()
        component = self.component_id
        if not component or self.discount:
            return True
        listed = component._get_price(self.currency_id, self.date_start)
        return bool(float_compare(self.price_unit, listed, precision_digits=PRICE_DIGITS))

    def _is_billed_alike(self, component):
        """Whether the line keeps its periods when it goes on as ``component``."""
        return bool(self) and self._get_schedule() == component._get_billing_schedule()

    def _prepare_moved_values(self, component, on, keep_price):
        """Values of the line that goes on as ``component`` of another plan."""
        self.ensure_one()
        values = component._prepare_subscription_line_values() | {
            "subscription_id": self.subscription_id.id,
            "plan_id": component.plan_id.id,
            "sequence": self.sequence,
            "quantity": self.quantity,
            "price_unit": component._get_price(self.currency_id, on),
            "analytic_distribution": self.analytic_distribution,
            "date_start": on,
            "date_end": self.date_end,
            "previous_line_id": self.id,
            "change_type": "plan",
            "date_anchor": self.date_anchor if self._is_billed_alike(component) else on,
        }
        if self.name != self.component_id.name:
            values["name"] = self.name
        if keep_price:
            own = self.copy_data()[0]
            values |= {name: own[name] for name in self._get_pricing_fields() & own.keys()}
            values["date_origin"] = self.date_origin or self.date_start
        return values


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    def _get_billing_schedule(self):
        """The schedule by which the lines of the component are billed."""
        has_own = self.schedule_type
        return self._get_schedule() if has_own else self.plan_id._get_schedule()


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def _match_components(self, components):
        """Find what takes the place of other plans' components in this plan.

        First by descent from version to version, then by product, and the main component takes the
        place of the main component.

        :rtype: dict
        """
        self.ensure_one()
        matches = {}
        for own in self.component_ids:
            ancestor = own.predecessor_id
            while ancestor:
                if ancestor in components:
                    matches[ancestor] = own
                ancestor = ancestor.predecessor_id
        for component in components:
            free = self.component_ids.filtered(lambda own: own not in matches.values())
            same = free.filtered(
                lambda own, wanted=component: (
                    own.product_id == wanted.product_id and own.charge_type == wanted.charge_type
                )
            )
            if component not in matches and same:
                matches[component] = same[0]
        for component in components.plan_id.main_component_id & components:
            if component not in matches and self.main_component_id not in matches.values():
                matches[component] = self.main_component_id
        return matches
