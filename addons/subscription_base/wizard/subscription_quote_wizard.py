from odoo import api, fields, models

from ..models.sale_origin import KINDS


class SubscriptionQuoteWizard(models.TransientModel):
    """Make a quotation for a running subscription."""

    _name = "subscription.quote.wizard"
    _description = "Quotation for a Running Subscription"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id")
    kind = fields.Selection(
        [kind for kind in KINDS if kind[0] != "new"],
        "Offer",
        default="upsell",
        required=True,
        help="Upsell: more units and add-ons. Change: another plan, price or terms. Renewal: a "
        "further contract term.",
    )
    plan_id = fields.Many2one(
        "subscription.plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        domain="[('state', '=', 'active'), ('company_id', '=', company_id)]",
    )
    date = fields.Date(
        "First Day",
        compute="_compute_date",
        store=True,
        readonly=False,
        help="First day of what is offered; empty for the day on which it is accepted.",
    )

    @api.depends("subscription_id", "kind")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = wizard.subscription_id.plan_id

    @api.depends("subscription_id", "kind")
    def _compute_date(self):
        for wizard in self:
            wizard.date = wizard.subscription_id._get_quote_start(wizard.kind)

    def action_create(self):
        """Make the quotation and open it."""
        self.ensure_one()
        subscription = self.subscription_id
        return subscription._open_quote(
            subscription._create_quote(self.kind, self.plan_id, self.date)
        )
