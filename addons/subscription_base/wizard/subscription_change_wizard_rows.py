"""What a change is about, before and after, for the preview."""

from odoo import models
from odoo.tools import format_date

from ..models.price_text import quantity_text
from ..models.subscription_event_changes import NOTHING


class SubscriptionChangeWizard(models.TransientModel):
    _inherit = "subscription.change.wizard"

    def _get_change_rows(self):
        """Each thing that changes: what it is, its value now, and its value afterwards.

        :rtype: list[tuple[str, str, str]]
        """
        self.ensure_one()
        line = self.line_id
        match self.change_type:
            case "quantity":
                return [self._get_line_row("quantity", line.quantity, self.quantity)]
            case "price":
                rows = [("price_unit", line.price_unit, self.price_unit)]
                rows += [("discount", line.discount, self.discount)]
                changed = [row for row in rows if row[1] != row[2]]
                return [self._get_line_row(*row) for row in changed]
            case "product":
                names = (line.product_id.display_name, self.product_id.display_name)
                return [(line.name, *names)]
            case "add":
                name = self.component_id.name or self.component_id.product_id.display_name
                return [(name, NOTHING, quantity_text(self.env, self.quantity))]
            case "remove":
                return [(line.name, quantity_text(self.env, line.quantity), NOTHING)]
            case "plan":
                names = (self.current_plan_id.display_name, self.plan_id.display_name)
                return [(self.env._("Plan"), *names)]
            case "pause" | "suspend":
                return [(self._get_type_label(), NOTHING, self._get_rest_text())]
        return []

    def _get_line_row(self, name, before, after):
        texts = [
            self.currency_id.format(value)
            if name == "price_unit"
            else quantity_text(self.env, value)
            for value in (before, after)
        ]
        label = self.fields_get([name], ["string"])[name]["string"]
        return (f"{self.line_id.name}: {label}", *texts)

    def _get_type_label(self):
        return dict(self._fields["change_type"]._description_selection(self.env))[self.change_type]

    def _get_rest_text(self):
        if self.date_until:
            return self.env._("until %s", format_date(self.env, self.date_until))
        return self.env._("until it is ended")
