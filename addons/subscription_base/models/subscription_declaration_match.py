"""Which contract a declaration is about: only a number and a person that agree are a match."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from .identity_text import contract_numbers, name_key
from .subscription_subscription import RUNNING_STATES

CANDIDATES = 10


class SubscriptionDeclaration(models.Model):
    _inherit = "subscription.declaration"

    candidate_ids = fields.Many2many(
        "subscription.subscription",
        string="Might be Meant",
        compute="_compute_candidate_ids",
        help="Their number, customer or e-mail address is the one that was stated.",
    )

    @api.depends_context("uid")
    def _compute_candidate_ids(self):
        for declaration in self:
            declaration.candidate_ids = (
                declaration._get_candidates() if declaration.state == "new" else False
            )

    @api.model
    def _match(self, values):
        """The contract that is named by number, by somebody who knows its customer.

        The number is that of the subscription, its order, one of its invoices or its customer; and
        the name or the e-mail address has to be the customer's. Otherwise a slip of the pen, or a
        stranger, would end somebody else's contract.

        :param dict values: the content of the declaration.
        :return: the subscriptions that agree; running ones if there are any.
        """
        named = self._get_subscriptions_named(contract_numbers(values["contract"]))
        email, name = email_normalize(values["email"]), name_key(values["declarant"])
        own = named.filtered(lambda s: self._is_customer(s, name, email))
        return own.filtered(lambda s: s.state in RUNNING_STATES) or own

    @api.model
    def _get_subscriptions_named(self, numbers):
        Subscription = self.env["subscription.subscription"].sudo()
        if not numbers:
            return Subscription
        numbers = list(numbers)
        partners = self.env["res.partner"].sudo().search([("ref", "in", numbers)])
        orders = self.env["sale.order"].sudo().search([("name", "in", numbers)])
        invoices = self.env["account.move"].sudo().search([("name", "in", numbers)])
        domain = (
            Domain("name", "in", numbers)
            | Domain("sale_order_id", "in", orders.ids)
            | Domain("partner_id", "in", partners.ids)
            | Domain("partner_id.commercial_partner_id", "in", partners.ids)
            | Domain("id", "in", invoices.line_ids.subscription_id.ids)
        )
        return Subscription.search(domain & Domain("state", "!=", "draft"))

    @api.model
    def _is_customer(self, subscription, name, email):
        """Whether the name or the e-mail address is that of the customer.

        :param frozenset name: see :func:`.identity_text.name_key`.
        :param str email: normalized.
        """
        partners = self._get_customers(subscription)
        if email and email in partners.mapped("email_normalized"):
            return True
        return bool(name) and name in [name_key(partner.name) for partner in partners]

    @api.model
    def _get_customers(self, subscription):
        partner = subscription.partner_id
        return partner | partner.commercial_partner_id | subscription.partner_invoice_id

    def _get_candidates(self):
        """Contracts that a person may want to look at first: any one thing agrees."""
        self.ensure_one()
        named = self._get_subscriptions_named(contract_numbers(self.contract))
        partners = (
            self.env["res.partner"]
            .sudo()
            .search(
                Domain("email_normalized", "=", email_normalize(self.email))
                | Domain("name", "=ilike", self.declarant.replace("%", "").replace("_", "")),
                limit=CANDIDATES,
            )
        )
        return self.env["subscription.subscription"].search(
            Domain("state", "!=", "draft")
            & (Domain("id", "in", named.ids) | Domain("partner_id", "child_of", partners.ids)),
            limit=CANDIDATES,
        )
