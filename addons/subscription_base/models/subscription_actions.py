"""Counts and actions behind the buttons of the subscription form."""

from odoo import api, fields, models
from odoo.tools import format_date

SHOWN_INVOICES = 40


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    charge_count = fields.Integer(compute="_compute_charge_count")
    is_metered = fields.Boolean(compute="_compute_is_metered")

    @api.depends("charge_ids")
    def _compute_charge_count(self):
        counts = dict(
            self.env["subscription.charge"]._read_group(
                [("subscription_id", "in", self.ids)], ["subscription_id"], ["__count"]
            )
        )
        for subscription in self:
            subscription.charge_count = counts.get(subscription._origin, 0)

    @api.depends("line_ids.charge_type")
    def _compute_is_metered(self):
        for subscription in self:
            subscription.is_metered = "usage" in subscription.line_ids.mapped("charge_type")

    @api.model
    def _expand_states(self, states, domain):
        """The columns of the kanban: the usual states and those that occur, in their order."""
        shown = {"draft", "active", "closed", *states}
        return [state for state in dict(self._fields["state"].selection) if state in shown]

    def action_open_close_wizard(self):
        """Ask for the last day and the reason, then close the subscriptions."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_close_wizard_action"
            ),
            "context": {"default_subscription_ids": self.ids},
        }

    def action_view_usage(self):
        self.ensure_one()
        meters = self.line_ids.meter_id
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_usage_action"
            ),
            "domain": [("subscription_id", "=", self.id)],
            "context": {
                "default_subscription_id": self.id,
                "default_meter_id": meters.id if len(meters) == 1 else False,
            },
        }


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"
    _rec_names_search = ["name", "subscription_id", "partner_id"]

    is_charged = fields.Boolean(compute="_compute_is_charged")

    @api.depends("charge_ids")
    def _compute_is_charged(self):
        charged = self.env["subscription.charge"]._read_group(
            [("line_id", "in", self.ids)], ["line_id"]
        )
        charged = {line.id for (line,) in charged}
        for line in self:
            line.is_charged = line._origin.id in charged

    @api.depends("name", "subscription_id.name", "partner_id.name")
    @api.depends_context("show_subscription")
    def _compute_display_name(self):
        with_subscription = self.env.context.get("show_subscription")
        for line in self:
            line.display_name = (
                f"{line.subscription_id.name}, {line.partner_id.name}: {line.name}"
                if with_subscription
                else line.name
            )

    @api.onchange("component_id")
    def _onchange_component_id(self):
        """Take product, text, quantity and price over from the plan."""
        if self.component_id:
            values = self.component_id._prepare_subscription_line_values()
            subscription = self.subscription_id
            values["price_unit"] = self.component_id._get_price(
                subscription.currency_id, subscription.date_start
            )
            self.update(values)

    @api.onchange("product_id")
    def _onchange_product_id(self):
        """A product of the plan comes at the plan's terms, another one at its sales price."""
        product = self.product_id
        if not product or self.component_id.product_id == product:
            return
        components = self.subscription_id.plan_id.component_ids
        self.component_id = components.filtered(lambda c: c.product_id == product)[:1]
        if self.component_id:
            self._onchange_component_id()
        else:
            self.name = product.name
            self.price_unit = product.currency_id._convert(
                product.lst_price,
                self.subscription_id.currency_id or product.currency_id,
                self.subscription_id.company_id or self.env.company,
                self.subscription_id.date_start or fields.Date.context_today(self),
                round=False,
            )


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    latest_invoice_ids = fields.Many2many(
        "account.move",
        string="Latest Invoices",
        compute="_compute_latest_invoice_ids",
        compute_sudo=True,
        help="The last invoices of the run; the button above shows all of them.",
    )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = (
                self.env._("Billing as of %s", format_date(self.env, run.date))
                if run.date
                else self.env._("Billing Run")
            )

    @api.depends("charge_ids")
    @api.depends_context("uid")
    def _compute_latest_invoice_ids(self):
        """Invoices that the user may open: salespeople may be limited to their own."""
        moves = self.env["account.move"].sudo(False)
        for run in self:
            run.latest_invoice_ids = moves.has_access("read") and moves.search(
                [("invoice_line_ids.subscription_charge_id.run_id", "in", run.ids)],
                order="id desc",
                limit=SHOWN_INVOICES,
            )

    def action_refresh(self):
        """Nothing to do: the form is read again after every button."""
        return True
