"""Where an event comes from: people at their screens, customers, programs, runs and rules."""

import secrets

from odoo import SUPERUSER_ID, api, fields, models
from odoo.http import request

from .house_language import in_house_language

API_PATHS = ("/json/", "/jsonrpc", "/xmlrpc/")
BACKEND_PATHS = ("/web/", "/odoo")
#: Nobody outside the process knows these keys: the context of a call by RPC is the caller's.
RULE = f"subscription_rule_{secrets.token_hex(16)}"
RUN = f"subscription_run_{secrets.token_hex(16)}"


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    origin = fields.Selection(
        [
            ("backend", "Backend"),
            ("portal", "Portal"),
            ("api", "API"),
            ("run", "Billing run"),
            ("system", "System"),
        ],
        readonly=True,
        help="Who or what it was done by: an employee in the backend, a customer in the portal or "
        "by a link, a program through the API, a billing run, or the system by a rule or job.",
    )
    rule = fields.Char(readonly=True, help="The rule or job by which the system did it.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_origin() | vals for vals in vals_list])

    @api.model
    def _prepare_origin(self):
        """Values that tell where what happens now comes from."""
        context, values = self.env.context, {}
        if run := context.get(RUN):
            values["run_id"] = run
        if rule := context.get(RULE):
            return values | {"origin": "system", "rule": rule}
        if not run and not request and (job := context.get("cron_id")):
            values["rule"] = self.env["ir.cron"].sudo().browse(job).exists().name
        return values | {"origin": "run" if run else self._get_origin()}

    @api.model
    def _get_origin(self):
        if not request:
            is_system = self.env.uid == SUPERUSER_ID or self.env.context.get("cron_id")
            return "system" if is_system else "backend"
        path = request.httprequest.path
        if path.startswith(API_PATHS) or request.httprequest.headers.get("Authorization"):
            return "api"
        if self.env.user.share:
            return "portal"
        if self.env.uid == SUPERUSER_ID:
            return "system"
        return "backend" if path.startswith(BACKEND_PATHS) else "portal"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _by_rule(self, rule):
        """The subscriptions for what no person decides: the actor is the system (SM-63).

        :param str rule: the rule that decides; every event names it.
        """
        return in_house_language(
            self.with_user(SUPERUSER_ID).with_context(**{RULE: rule}), force=True
        )


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _process_step(self, step):
        """What happens to subscriptions in a run names the run."""
        run = in_house_language(self.with_context(**{RUN: self.id}))
        return super(SubscriptionBillingRun, run)._process_step(step)

    def _bill_subscriptions(self, subscriptions):
        origin = {RUN: self.id}
        run = self.with_context(**origin)
        moves = super(SubscriptionBillingRun, run)._bill_subscriptions(
            subscriptions.with_context(**origin)
        )
        return moves.with_env(self.env)
