"""Which messages customers get and from which template: by company, and by plan if it differs."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

KINDS = [
    ("welcome", "Welcome"),
    ("trial_end", "End of the trial"),
    ("renewal", "Renewal"),
    ("invoice", "Invoice"),
    ("credit_note", "Credit note"),
    ("payment_failed", "Payment failed"),
    ("changed", "Change"),
    ("paused", "Pause"),
    ("resumed", "Resumption"),
    ("terminated", "Termination"),
    ("continued", "Termination withdrawn"),
    ("voided", "Order cancelled"),
    ("revoked", "Withdrawal from the contract"),
    ("ended", "End of the subscription"),
]


class SubscriptionMessageRule(models.Model):
    """Whether one kind of message is sent, and from which template."""

    _name = "subscription.message.rule"
    _description = "Message Setting"
    _check_company_auto = True
    _order = "id"

    kind = fields.Selection(KINDS, "Message", required=True)
    plan_id = fields.Many2one(
        "subscription.plan", index="btree_not_null", ondelete="cascade", check_company=True
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
    is_sent = fields.Boolean("Send", default=True)
    is_document = fields.Boolean(compute="_compute_template_model")
    template_model = fields.Char(compute="_compute_template_model")
    template_id = fields.Many2one(
        "mail.template",
        ondelete="set null",
        domain="[('model', '=', template_model)]",
        help="Leave empty for the usual template.",
    )

    _company_uniq = models.UniqueIndex(
        "(company_id, kind) WHERE plan_id IS NULL", "The company has a setting for this already."
    )
    _plan_uniq = models.UniqueIndex(
        "(plan_id, kind) WHERE plan_id IS NOT NULL", "The plan has a setting for this already."
    )

    @api.depends("plan_id")
    def _compute_company_id(self):
        for rule in self:
            rule.company_id = rule.plan_id.company_id or rule.company_id or self.env.company

    @api.depends("kind")
    def _compute_template_model(self):
        for rule in self:
            rule.is_document = rule.kind in self._get_document_kinds()
            rule.template_model = self._get_template_model(rule.kind)

    @api.depends("kind", "plan_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            parts = (labels.get(rule.kind), rule.plan_id.display_name)
            rule.display_name = ", ".join(filter(None, parts))

    @api.constrains("template_id", "kind")
    def _check_template(self):
        for rule in self.filtered("template_id"):
            if rule.template_id.model != rule.template_model:
                raise ValidationError(
                    self.env._(
                        "The template %(template)s is not about what the message %(message)s "
                        "is about. Choose another one.",
                        template=rule.template_id.name,
                        message=rule.display_name,
                    )
                )

    @api.model
    def _get_document_kinds(self):
        """Kinds that Odoo sends with an invoice; whether it does, the plan's invoicing says."""
        return {"invoice", "credit_note"}

    @api.model
    def _get_template_model(self, kind):
        """The model that templates of a kind of message are about."""
        documents = self._get_document_kinds()
        return "account.move" if kind in documents else "subscription.subscription"

    @api.model
    def _get_default_template(self, kind):
        """The usual template of a kind; empty when it has been deleted."""
        reference = f"subscription_base.mail_template_{kind}"
        return self.env.ref(reference, raise_if_not_found=False) or self.env["mail.template"]

    @api.model
    def _resolve(self, kind, plan, company):
        """What holds for one message: the plan's own setting, else the company's, else to send.

        :return: whether to send it, and its template
        :rtype: tuple[bool, mail.template]
        """
        rules = self.sudo().search(
            Domain("kind", "=", kind)
            & Domain("company_id", "=", company.id)
            & Domain("plan_id", "in", (False, plan.id))
        )
        own = rules.filtered("plan_id")
        usual = rules - own
        rule = own or usual
        template = own.template_id or usual.template_id or self._get_default_template(kind)
        return (rule.is_sent if rule else True), template.sudo(self.env.su)

    @api.model
    def action_open_company_rules(self):
        """The settings of the current company, one for each kind of message."""
        self.check_access("create")
        company = self.env.company
        usual = Domain("company_id", "=", company.id) & Domain("plan_id", "=", False)
        known = set(self.search(usual).mapped("kind"))
        self.create(
            [
                {"kind": kind, "company_id": company.id}
                for kind, _label in self._fields["kind"].selection
                if kind not in known
            ]
        )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_message_rule_action"
        ) | {"domain": list(usual)}


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    message_rule_ids = fields.One2many(
        "subscription.message.rule",
        "plan_id",
        "Message Settings",
        copy=True,
        help="Messages that this plan sends otherwise than the company does.",
    )
