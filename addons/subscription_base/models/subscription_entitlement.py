"""What a customer may use, read from plans and subscriptions: nothing has to be kept in step."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: States in which a customer may use what the plan entitles to.
ENTITLED_STATES = ("trial", "active")


class SubscriptionEntitlement(models.Model):
    _name = "subscription.entitlement"
    _description = "Entitlement"
    _auto = False
    _order = "date_from desc, id desc"
    _rec_name = "feature_id"
    _depends = {
        "subscription.subscription": [
            "partner_id", "plan_id", "company_id", "state", "active", "date_start", "date_end",
            "date_trial_end",
        ],
        "subscription.line": ["subscription_id", "product_id", "date_start", "date_end"],
        "subscription.plan.entitlement": [
            "plan_id", "feature_id", "phase", "product_id", "is_limited", "limit_quantity",
            "duration", "duration_unit",
        ],
        "res.partner": ["commercial_partner_id"],
    }  # fmt: skip

    subscription_id = fields.Many2one("subscription.subscription", readonly=True)
    definition_id = fields.Many2one("subscription.plan.entitlement", readonly=True)
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Company of the Customer", readonly=True)
    feature_id = fields.Many2one("subscription.feature", readonly=True)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("Until", readonly=True, help="Last day; empty for no end.")
    is_limited = fields.Boolean("Limited", readonly=True)
    limit_quantity = fields.Float("Limit", digits="Product Unit", readonly=True, aggregator=None)
    state = fields.Selection(
        [("granted", "Granted"), ("withheld", "Withheld")],
        "Status",
        readonly=True,
        help="Withheld while the subscription does not run: it is suspended, paused or closed.",
    )

    @property
    def _table_query(self):
        return SQL(
            """SELECT entitlement.* FROM (
                SELECT (COALESCE(line.id, subscription.id)::bigint << 21)
                           + (definition.id << 1) + (line.id IS NOT NULL)::int AS id,
                       subscription.id AS subscription_id,
                       definition.id AS definition_id,
                       definition.plan_id,
                       subscription.company_id,
                       subscription.partner_id,
                       partner.commercial_partner_id,
                       definition.feature_id,
                       definition.is_limited,
                       definition.limit_quantity,
                       CASE WHEN subscription.active AND subscription.state IN %(entitled)s
                            THEN 'granted' ELSE 'withheld' END AS state,
                       span.date_from,
                       LEAST(
                           subscription.date_end,
                           line.date_end,
                           CASE definition.phase WHEN 'trial' THEN COALESCE(
                               subscription.date_trial_end, subscription.date_start - 1) END,
                           CASE WHEN definition.duration > 0 THEN (span.date_from + MAKE_INTERVAL(
                               months => CASE definition.duration_unit
                                         WHEN 'month' THEN definition.duration ELSE 0 END,
                               days => CASE definition.duration_unit
                                       WHEN 'day' THEN definition.duration ELSE 0 END))::date - 1
                           END) AS date_to
                  FROM subscription_subscription subscription
                  JOIN subscription_plan_entitlement definition
                    ON definition.plan_id = subscription.plan_id
                  JOIN res_partner partner ON partner.id = subscription.partner_id
             LEFT JOIN subscription_line line
                    ON line.subscription_id = subscription.id
                   AND line.product_id = definition.product_id
            CROSS JOIN LATERAL (SELECT GREATEST(
                           line.date_start,
                           CASE definition.phase WHEN 'paid'
                                THEN COALESCE(subscription.date_trial_end + 1,
                                              subscription.date_start)
                                ELSE subscription.date_start END) AS date_from) span
                 WHERE subscription.state NOT IN ('draft', 'pending')
                   AND (definition.product_id IS NULL OR line.id IS NOT NULL)) entitlement
             WHERE entitlement.date_to IS NULL
                OR entitlement.date_to >= entitlement.date_from""",
            entitled=ENTITLED_STATES,
        )

    def _get_action(self, domain):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_entitlement_action"
            ),
            "domain": list(domain),
        }


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    entitlement_count = fields.Integer(compute="_compute_entitlement_count")

    def _compute_entitlement_count(self):
        counts = dict(
            self.env["subscription.entitlement"]._read_group(
                [("subscription_id", "in", self.ids)], ["subscription_id"], ["__count"]
            )
        )
        for subscription in self:
            subscription.entitlement_count = counts.get(subscription._origin, 0)

    def action_view_entitlements(self):
        return self.env["subscription.entitlement"]._get_action(
            Domain("subscription_id", "in", self.ids)
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    entitlement_count = fields.Integer(
        compute="_compute_entitlement_count",
        groups="subscription_base.group_subscription_user",
    )

    def _compute_entitlement_count(self):
        today = fields.Date.context_today(self)
        for partner in self:
            partner.entitlement_count = self.env["subscription.entitlement"].search_count(
                partner._get_entitlement_domain(today)
            )

    def _get_entitlement_domain(self, on):
        """The entitlements of the customer, whichever of its contacts subscribed, on a day."""
        self.ensure_one()
        return (
            Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
            & Domain("state", "=", "granted")
            & Domain("date_from", "<=", on)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", on))
        )

    def _get_entitlements(self, handle=None, on=None):
        """The entitlements of the customer on a day.

        :param handle: that of one feature; all features when left out.
        :param date on: today when left out.
        :rtype: subscription.entitlement
        """
        on = fields.Date.to_date(on) or fields.Date.context_today(self)
        domain = self._get_entitlement_domain(on)
        if handle:
            domain &= Domain("feature_id.handle", "=", handle)
        return self.env["subscription.entitlement"].search(domain)

    def _has_entitlement(self, handle, on=None):
        """Whether the customer may use the feature with this handle on a day."""
        return bool(self._get_entitlements(handle, on))

    def _get_entitlement_limit(self, handle, on=None):
        """How much of a feature the customer may use: the limits of all subscriptions together.

        :return: 0.0 for nothing, infinity for no limit.
        :rtype: float
        """
        entitlements = self._get_entitlements(handle, on)
        if not all(entitlements.mapped("is_limited")):
            return float("inf")
        return sum(entitlements.mapped("limit_quantity"))

    def action_view_entitlements(self):
        domain = Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
        return self.env["subscription.entitlement"]._get_action(domain)
