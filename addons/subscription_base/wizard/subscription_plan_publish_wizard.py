from odoo import api, fields, models

SHOWN = 200
ASKED = "requested"


class SubscriptionPlanPublishWizard(models.TransientModel):
    """What publishing a version would do, before anything is done (requirement RE-126)."""

    _name = "subscription.plan.publish.wizard"
    _description = "Publish Plan Version"

    plan_id = fields.Many2one("subscription.plan", required=True, readonly=True)
    previous_version_id = fields.Many2one(related="plan_id.previous_version_id")
    version_audience = fields.Selection(related="plan_id.version_audience")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    line_ids = fields.One2many("subscription.plan.publish.wizard.line", "wizard_id", readonly=True)
    affected_count = fields.Integer("Subscriptions Affected", readonly=True)
    consent_count = fields.Integer("Consent Needed", readonly=True)
    failed_count = fields.Integer("Cannot Change Over", readonly=True)
    staying_count = fields.Integer("Staying on the Old Version", readonly=True)
    hidden_count = fields.Integer("Not Listed", compute="_compute_hidden_count")
    monthly_before = fields.Monetary("Recurring per Month before", readonly=True)
    monthly_after = fields.Monetary("Recurring per Month after", readonly=True)

    @api.depends("affected_count", "line_ids")
    def _compute_hidden_count(self):
        for wizard in self:
            wizard.hidden_count = wizard.affected_count - len(wizard.line_ids)

    def _fill(self, vals_list):
        """Show what has been tried: the totals of all, and the first lines.

        Those that need a look come first: what fails, then who has to agree.
        """
        self.ensure_one()
        states = [vals["state"] for vals in vals_list]
        first = {"failed": 0, ASKED: 1}
        shown = sorted(vals_list, key=lambda vals: first.get(vals["state"], len(first)))[:SHOWN]
        names = self.env["subscription.plan.publish.wizard.line"]._fields
        totals = self._get_totals(vals_list)
        running = self.plan_id._get_version_subscriptions()
        self.write(
            {
                "affected_count": len(vals_list),
                "consent_count": states.count(ASKED),
                "failed_count": states.count("failed"),
                "staying_count": len(running) - len(vals_list),
                **totals,
            }
        )
        self.env["subscription.plan.publish.wizard.line"].create(
            [
                {"wizard_id": self.id}
                | {name: value for name, value in vals.items() if name in names}
                for vals in shown
            ]
        )

    def _get_totals(self, vals_list):
        """Recurring revenue before and after, in the currency of the plan."""
        plan, today = self.plan_id, fields.Date.context_today(self)
        totals = dict.fromkeys(("monthly_before", "monthly_after"), 0.0)
        ids = [vals["subscription_id"] for vals in vals_list]
        subscriptions = self.env["subscription.subscription"].browse(ids)
        for subscription, vals in zip(subscriptions, vals_list, strict=True):
            for name in totals:
                totals[name] += subscription.currency_id._convert(
                    vals.get(name, 0.0), plan.currency_id, plan.company_id, today, round=False
                )
        return totals

    def action_publish(self):
        self.ensure_one()
        self.plan_id._publish()
        return self.plan_id._get_form_action()


class SubscriptionPlanPublishWizardLine(models.TransientModel):
    _name = "subscription.plan.publish.wizard.line"
    _description = "Effect of a Plan Version on a Subscription"

    wizard_id = fields.Many2one(
        "subscription.plan.publish.wizard", required=True, index=True, ondelete="cascade"
    )
    subscription_id = fields.Many2one("subscription.subscription", readonly=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    date_switch = fields.Date("Changes on", readonly=True)
    state = fields.Selection(
        [
            ("planned", "Changes over"),
            (ASKED, "Only with consent"),
            ("failed", "Cannot change over"),
        ],
        readonly=True,
    )
    is_dearer = fields.Boolean("Dearer", readonly=True)
    disadvantages = fields.Text(readonly=True)
    lost_entitlements = fields.Text("Entitlements Lost", readonly=True)
    individual_lines = fields.Text("Kept Individually", readonly=True)
    monthly_before = fields.Monetary("Per Month before", readonly=True)
    monthly_after = fields.Monetary("Per Month after", readonly=True)
    invoice_date_before = fields.Date("Next Invoice before", readonly=True)
    invoice_amount_before = fields.Monetary("Its Amount before", readonly=True)
    invoice_date_after = fields.Date("Next Invoice after", readonly=True)
    invoice_amount_after = fields.Monetary("Its Amount after", readonly=True)
    error = fields.Text("What Went Wrong", readonly=True)
