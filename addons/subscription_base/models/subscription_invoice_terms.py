"""How a subscription is invoiced: taken over from its plan when it is agreed.

What the plan says later reaches new subscriptions only.
"""

from odoo import api, fields, models


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    show_zero_lines = fields.Boolean(
        "Show Lines at Zero",
        tracking=True,
        help="Whether an invoice shows lines whose amount is zero. When nothing else is to be "
        "invoiced, the line of the plan is shown in any case.",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    invoice_policy = fields.Selection(
        "_selection_invoice_policy",
        "Invoices",
        compute="_compute_invoice_terms",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="What billing does with the invoices that it creates.",
    )
    max_catch_up = fields.Integer(
        "Missed Periods at Once",
        compute="_compute_invoice_terms",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="How many missed periods one invoice catches up at most; the rest follows with the "
        "next billing run.",
    )
    show_zero_lines = fields.Boolean(
        "Show Lines at Zero",
        compute="_compute_invoice_terms",
        store=True,
        readonly=False,
        precompute=True,
    )

    _positive_catch_up = models.Constraint(
        "CHECK (max_catch_up > 0)", "At least one missed period must be caught up at once."
    )

    def _selection_invoice_policy(self):
        plan = self.env["subscription.plan"]
        return plan._fields["invoice_policy"]._description_selection(self.env)

    @api.depends("plan_id")
    def _compute_invoice_terms(self):
        """A running subscription keeps its terms when it moves to another plan."""
        for subscription in self:
            plan = subscription.plan_id
            if subscription.state == "draft" or not subscription.invoice_policy:
                subscription.invoice_policy = plan.invoice_policy or "post"
                subscription.max_catch_up = plan.max_catch_up or 1
                subscription.show_zero_lines = plan.show_zero_lines

    def _prepare_charges(self, entries, run):
        """Values of the charges that state ``entries``; see :meth:`_show_zero_charges`."""
        vals_list = super()._prepare_charges(entries, run)
        documents = {}
        for vals in vals_list:
            line = self.env["subscription.line"].browse(vals["line_id"])
            documents.setdefault(line._get_invoice_document(), []).append((line, vals))
        for items in documents.values():
            self._show_zero_charges(items)
        return vals_list

    def _show_zero_charges(self, items):
        """Decide which charges of zero come onto the invoice that ``items`` make.

        :param items: pairs of line and values of its charge, for one invoice.
        """
        zero = [
            (line, vals)
            for line, vals in items
            if not vals["amount"] and vals["sign"] > 0 and vals["revision"] == 1
        ]
        agreed = [(line, vals) for line, vals in zero if not vals["measured"]]
        is_invoiced = len(zero) < len(items)
        if self.show_zero_lines:
            shown = zero if is_invoiced or agreed else []
        else:
            shown = [] if is_invoiced else self._filter_plan_line(agreed)
        for _line, vals in shown:
            vals["shown_at_zero"] = True

    def _filter_plan_line(self, items):
        """The items of the line that stands for the plan: its main component, or the first."""
        main = self.plan_id.main_component_id
        lines = [line for line, _vals in items if line.charge_type == "recurring"]
        chosen = next(
            (line for line in lines if line.component_id == main), next(iter(lines), None)
        )
        return [(line, vals) for line, vals in items if line == chosen]


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    shown_at_zero = fields.Boolean(
        readonly=True, help="The amount is zero and comes onto an invoice nevertheless."
    )
