"""Self-service: quantities and add-ons.

More counts at once, less from the next billing period on: nobody loses what is paid for.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, format_date

from .price_text import quantity_text
from .subscription_self_service import SelfPreview

OPTION_TYPES = ("recurring", "one_time")
DIGITS = 9


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    is_self_service = fields.Boolean(
        "Self-Service Add-on", help="Customers may add and remove this add-on in the portal."
    )
    is_self_quantity = fields.Boolean(
        "Customers Set the Quantity", help="Customers may change the quantity in the portal."
    )
    self_min_quantity = fields.Float(
        "At Least", digits="Product Unit", default=1.0, aggregator=None
    )
    self_max_quantity = fields.Float(
        "At Most",
        digits="Product Unit",
        aggregator=None,
        help="Leave at 0 for no limit.",
    )

    @api.constrains("self_min_quantity", "self_max_quantity")
    def _check_self_quantity(self):
        for component in self:
            low, high = component.self_min_quantity, component.self_max_quantity
            if low < 0 or (high and high < low):
                raise ValidationError(
                    self.env._(
                        "The quantities that customers may set for %s are not possible.",
                        component.name,
                    )
                )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _is_self_current(self):
        """Whether the line runs today and nothing is planned for it."""
        self.ensure_one()
        subscription = self.subscription_id
        is_planned = self.date_end and self.date_end != subscription.date_end
        return self._is_current(subscription._get_today()) and not is_planned

    def _get_next_period_start(self):
        """The first day of the line's next billing period."""
        self.ensure_one()
        return self._get_full_period(max(self.subscription_id._get_today(), self.date_start)).end


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _prepare_self_preview(self, day, facts, change, label="", shown=None, **values):
        """What a change of the lines costs: it is made, looked at and taken back.

        :param change: called with the subscription.
        :param str label: what the day is called that is stated; the first day when left out.
        :param date shown: the day that is stated; ``day`` when left out.
        """
        before = self._get_period_prices(day)
        after, invoices = self._try_out(
            change,
            look=lambda trial: (trial._get_period_prices(day), trial._get_invoice_outlook()),
        )
        dearer = sum(price.monthly for price in after) > sum(price.monthly for price in before)
        return SelfPreview(
            day=day,
            facts=[*facts, (label or self.env._("First day"), format_date(self.env, shown or day))],
            before=before,
            after=after,
            invoices_before=self._get_invoice_outlook(),
            invoices=invoices,
            **{"is_order": dearer, **values},
        )

    def _get_self_change_day(self):
        """The first day of what is added now."""
        return max(self._get_today(), self.date_start)

    # Quantity

    def _get_self_quantity_lines(self):
        return self.line_ids.filtered(
            lambda line: (
                line.component_id.is_self_quantity
                and line.charge_type == "recurring"
                and line._is_self_current()
            )
        )

    def _self_quantity_obstacle(self):
        if not self._get_self_quantity_lines():
            return self.env._("There is no quantity that you could change.")
        return ""

    def _self_quantity_choose(self, values):
        line = self._get_self_record(self._get_self_quantity_lines(), values.get("line"))
        if not line or not values.get("quantity"):
            return None
        try:
            quantity = float(str(values["quantity"]).strip().replace(",", "."))
        except ValueError as error:
            raise UserError(self.env._("Please enter a number.")) from error
        self._check_self_quantity(line, quantity)
        return {"line": line.id, "quantity": quantity}

    def _check_self_quantity(self, line, quantity):
        """Refuse a quantity that the plan does not offer; also what is no number at all."""
        component, uom = line.component_id, line.product_id.uom_id
        low, high = component.self_min_quantity, component.self_max_quantity
        if not low <= quantity <= (high or 1e9):
            limits = {"low": quantity_text(self.env, low), "high": quantity_text(self.env, high)}
            raise UserError(
                self.env._("Please choose a quantity from %(low)s to %(high)s.", **limits)
                if high
                else self.env._("Please choose a quantity of at least %(low)s.", **limits)
            )
        if float_compare(uom.round(quantity), quantity, precision_digits=DIGITS):
            raise UserError(self.env._("Please enter fewer decimals."))
        if not float_compare(quantity, line.quantity, precision_digits=DIGITS):
            raise UserError(self.env._("This is the quantity that you have already."))

    def _get_self_quantity_change(self, choice):
        line = self.line_ids.browse(choice["line"])
        more = choice["quantity"] > line.quantity
        return line, self._get_self_change_day() if more else line._get_next_period_start()

    def _self_quantity_preview(self, choice):
        line, day = self._get_self_quantity_change(choice)
        texts = [quantity_text(self.env, q) for q in (line.quantity, choice["quantity"])]
        return self._prepare_self_preview(
            day,
            [(line._get_invoice_name(), " \N{RIGHTWARDS ARROW} ".join(texts))],
            lambda trial: trial._change_self_quantity(choice),
        )

    def _self_quantity_apply(self, choice):
        self._change_self_quantity(choice)

    def _change_self_quantity(self, choice):
        line, day = self._get_self_quantity_change(choice)
        policy = self._get_self_policy()
        line._change(day, quantity=choice["quantity"], **policy)

    def _get_self_policy(self):
        """What a change within a period credits and charges, as the plan says."""
        return {"credit": self.plan_id.change_credit, "charge": self.plan_id.change_charge}

    # Add-ons

    def _get_self_options(self):
        """The add-ons that the customer does not have yet and may add."""
        today = self._get_today()
        taken = self.line_ids.filtered(
            lambda line: not line.date_end or line.date_end >= today
        ).component_id
        offered = self.plan_id.component_ids.filtered(
            lambda c: c.is_optional and c.is_self_service and c.charge_type in OPTION_TYPES
        )
        return offered - taken.filtered(lambda c: c.charge_type == "recurring")

    def _get_self_option_offers(self):
        """What :meth:`_get_self_options` names, with the price for this subscription.

        :return: pairs of add-on and price, and how the prices state taxes.
        :rtype: tuple[list, str]
        """
        options, day = self._get_self_options(), self._get_self_change_day()

        def add(trial):
            for option in options:
                trial._add_option(option, day)

        def look(trial):
            lines = trial.line_ids.filtered(
                lambda line: line.component_id in options and line.date_start >= day
            )
            return {line.component_id.id: line._get_portal_price() for line in lines}, (
                lines._get_portal_taxes()
            )

        prices, taxes = self._try_out(add, look=look)
        return [(option, prices[option.id]) for option in options], taxes

    def _self_add_obstacle(self):
        if self.state not in ("active", "trial", "pending"):
            return self.env._("Nothing can be added while the subscription rests.")
        if not self._get_self_options():
            return self.env._("There is nothing to add.")
        return ""

    def _self_add_choose(self, values):
        option = self._get_self_record(self._get_self_options(), values.get("option"))
        return {"option": option.id} if option else None

    def _self_add_preview(self, choice):
        option = self.env["subscription.plan.component"].browse(choice["option"])
        day = self._get_self_change_day()
        quantity = quantity_text(self.env, option.default_quantity)
        return self._prepare_self_preview(
            day,
            [(self.env._("Add-on"), f"{quantity} × {option.name}")],
            lambda trial: trial._self_add_apply(choice),
            is_order=True,
        )

    def _self_add_apply(self, choice):
        option = self.env["subscription.plan.component"].browse(choice["option"])
        self._add_option(option, self._get_self_change_day(), self._get_self_policy()["charge"])

    def _get_self_removable_lines(self):
        return self.line_ids.filtered(
            lambda line: (
                line.component_id.is_optional
                and line.component_id.is_self_service
                and line.charge_type == "recurring"
                and line._is_self_current()
            )
        )

    def _self_remove_obstacle(self):
        if not self._get_self_removable_lines():
            return self.env._("There is nothing to remove.")
        return ""

    def _self_remove_choose(self, values):
        line = self._get_self_record(self._get_self_removable_lines(), values.get("line"))
        return {"line": line.id} if line else None

    def _self_remove_preview(self, choice):
        line = self.line_ids.browse(choice["line"])
        day = line._get_next_period_start()
        return self._prepare_self_preview(
            day,
            [(self.env._("Removed"), line._get_invoice_name())],
            lambda trial: trial._self_remove_apply(choice),
            label=self.env._("Last day"),
            shown=fields.Date.subtract(day, days=1),
        )

    def _self_remove_apply(self, choice):
        line = self.line_ids.browse(choice["line"])
        line._end(line._get_next_period_start())
