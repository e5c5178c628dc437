"""The lines that come along with a plan: set-up fee, usage prices, further items, add-ons."""

from uuid import uuid4

from odoo import api, fields, models
from odoo.fields import Command


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    component_plan_id = fields.Many2one(
        "subscription.plan",
        ondelete="set null",
        help="Technical: the plan whose component lines have been added. A component line that "
        "was removed afterwards is not added again.",
    )
    component_qty = fields.Float(
        digits="Product Unit",
        help="Technical: the quantity that the component lines have been worked out for.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        given = [vals.keys() & {"name", "price_unit", "product_uom_qty"} for vals in vals_list]
        lines = super().create(vals_list)
        for line, vals, names in zip(lines, vals_list, given, strict=True):
            if line._get_plan_component():
                line._restore_given_values({name: vals[name] for name in names})
        lines._keep_components_in_step()
        return lines

    def _restore_given_values(self, vals):
        """Let the plan propose the quantity, and keep what linking the lines would recompute."""
        quantity = self._get_default_plan_quantity()
        if (
            self.subscription_plan_id
            and "product_uom_qty" not in vals
            and self.product_uom_qty != quantity
        ):
            vals["product_uom_qty"] = quantity
        if vals:
            self.write(vals)

    def write(self, vals):
        changed = self.filtered(
            lambda line: (
                "subscription_plan_id" in vals
                and line.subscription_plan_id.id != vals["subscription_plan_id"]
            )
        )
        result = super().write(vals)
        if "price_unit" not in vals:
            for line in changed.filtered("product_id"):
                line._reset_price_unit()
        if {"product_id", "subscription_plan_id", "product_uom_qty"} & vals.keys():
            self._keep_components_in_step()
        return result

    def _get_component_lines(self):
        """The lines that have come along with the line's plan, saved or not."""
        return self._get_linked_lines().filtered("subscription_component_id")

    def _needs_components(self):
        return self.subscription_plan_id != self.component_plan_id

    def _keep_components_in_step(self):
        """Bring the component lines in line with the plans and quantities of the lines."""
        for line in self:
            if line._needs_components():
                line._get_component_lines().unlink()
                values = line._bring_components()
                self.create([vals | {"order_id": line.order_id.id} for vals in values])
                line.order_id._sort_component_lines()
                line.order_id.invalidate_recordset(["order_line"])
            elif line.subscription_plan_id:
                line._scale_components()

    def _bring_components(self):
        """Note that the line has the component lines of its plan.

        :return: the values of those lines.
        :rtype: list[dict]
        """
        self.ensure_one()
        plan = self.subscription_plan_id
        self.update(
            {
                "component_plan_id": plan.id,
                "component_qty": self.product_uom_qty,
                "virtual_id": self.virtual_id or str(uuid4()),
            }
        )
        return [
            self._prepare_component_line_values(component)
            for component in plan.component_ids.sorted() - plan.main_component_id
        ]

    def _prepare_component_line_values(self, component):
        """Values of the line that sells ``component`` along with the plan of this line."""
        self.ensure_one()
        return {
            "product_id": component.product_id.id,
            "subscription_component_id": component.id,
            "product_uom_qty": self._get_component_quantity(component),
            "linked_line_id": self._origin.id,
            "linked_virtual_id": self.virtual_id,
            "sequence": self.sequence,
        }

    def _get_component_quantity(self, component):
        """How many of a component come along with the line's quantity.

        Usage is only known afterwards and an add-on is only offered: both start at none.
        """
        if not self.product_uom_qty or component.is_optional or component.charge_type == "usage":
            return 0.0
        if component._follows_main_quantity():
            share = self.product_uom_qty / self._get_default_plan_quantity()
            return component.default_quantity * share
        return component.default_quantity

    def _scale_components(self):
        """Let the component lines follow the line's new quantity; entered quantities scale too."""
        before, now = self.component_qty, self.product_uom_qty
        if before == now:
            return
        for line in self._get_component_lines():
            component = line.subscription_component_id
            if not before or not now:
                line.product_uom_qty = self._get_component_quantity(component)
            elif component._follows_main_quantity():
                line.product_uom_qty *= now / before
        self.component_qty = now


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.onchange("order_line")
    def _onchange_order_line(self):
        result = super()._onchange_order_line()
        self._onchange_component_lines()
        return result

    def _onchange_component_lines(self):
        """Bring along, replace or remove component lines while the quotation is being edited."""
        commands = [Command.delete(line.id) for line in self._get_orphaned_component_lines()]
        for line in self.order_line:
            if line._needs_components():
                commands += [Command.delete(old.id) for old in line._get_component_lines()]
                commands += [Command.create(vals) for vals in line._bring_components()]
            elif line.subscription_plan_id:
                line._scale_components()
        if commands:
            self.order_line = commands
            self._sort_component_lines()

    def _get_orphaned_component_lines(self):
        """Component lines whose plan line has been removed."""
        lines = self.order_line
        virtual_ids = set(lines.mapped("virtual_id"))
        return lines.filtered(
            lambda line: (
                line.subscription_component_id
                and (line.linked_line_id or line.linked_virtual_id)
                and line.linked_line_id._origin not in lines._origin
                and line.linked_virtual_id not in virtual_ids
            )
        )

    def _sort_component_lines(self):
        """Let component lines directly follow the line of their plan."""
        for order in self:
            lines = order.order_line.sorted("sequence")
            linked = {line: line._get_component_lines().sorted("sequence") for line in lines}
            following = {line for components in linked.values() for line in components}
            wanted = [
                line
                for leader in lines
                if leader not in following
                for line in (leader, *linked[leader])
            ]
            if wanted != list(lines):
                first = wanted[0].sequence
                for number, line in enumerate(wanted):
                    line.sequence = first + number
