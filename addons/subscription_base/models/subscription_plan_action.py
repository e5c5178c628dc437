"""What follows from an event in the life of a subscription, as a plan or the company says."""

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

SERVED = ("trial", "active")
RESTING = ("paused", "suspended")
BEGUN = (*SERVED, *RESTING)

TRIGGERS = [
    ("activation", "The service begins"),
    ("trial_over", "The trial is over"),
    ("suspension", "The service is suspended"),
    ("pause", "The service is paused"),
    ("resumption", "The service goes on"),
    ("end", "The service has ended"),
    ("renewal", "The contract renews"),
    ("change", "Plan, products or prices change"),
    ("payment_received", "An invoice has been paid"),
    ("payment_failed", "A payment failed or was returned"),
    ("termination", "Notice is given or withdrawn"),
    ("void", "The contract is void or withdrawn"),
    ("event", "Another event"),
    ("any", "Every event"),
]
#: Triggers that the type of an event decides; the others are decided by states.
EVENTS_OF_TRIGGER = {
    "renewal": {"renewed"},
    "change": {
        "plan", "product", "quantity", "price", "discount", "option_added", "option_removed",
        "changed",
    },
    "payment_received": {"invoice_paid"},
    "payment_failed": {"payment_failed", "invoice_unpaid"},
    "termination": {"terminated", "termination_withdrawn", "end_set"},
    "void": {"withdrawn", "voided", "revoked"},
}  # fmt: skip
#: Events that never run anything: an action that fails must not start the next one.
SILENT_EVENTS = {"action_failed"}


def get_state_triggers(before, after):
    """The triggers that a change of a subscription's state is.

    :rtype: set[str]
    """
    found = set()
    if after in SERVED and before not in BEGUN:
        found.add("activation")
    if after in SERVED and before in RESTING:
        found.add("resumption")
    if (before, after) == ("trial", "active"):
        found.add("trial_over")
    if after == "suspended" != before:
        found.add("suspension")
    if after == "paused" != before:
        found.add("pause")
    if before in BEGUN and after not in BEGUN:
        found.add("end")
    return found


