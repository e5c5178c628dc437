"""How charges become invoices: agreed in the plan, copied to each of its subscriptions."""

from odoo import api, fields, models

OPTIONS = (
    "invoice_lead_days",
    "invoice_grouping",
    "invoice_collection",
    "separate_credits",
    "explain_amounts",
    "invoice_journal_id",
)
MAX_LEAD_DAYS = 366


class SubscriptionInvoicingMixin(models.AbstractModel):
    _name = "subscription.invoicing.mixin"
    _description = "Invoicing Options"

    currency_id = fields.Many2one("res.currency")
    invoice_lead_days = fields.Integer(
        "Invoice Ahead",
        help="How many days before a period begins its invoice is made. What is billed in arrears "
        "is invoiced when it is known.",
    )
    invoice_grouping = fields.Selection(
        [
            ("subscription", "One for each subscription"),
            ("customer", "One for each customer"),
        ],
        "Group Invoices",
        default="subscription",
        required=True,
        help="One for each customer: what falls due on the same day comes on one invoice, as far "
        "as addresses, currency, payment terms, fiscal position, journal and saved payment method "
        "agree.",
    )
    invoice_collection = fields.Selection(
        [
            ("none", "When charges fall due"),
            ("month", "At the end of the month"),
            ("quarter", "At the end of the quarter"),
        ],
        "Make Invoices",
        default="none",
        required=True,
        help="Charges that fall due before are shown as not invoiced until then, or until the "
        "subscription ends.",
    )
    separate_credits = fields.Boolean(
        "Separate Credit Notes",
        help="Credits come on a credit note of their own. Without it, they are deducted from what "
        "is charged on the same day.",
    )
    minimum_invoice_amount = fields.Monetary(
        "Invoice from",
        help="Smaller amounts wait for the next invoice, but not beyond the end of the "
        "subscription. Amount without taxes; 0 to invoice any amount.",
    )
    explain_amounts = fields.Boolean(help="Invoice lines state how their amounts come about.")
    invoice_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Leave empty for the company's first sales journal.",
    )

    _lead_days_range = models.Constraint(
        f"CHECK (invoice_lead_days IS NULL OR invoice_lead_days BETWEEN 0 AND {MAX_LEAD_DAYS})",
        f"Invoices can be made 0 to {MAX_LEAD_DAYS} days ahead.",
    )
    _minimum_not_negative = models.Constraint(
        "CHECK (minimum_invoice_amount IS NULL OR minimum_invoice_amount >= 0)",
        "The amount from which to invoice cannot be negative.",
    )


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _inherit = ["subscription.plan", "subscription.invoicing.mixin"]


class SubscriptionSubscription(models.Model):
    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "subscription.invoicing.mixin"]

    invoice_lead_days = fields.Integer(
        compute="_compute_invoicing_options", store=True, readonly=False, precompute=True
    )
    invoice_grouping = fields.Selection(
        compute="_compute_invoicing_options",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    invoice_collection = fields.Selection(
        compute="_compute_invoicing_options",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    separate_credits = fields.Boolean(
        compute="_compute_invoicing_options", store=True, readonly=False, precompute=True
    )
    minimum_invoice_amount = fields.Monetary(
        compute="_compute_invoicing_options", store=True, readonly=False, precompute=True
    )
    explain_amounts = fields.Boolean(
        compute="_compute_invoicing_options", store=True, readonly=False, precompute=True
    )
    invoice_journal_id = fields.Many2one(
        compute="_compute_invoicing_options", store=True, readonly=False, precompute=True
    )

    @api.depends("plan_id")
    def _compute_invoicing_options(self):
        for subscription in self.filtered("plan_id"):
            plan = subscription.plan_id
            for name in OPTIONS:
                subscription[name] = plan[name]
            subscription.minimum_invoice_amount = subscription._get_usual_minimum()

    def _get_usual_minimum(self):
        """From which amount the plan makes invoices, in the currency of the subscription."""
        plan = self.plan_id
        return plan.currency_id._convert(
            plan.minimum_invoice_amount,
            self.currency_id or plan.currency_id,
            self.company_id or plan.company_id,
            self.date_start or fields.Date.context_today(self),
        )

    def _prepare_plan_terms(self, plan):
        """What was agreed about invoices otherwise than in the plan stays in a move."""
        usual = {name: self.plan_id[name] for name in OPTIONS}
        usual["minimum_invoice_amount"] = self._get_usual_minimum()
        individual = [name for name, value in usual.items() if self[name] != value]
        return super()._prepare_plan_terms(plan) | {
            name: self._fields[name].convert_to_write(self[name], self) for name in individual
        }

    @api.depends("invoice_lead_days")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()
