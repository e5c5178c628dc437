from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .locking import changed_fields
from .price_text import quantity_text


class SaleOrderLine(models.Model):
    """A quotation line that sells a plan, or that comes with one.

    The line that sells a plan has :attr:`subscription_plan_id`; the lines of the plan's other
    components have :attr:`subscription_component_id` and are linked to it. Neither is ever
    invoiced by the order: confirming turns them into a subscription, and that is billed.
    """

    _inherit = "sale.order.line"

    available_plan_ids = fields.Many2many(
        "subscription.plan", compute="_compute_available_plan_ids"
    )
    subscription_plan_id = fields.Many2one(
        "subscription.plan",
        "Plan",
        compute="_compute_subscription_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('id', 'in', available_plan_ids)]",
        help="The plan under which the product is sold. Leave empty to sell it once.",
    )
    subscription_component_id = fields.Many2one(
        "subscription.plan.component",
        "Plan Component",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="What the line charges for, when it comes with the plan of another line.",
    )
    subscription_line_ids = fields.One2many("subscription.line", "sale_line_id")
    is_usage = fields.Boolean(
        compute="_compute_is_usage", help="The line states a price; what is used is billed later."
    )

    @api.depends("product_id", "company_id")
    def _compute_available_plan_ids(self):
        plans = self.env["subscription.plan"].search(
            Domain("state", "=", "active")
            & Domain("main_component_id.product_id", "in", self.product_id._origin.ids)
        )
        for line in self:
            line.available_plan_ids = plans.filtered(
                lambda plan, line=line: plan._is_sold_for(line.product_id, line.company_id)
            )

    @api.depends("product_id")
    def _compute_subscription_plan_id(self):
        for line in self:
            if line.subscription_component_id or line.is_downpayment:
                line.subscription_plan_id = False
            elif line.subscription_plan_id not in line.available_plan_ids._origin:
                line.subscription_plan_id = line.available_plan_ids._origin[:1]

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_name(self):
        return super()._compute_name()

    @api.depends("subscription_plan_id")
    def _compute_product_uom_qty(self):
        """The plan proposes a quantity as long as none has been entered."""
        result = super()._compute_product_uom_qty()
        for line in self:
            if line.subscription_plan_id and line.product_uom_qty == 1:
                line.product_uom_qty = line._get_default_plan_quantity()
        return result

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_pricelist_item_id(self):
        return super()._compute_pricelist_item_id()

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_price_unit(self):
        return super()._compute_price_unit()

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_discount(self):
        return super()._compute_discount()

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        self._get_subscription_lines().qty_to_invoice = 0
        return result

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_invoice_status(self):
        result = super()._compute_invoice_status()
        self._get_subscription_lines().invoice_status = "no"
        return result

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_untaxed_amount_to_invoice(self):
        result = super()._compute_untaxed_amount_to_invoice()
        self._get_subscription_lines().untaxed_amount_to_invoice = 0
        return result

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_amount_to_invoice(self):
        result = super()._compute_amount_to_invoice()
        self._get_subscription_lines().amount_to_invoice = 0
        return result

    @api.onchange("subscription_plan_id")
    def _onchange_subscription_plan_id(self):
        if self.product_id:
            self._reset_price_unit()

    @api.constrains("subscription_plan_id", "subscription_component_id", "product_id")
    def _check_plan_sells_product(self):
        for line in self._get_subscription_lines():
            component = line._get_plan_component()
            if component.product_id != line.product_id:
                raise ValidationError(
                    self.env._(
                        "%(product)s is not sold under the plan %(plan)s, which sells "
                        "%(sold)s there. Choose a plan of the product.",
                        product=line.product_id.display_name,
                        plan=component.plan_id.display_name,
                        sold=component.product_id.display_name,
                    )
                )

    def _get_agreed_fields(self):
        """Fields that the subscription has taken over from the line when it was confirmed."""
        return {
            "product_id", "subscription_plan_id", "subscription_component_id", "product_uom_qty",
            "product_uom_id", "price_unit", "discount",
        }  # fmt: skip

    def write(self, vals):
        if self._get_agreed_fields() & vals.keys():
            self._check_not_running(vals)
        return super().write(vals)

    def _check_not_running(self, vals):
        """Refuse to change what the running subscription has taken over.

        :raise UserError: names the subscription, where the change belongs.
        """
        for line in self.filtered(lambda line: line.state == "sale"):
            subscription = line.subscription_line_ids.subscription_id[:1]
            if subscription and changed_fields(line, vals, self._get_agreed_fields()):
                line._refuse_change(subscription)

    def _refuse_change(self, subscription):
        raise UserError(
            self.env._(
                "%(line)s is billed by the subscription %(subscription)s. "
                "Change it there: the order only states what was agreed at the start.",
                line=self.product_id.display_name,
                subscription=subscription.name,
            )
        )

    def _get_subscription_lines(self):
        """The lines that are billed by a subscription, not by the order."""
        return self.filtered(
            lambda line: line.subscription_plan_id or line.subscription_component_id
        )

    def _get_plan_component(self):
        """The component of a plan that the line sells; empty for an ordinary line."""
        self.ensure_one()
        return self.subscription_component_id or self.subscription_plan_id.main_component_id

    def _get_default_plan_quantity(self):
        return self._get_plan_component().default_quantity or 1.0

    def _get_pricelist_kwargs(self):
        component = self._get_plan_component()
        kwargs = super()._get_pricelist_kwargs()
        return kwargs | {"subscription_component": component} if component else kwargs

    def _is_line_optional(self):
        return super()._is_line_optional() or self.subscription_component_id.is_optional

    def _use_template_name(self):
        return super()._use_template_name() and not self.subscription_component_id

    def _get_sale_order_line_multiline_description_sale(self):
        component = self._get_plan_component()
        if not component:
            return super()._get_sale_order_line_multiline_description_sale()
        if self.subscription_component_id:
            product = self.product_id
            is_product = component.name == product.name
            name = product.display_name if is_product else component.name
            return f"{name}\n{self._get_component_text()}"
        plan = self.subscription_plan_id
        if plan.name == self.product_id.name:
            terms = self.env._("Billed %s", plan.frequency)
        else:
            terms = self.env._(
                "%(plan)s, billed %(frequency)s", plan=plan.name, frequency=plan.frequency
            )
        return f"{super()._get_sale_order_line_multiline_description_sale()}\n{terms}"

    def _get_component_text(self):
        """What the line of a component adds to its plan, for the customer."""
        component = self.subscription_component_id
        match component.charge_type:
            case "setup":
                text = self.env._("Set-up fee, charged once")
            case "one_time":
                text = self.env._("Charged once")
            case "usage":
                text = self._get_usage_text()
            case _:
                text = self.env._("Billed %s", component._get_schedule_texts()[0])
        return self.env._("Optional. %s", text) if component.is_optional else text

    @api.depends("subscription_component_id.charge_type")
    def _compute_is_usage(self):
        for line in self:
            line.is_usage = line.subscription_component_id.charge_type == "usage"

    def _get_usage_text(self):
        component, unit = self._get_plan_component(), self._get_usage_unit()
        if component.included_qty:
            included = quantity_text(self.env, component.included_qty)
            return self.env._(
                "Per %(unit)s used, %(included)s included each period; the price applies beyond "
                "that",
                unit=unit,
                included=included if self._counts_pieces() else f"{included} {unit}",
            )
        return self.env._("Per %s used", unit)

    def _get_usage_unit(self):
        component = self._get_plan_component()
        if self._counts_pieces():
            return self.env._("unit")
        return component.meter_id.unit or component.uom_id.name

    def _counts_pieces(self):
        """Whether usage is counted in units that have no name of their own."""
        component = self._get_plan_component()
        piece = self.env.ref("uom.product_uom_unit", raise_if_not_found=False)
        counted = component.meter_id.with_context(lang=None).unit
        is_unnamed = not counted or (piece and counted == piece.with_context(lang=None).name)
        return component.uom_id == piece and bool(is_unnamed)

    def _get_price_interval(self):
        """How often the unit price is charged, in a word or two; empty for an ordinary line."""
        component = self._get_plan_component()
        match component.charge_type:
            case False:
                return ""
            case "usage":
                return self.env._("per %s used", self._get_usage_unit())
            case "setup" | "one_time":
                return self.env._("once")
            case _:
                return component._get_schedule_texts()[0]
