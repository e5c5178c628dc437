"""What consumers declare on the public pages: terminations and withdrawals, kept as evidence."""

import hashlib
import json
import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

OPEN_STATES = ("new", "matched")


class SubscriptionDeclaration(models.Model):
    """A declaration as it was received (§ 312k and § 356a BGB). Its content never changes."""

    _name = "subscription.declaration"
    _description = "Declaration of a Customer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["name", "declarant", "contract", "email"]

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("termination", "Termination"), ("withdrawal", "Withdrawal")], required=True
    )
    termination_kind = fields.Selection(
        [("ordinary", "Ordinary"), ("extraordinary", "Extraordinary")], "Kind of Termination"
    )
    grounds = fields.Text("Reason Stated")
    declarant = fields.Char("Name", required=True)
    contract = fields.Char("Contract Named", required=True)
    date_wished = fields.Date("End Wished for", help="Empty for the earliest possible day.")
    email = fields.Char("Confirm to", required=True)
    lang = fields.Char("Language", required=True, default=lambda self: self.env.lang or "en_US")
    received_at = fields.Datetime("Received", required=True, default=fields.Datetime.now)
    received_text = fields.Char("Received at", compute="_compute_received_text")
    digest = fields.Char("SHA-256 of the Content", required=True)
    submission = fields.Char(required=True, export_string_translation=False)
    source = fields.Char(
        export_string_translation=False,
        help="Pseudonym of the sender's internet address, kept for two days to limit abuse.",
    )
    access_token = fields.Char(
        required=True, default=lambda self: str(uuid.uuid4()), export_string_translation=False
    )

    state = fields.Selection(
        [
            ("new", "New"),
            ("matched", "Matched"),
            ("done", "Done"),
            ("rejected", "Rejected"),
        ],
        "Status",
        default="new",
        required=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", index="btree_not_null", tracking=True
    )
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    outcome = fields.Selection(
        [
            ("ends", "Ends as declared"),
            ("ends_later", "Ends later than wished for"),
            ("ended_before", "Had been terminated before"),
            ("voided", "Cancelled before it was binding"),
            ("revoked", "Withdrawn from"),
            ("answered", "Answered by a person"),
        ],
        tracking=True,
    )
    date_end = fields.Date("Confirmed End", tracking=True)
    problem = fields.Char("Why It Waits", help="Why a person has to look at it.")

    _submission_unique = models.UniqueIndex("(submission)")
    _recent_idx = models.Index("(received_at)")
    _token_unique = models.UniqueIndex("(access_token)")

    @api.model
    def _get_content_fields(self):
        """What was declared: never written again."""
        return (
            "kind",
            "termination_kind",
            "grounds",
            "declarant",
            "contract",
            "date_wished",
            "email",
        )

    @api.model
    def _get_evidence_fields(self):
        return {*self._get_content_fields(), "name", "lang", "received_at", "digest", "submission"}

    @api.model
    def _get_chosen_fields(self):
        """What the people who handle declarations may set by hand."""
        return {"subscription_id", "user_id"}

    @api.depends("received_at", "company_id")
    @api.depends_context("lang")
    def _compute_received_text(self):
        """Day and time to the second, where the company is."""
        zones = {"CET": self.env._("CET"), "CEST": self.env._("CEST")}
        for declaration in self:
            moment = declaration._get_received_local()
            declaration.received_text = self.env._(
                "%(day)s, %(time)s (%(zone)s)",
                day=format_date(self.env, moment.date()),
                time=f"{moment:%H:%M:%S}",
                zone=zones.get(moment.tzname(), moment.tzname()),
            )

    def _get_received_local(self):
        """When it was received, in the time zone of the company.

        :rtype: datetime.datetime
        """
        self.ensure_one()
        company = self.with_context(tz=self.company_id._get_timezone())
        return fields.Datetime.context_timestamp(company, self.received_at)

    @api.model
    def _get_content_digest(self, values):
        """The SHA-256 of what was declared.

        :param dict values: the content fields; those left out are empty.
        """
        content = [str(values.get(name) or "") for name in self._get_content_fields()]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
            sequence = self.env["ir.sequence"].with_company(company)
            vals["name"] = sequence.next_by_code("subscription.declaration")
            vals["digest"] = self._get_content_digest(vals)
            vals.setdefault("submission", str(uuid.uuid4()))
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & self._get_evidence_fields():
            raise UserError(self.env._("What was declared cannot be changed."))
        self._check_chosen(vals)
        if "subscription_id" not in vals:
            return super().write(vals)
        if closed := self.filtered(lambda declaration: declaration.state not in OPEN_STATES)[:1]:
            raise UserError(self.env._("%s has been handled already.", closed.name))
        result = super().write(vals)
        self._follow_assignment()
        return result

    def _check_chosen(self, vals):
        """Whoever is no superuser handles declarations by the buttons."""
        managed = set(self._fields) - self._get_chosen_fields() - self._get_mail_fields()
        if vals.keys() & managed and not self.env.su:
            raise AccessError(
                self.env._("Use the buttons of the declaration to carry it out or reject it.")
            )

    @api.model
    def _get_mail_fields(self):
        """Fields of the conversation and of the activities."""
        names = {"message_follower_ids", "message_ids", "message_main_attachment_id"}
        return names | {name for name in self._fields if name.startswith("activity_")}

    def _follow_assignment(self):
        """A declaration belongs to the company of its contract, and is told there."""
        for declaration in self.sudo():
            subscription = declaration.subscription_id
            declaration.write(
                {
                    "state": "matched" if subscription else "new",
                    "company_id": (subscription.company_id or declaration.company_id).id,
                }
            )
            if subscription:
                declaration._log_received()

    @api.constrains("kind", "termination_kind", "grounds")
    def _check_termination_kind(self):
        for declaration in self:
            if declaration.kind == "termination" and not declaration.termination_kind:
                raise ValidationError(self.env._("A termination is ordinary or extraordinary."))
            if declaration.termination_kind == "extraordinary" and not declaration.grounds:
                raise ValidationError(self.env._("An extraordinary termination needs its reason."))

    @api.autovacuum
    def _gc_sources(self):
        """Forget where declarations came from once it limits nothing any more."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=2)
        old = [("source", "!=", False), ("received_at", "<", before)]
        self.sudo().search(old, limit=10_000).source = False
