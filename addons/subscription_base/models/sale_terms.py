"""What a quotation says about term, notice and trial of the plans that it sells."""

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_subscription_terms(self):
        """The terms of the plans in words, each once; with the plan's name if there are several.

        :rtype: list[str]
        """
        self.ensure_one()
        plans = self._get_plan_lines().subscription_plan_id
        texts = [(plan, plan.terms_text) for plan in plans if plan.terms_text]
        if len(plans) == 1:
            return [text for _plan, text in texts]
        return [f"{plan.name}: {text}" for plan, text in texts]
