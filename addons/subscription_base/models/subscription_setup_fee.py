"""The set-up fee of a plan: how much, what it is called, and on which invoice it comes."""

from odoo import api, fields, models

SETUP_MODES = [
    ("first", "On the first scheduled invoice"),
    ("separate", "On an invoice of its own"),
    ("separate_conditional", "On its own unless the start is invoiced"),
]


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    setup_mode = fields.Selection(
        SETUP_MODES,
        "Set-up Fee Invoice",
        default="first",
        required=True,
        help="On the first scheduled invoice: after a trial, together with the first period. On an "
        "invoice of its own: at the start. On its own unless the start is invoiced: at the start, "
        "together with the first period where that is invoiced then, otherwise alone.",
    )
    setup_fee = fields.Monetary(
        "Set-up Fee",
        compute="_compute_setup_fee",
        inverse="_inverse_setup_fee",
        help="With or without taxes, as the prices of the plan are. 0 for none.",
    )
    setup_name = fields.Char(
        "Set-up Fee Text",
        compute="_compute_setup_fee",
        inverse="_inverse_setup_fee",
        help="Text of the invoice line.",
    )
    setup_product_id = fields.Many2one(
        "product.product",
        "Set-up Fee Product",
        compute="_compute_setup_fee",
        inverse="_inverse_setup_fee",
        domain="[('sale_ok', '=', True), ('type', '!=', 'combo')]",
        help="Decides the revenue account and the taxes.",
    )

    @api.depends(
        "component_ids.charge_type", "component_ids.is_optional", "component_ids.sequence",
        "component_ids.price_unit", "component_ids.name", "component_ids.product_id",
    )  # fmt: skip
    def _compute_setup_fee(self):
        for plan in self:
            component = plan._get_setup_component()
            plan.setup_fee = component.price_unit
            plan.setup_name = component.name
            plan.setup_product_id = component.product_id

    def _get_setup_component(self):
        """The component that charges the set-up fee; further ones are only in the components."""
        return self.component_ids.sorted().filtered(
            lambda component: component.charge_type == "setup" and not component.is_optional
        )[:1]

    def _inverse_setup_fee(self):
        """Keep the component that charges the fee in step with what has been entered."""
        for plan in self:
            component, values = plan._get_setup_component(), plan._prepare_setup_component()
            if component and not plan.setup_fee and not plan._is_setup_fee_taken():
                component.unlink()
            elif component:
                component.write(values)
            elif plan.setup_fee:
                taxes = plan.main_component_id._get_taxes()
                product = self.env["product.product"].browse(values["product_id"])
                if not product._get_sales_taxes(plan.company_id):
                    values["tax_ids"] = [fields.Command.set(taxes.ids)]
                plan.component_ids = [fields.Command.create(values | {"charge_type": "setup"})]

    def _prepare_setup_component(self):
        """Values of the component that charges the set-up fee."""
        self.ensure_one()
        default = self.env.ref("subscription_base.product_setup_fee")
        product = self.setup_product_id or default
        return {
            "product_id": product.id,
            "name": self.setup_name or product.name,
            "price_unit": self.setup_fee,
        }

    def _is_setup_fee_taken(self):
        lines = self.env["subscription.line"].sudo()
        return bool(
            lines.search_count([("component_id", "=", self._get_setup_component().id)], limit=1)
        )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    setup_mode = fields.Selection(
        SETUP_MODES,
        "Set-up Fee Invoice",
        compute="_compute_setup_mode",
        store=True,
        readonly=False,
        precompute=True,
        help="On which invoice the set-up fee comes; taken over from the plan.",
    )

    @api.depends("component_id", "charge_type", "subscription_id.plan_id")
    def _compute_setup_mode(self):
        for line in self:
            plan = line.component_id.plan_id or line.subscription_id.plan_id
            line.setup_mode = line.charge_type == "setup" and (line.setup_mode or plan.setup_mode)

    def _get_locked_fields(self):
        return super()._get_locked_fields() | {"setup_mode"}

    def _prepare_timeline_values(self):
        return super()._prepare_timeline_values() | {"with_first": self.setup_mode == "first"}

    def _get_invoice_document(self):
        """Which of the invoices of one bill states the line's charges."""
        self.ensure_one()
        return "setup" if self.setup_mode == "separate" else "main"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends("line_ids.setup_mode")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _get_invoice_key(self):
        """A set-up fee may ask for an invoice of its own."""
        return (*super()._get_invoice_key(), self.line_id._get_invoice_document())