class SubscriptionPlanAction(models.Model):
    """Something that is to be done when something happens to a subscription."""

    _name = "subscription.plan.action"
    _description = "Life-cycle Action"
    _check_company_auto = True
    _order = "sequence, id"

    name = fields.Char(compute="_compute_name", store=True, readonly=False, precompute=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    plan_id = fields.Many2one(
        "subscription.plan",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="Empty: the action is run for subscriptions on every plan of the company.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        index=True,
    )
    trigger = fields.Selection(
        TRIGGERS, "When", default="activation", required=True, help="What starts the action."
    )
    event_type = fields.Selection("_selection_event_type", "Event")
    action_type = fields.Selection(
        [
            ("server", "Run a server action"),
            ("email", "Send an e-mail"),
            ("webhook", "Call a webhook"),
        ],
        "Do",
        default="email",
        required=True,
    )
    keep_order = fields.Boolean(
        compute="_compute_keep_order",
        store=True,
        readonly=False,
        precompute=True,
        help="Wait until earlier actions of the same subscription that keep the order are done, "
        "so that a service is never switched off before it was switched on. Later ones wait for "
        "this one in turn.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Who is asked to help when the action fails; the salesperson of the subscription "
        "when left empty.",
    )
    run_ids = fields.One2many("subscription.action.run", "action_id")
    failed_count = fields.Integer("Failed", compute="_compute_failed_count")

    server_action_id = fields.Many2one(
        "ir.actions.server",
        domain="[('model_name', '=', 'subscription.subscription'),"
        " ('usage', '=', 'ir_actions_server'), ('state', '!=', 'webhook')]",
        ondelete="restrict",
        help="An action of Odoo on the subscription: it updates records, runs code, creates "
        "activities. It is run by the system, and can use the event as `event`.",
    )

    _event_named = models.Constraint(
        "CHECK (trigger != 'event' OR event_type IS NOT NULL)",
        "Choose the event that starts the action.",
    )

    @api.depends("action_type", "server_action_id", "trigger")
    def _compute_name(self):
        labels = dict(self._fields["action_type"]._description_selection(self.env))
        for action in self:
            action.name = (
                action.name
                or (action.action_type == "server" and action.server_action_id.name)
                or labels.get(action.action_type)
            )

    @api.depends("plan_id")
    def _compute_company_id(self):
        for action in self:
            action.company_id = action.plan_id.company_id or action.company_id or self.env.company

    @api.depends("action_type")
    def _compute_keep_order(self):
        """An e-mail holds up nothing; what switches a service on and off has an order."""
        for action in self:
            action.keep_order = action.action_type != "email"

    @api.depends_context("uid")
    def _compute_failed_count(self):
        counts = dict(
            self.env["subscription.action.run"]._read_group(
                [("action_id", "in", self.ids), ("state", "=", "failed")],
                ["action_id"],
                ["__count"],
            )
        )
        for action in self:
            action.failed_count = counts.get(action._origin, 0)

    @api.model
    def _selection_event_type(self):
        events = self.env["subscription.event"]._fields["event_type"]
        return [
            (name, label)
            for name, label in events._description_selection(self.env)
            if name not in SILENT_EVENTS
        ]

    @api.constrains("action_type", "server_action_id")
    def _check_server_action(self):
        for action in self.filtered(lambda action: action.action_type == "server"):
            chosen = action.server_action_id.sudo()
            if not chosen:
                raise ValidationError(
                    self.env._("Choose the server action that %s is to run.", action.name)
                )
            if chosen.model_name != "subscription.subscription":
                raise ValidationError(
                    self.env._(
                        "%s works on other records. Choose a server action on subscriptions.",
                        chosen.name,
                    )
                )
            if "webhook" in (chosen | chosen.child_ids).mapped("state"):
                raise ValidationError(
                    self.env._(
                        "%s sends a webhook without waiting for an answer, so that nobody learns "
                        'when it fails. Choose "Call a webhook" here instead.',
                        chosen.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        self.env.registry.clear_cache()
        return actions

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        if vals.get("active") is False:
            self._drop_runs()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_run(self):
        for action in self:
            if action.sudo().run_ids:
                raise UserError(
                    self.env._(
                        "%s has been started already and stays as evidence. Archive it instead.",
                        action.name,
                    )
                )

    def _drop_runs(self):
        """Nothing of an archived action is left to be done."""
        runs = self.sudo().run_ids.filtered(lambda run: run.state in ("pending", "failed"))
        runs._ignore(self.env._("The action has been archived."))

    @api.model
    @tools.ormcache()
    def _get_index(self):
        """What may be started, by company and plan: so that most events cost no query.

        :return: ``{(company id, plan id or False): ((id, trigger, event type), ...)}``
        :rtype: dict
        """
        index = {}
        for action in self.sudo().search([("active", "=", True)]):
            key = action.company_id.id, action.plan_id.id
            entry = action.id, action.trigger, action.event_type
            index[key] = (*index.get(key, ()), entry)
        return index

    def action_view_runs(self):
        return self.env["subscription.action.run"]._get_list_action([("action_id", "in", self.ids)])


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    action_ids = fields.One2many("subscription.plan.action", "plan_id", "Actions", copy=True)
    failed_action_count = fields.Integer(compute="_compute_failed_action_count")

    @api.depends_context("uid")
    def _compute_failed_action_count(self):
        counts = dict(
            self.env["subscription.action.run"]._read_group(
                [("subscription_id.plan_id", "in", self.ids), ("state", "=", "failed")],
                ["plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            plan.failed_action_count = counts.get(plan._origin, 0)

    def action_view_failed_actions(self):
        return self.env["subscription.action.run"]._get_list_action(
            [("plan_id", "in", self.ids)], search_default_failed=True
        )
