"""The move of a subscription to a new version of its plan: planned, asked for, and done."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

OPEN_STATES = ("planned", "requested", "consented")
DUE_STATES = ("planned", "consented")
BATCH = 200


class SubscriptionMigration(models.Model):
    """One subscription on its way from a plan version to the next.

    It is the evidence of what was announced and agreed, so it is written by methods only.
    """

    _name = "subscription.migration"
    _description = "Move to Another Plan or Version"
    _inherit = ["portal.mixin", "mail.thread"]
    _check_company_auto = True
    _order = "date_switch, id"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    plan_from_id = fields.Many2one(
        "subscription.plan", "From", required=True, index=True, ondelete="restrict"
    )
    plan_to_id = fields.Many2one(
        "subscription.plan", "To", required=True, index=True, ondelete="restrict"
    )
    date_switch = fields.Date(
        "Changes on",
        required=True,
        help="First day under the new version: the day after a billing period.",
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("requested", "Consent requested"),
            ("consented", "Consented"),
            ("refused", "Refused"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        "Status",
        required=True,
        default="planned",
        index=True,
        tracking=True,
    )
    is_dearer = fields.Boolean("Dearer")
    disadvantages = fields.Text(help="What gets worse for the customer, in the company's words.")
    lost_entitlements = fields.Text("Entitlements Lost")
    individual_lines = fields.Text(
        "Kept Individually", help="Lines that go on at the price that was agreed individually."
    )
    monthly_before = fields.Monetary("Per Month before", aggregator="sum")
    monthly_after = fields.Monetary("Per Month after", aggregator="sum")
    monthly_total_before = fields.Monetary("Per Month before, with Taxes", aggregator="sum")
    monthly_total_after = fields.Monetary("Per Month after, with Taxes", aggregator="sum")
    invoice_date_before = fields.Date("Next Invoice before")
    invoice_amount_before = fields.Monetary("Its Amount before", aggregator=None)
    invoice_date_after = fields.Date("Next Invoice after")
    invoice_amount_after = fields.Monetary("Its Amount after", aggregator=None)
    error = fields.Text("What Went Wrong")

    _one_open = models.UniqueIndex(
        "(subscription_id) WHERE state IN ('planned', 'requested', 'consented')",
        "The subscription is on its way to another version already.",
    )
    _due_idx = models.Index("(company_id, date_switch) WHERE state IN ('planned', 'consented')")

    @api.depends("subscription_id.name", "plan_to_id")
    def _compute_display_name(self):
        for migration in self:
            migration.display_name = (
                f"{migration.subscription_id.name} \N{RIGHTWARDS ARROW} "
                f"{migration.plan_to_id.display_name}"
            )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_evidence(self):
        if self.filtered(lambda migration: migration.state != "cancelled"):
            raise UserError(
                self.env._("What was announced to a customer, and answered, stays as evidence.")
            )

    def action_cancel(self):
        """Leave the subscriptions on the version on which they are."""
        self.check_access("read")
        self._check_manager()
        self.filtered(lambda migration: migration.state in (*OPEN_STATES, "failed"))._set_state(
            "cancelled"
        )

    def action_retry(self):
        """Try again at the end of the current billing period what has failed."""
        self.check_access("read")
        self._check_manager()
        for migration in self.filtered(lambda migration: migration.state == "failed").sudo():
            subscription = migration.subscription_id
            migration.date_switch = subscription._get_next_period_start(subscription._get_today())
            migration.error = False
            migration._set_state("planned")

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(
            "subscription_base.group_subscription_manager"
        ):
            raise UserError(
                self.env._("Ask an administrator of subscriptions to change what is planned.")
            )

    def _set_state(self, state):
        self.sudo().write({"state": state})

    def _apply(self):
        """Let the new version apply to the subscriptions; one that fails stops nobody else.

        :return: the migrations that failed; each has been told why.
        """
        failed = self.browse()
        for migration in self.sudo():
            if reason := migration._get_obstacle():
                migration.error = reason
                migration._set_state("cancelled")
                continue
            try:
                with self.env.cr.savepoint():
                    migration._move()
            except Exception as error:
                if self.env["subscription.billing.run"]._is_worth_another_try(error):
                    raise
                migration._fail(error)
                failed += migration
        return failed

    def _get_obstacle(self):
        """Why the subscription does not change over any more; empty when it does."""
        subscription = self.subscription_id
        end = subscription.date_end
        if subscription.state == "closed" or (end and end < self.date_switch):
            return self.env._("The subscription ends before.")
        if subscription.plan_id != self.plan_from_id:
            return self.env._("The subscription has another plan by now.")
        return False

    def _move(self):
        self.subscription_id._move_to_plan(self.plan_to_id, self.date_switch, whole_periods=True)
        self._set_state("done")

    def _fail(self, error):
        """Keep the reason, and let somebody look at it; the subscription stays as it is."""
        message = str(error)
        self.write({"state": "failed", "error": message})
        subscription = self.subscription_id
        subscription.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("The move to %s has failed", self.plan_to_id.display_name),
            note=message,
            user_id=subscription.user_id.id or self.env.uid,
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    migration_ids = fields.One2many("subscription.migration", "subscription_id", copy=False)
    plan_version = fields.Integer(related="plan_id.version", string="Plan Version")
    next_plan_id = fields.Many2one("subscription.plan", compute="_compute_next_plan")
    next_plan_date = fields.Date(compute="_compute_next_plan")
    special_termination_until = fields.Date(
        copy=False,
        readonly=True,
        help="Until this day the customer may terminate at once, because the plan was changed to "
        "the customer's disadvantage (§ 327r BGB).",
    )

    @api.depends("plan_id", "state", "date_end", "migration_ids.state", "migration_ids.date_switch")
    def _compute_next_plan(self):
        for subscription in self:
            due = subscription._get_next_migration()
            subscription.next_plan_id = due.plan_to_id
            subscription.next_plan_date = due.date_switch

    def _get_next_migration(self):
        """The move to another plan or version that is due next, if the subscription lasts."""
        self.ensure_one()
        end = self.date_end
        return self.migration_ids.filtered(
            lambda m: (
                m.state in DUE_STATES
                and m.plan_from_id == self.plan_id
                and self.state != "closed"
                and (not end or end >= m.date_switch)
            )
        )[:1]

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"special_termination_until"}

    def _bill(self, run):
        """Whoever bills, what has been planned for the day applies first."""
        self._apply_migrations(run.date)
        return super()._bill(run)

    def _apply_migrations(self, day):
        """Let the new versions apply to which the subscriptions move by ``day``."""
        due = self.env["subscription.migration"].search(
            [
                ("subscription_id", "in", self.ids),
                ("state", "in", DUE_STATES),
                ("date_switch", "<=", day),
            ]
        )
        return due._apply()


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        return ["migrate", *super()._get_steps()]

    def _claim_migrate(self, failed):
        query = SQL(
            """SELECT id FROM subscription_migration
                WHERE state IN %s AND date_switch <= %s AND company_id = %s AND NOT id = ANY(%s)
             ORDER BY date_switch, id LIMIT %s""",
            DUE_STATES,
            self.date,
            self.company_id.id,
            list(failed),
            BATCH,
        )
        return self.env["subscription.migration"].browse(self._claim(query))

    def _do_migrate(self, migrations):
        return migrations._apply()
