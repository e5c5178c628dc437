"""A declaration is always stored and confirmed; what is unclear waits for a person."""

import hashlib
import hmac
import logging
import re

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain

from .house_language import in_house_language

_logger = logging.getLogger(__name__)

# In an hour; whoever exceeds them is served as well, but a person looks before anything ends.
MAX_FROM_SOURCE = 10
MAX_FROM_EMAIL = 5


class SubscriptionDeclaration(models.Model):
    _inherit = "subscription.declaration"

    @api.model
    def _receive(self, values, submission, source=None, is_suspicious=False):
        """Store a declaration, carry it out if it is clear, and confirm it (LAW-06, LAW-15).

        :param dict values: content fields, ``lang`` and ``company_id``; see
            :meth:`_get_content_fields`.
        :param str submission: identifies the form that was sent: sent twice, it declares once.
        :param str source: pseudonym of the sender's internet address, see :meth:`_get_source`.
        :param bool is_suspicious: a program seems to have filled the form in.
        :return: the declaration; the one that is there when the same was declared within an hour.
        """
        key = hashlib.sha256(f"{submission} {self._get_content_digest(values)}".encode())
        if received := self._find_received(values, key.hexdigest()):
            return received
        try:
            with self.env.cr.savepoint():
                declaration = self.create(
                    {**values, "submission": key.hexdigest(), "source": source}
                )
        except UniqueViolation as error:
            raise ConcurrencyError("the same form is being received") from error
        internal = in_house_language(declaration, force=True)
        internal._settle(internal._get_doubt(is_suspicious))
        internal._confirm()
        return declaration

    @api.model
    def _find_received(self, values, submission):
        if received := self.search([("submission", "=", submission)]):
            return received
        same = Domain("digest", "=", self._get_content_digest(values))
        return self.search(same & self._get_recent_domain(), limit=1)

    @api.model
    def _get_recent_domain(self):
        hour = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        return Domain("received_at", ">", hour)

    @api.model
    def _get_source(self, address):
        """A pseudonym for an internet address, the same each time.

        :rtype: str
        """
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return hmac.new(secret.encode(), (address or "").encode(), hashlib.sha256).hexdigest()[:16]

    def _get_doubt(self, is_suspicious):
        """Why a person looks first, ``None`` when nobody need."""
        if is_suspicious:
            return self.env._("A field that people do not see was filled in: is it a program?")
        recent = self._get_recent_domain()
        from_source = recent & Domain("source", "=", self.source)
        from_email = recent & self._get_same_email_domain()
        if self.search_count(from_source) > MAX_FROM_SOURCE:
            return self.env._("Many declarations came from the same place within an hour.")
        if self.search_count(from_email) > MAX_FROM_EMAIL:
            return self.env._("Many declarations named this e-mail address within an hour.")
        return None

    def _get_same_email_domain(self):
        escaped = re.sub(r"([\\%_])", r"\\\1", self.email)
        return Domain("email", "=ilike", escaped)

    def _settle(self, doubt):
        """Find the contract and carry the declaration out, or put it on the work list."""
        self.ensure_one()
        subscriptions = self._match({name: self[name] for name in self._get_content_fields()})
        if len(subscriptions) == 1:
            self.subscription_id = subscriptions
            problem = doubt or self._try_to_carry_out()
        elif subscriptions:
            names = ", ".join(subscriptions.mapped("name"))
            problem = self.env._("Several contracts agree: %s", names)
        else:
            problem = self.env._("No contract agrees with what was stated.")
        if problem:
            self._hand_over(problem)

    def _try_to_carry_out(self):
        """Carry out what can be.

        :return: why it cannot be carried out, or ``None``.
        """
        try:
            with self.env.cr.savepoint():
                return self._carry_out()
        except OperationalError:
            raise
        except UserError as error:
            return str(error)
        except Exception:
            _logger.exception("%s could not be carried out", self.name)
            return self.env._("It could not be carried out because of an error.")

    def _hand_over(self, problem):
        """Ask somebody to handle the declaration."""
        self.problem = " ".join(filter(None, (self.problem, problem)))
        user = self._get_responsible()
        self.with_context(mail_auto_subscribe_no_notify=True).user_id = user
        if user:
            kinds = dict(self._fields["kind"]._description_selection(self.env))
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "%(kind)s by %(name)s", kind=kinds[self.kind], name=self.declarant
                ),
                note=problem,
                user_id=user.id,
            )

    def _get_responsible(self):
        """Who handles the declaration: as the company says, else the salesperson or a manager."""
        company = self.company_id
        managers = self.env.ref("subscription_base.group_subscription_manager").all_user_ids
        users = (
            company.subscription_declaration_user_id,
            self.subscription_id.user_id,
            *managers.sorted("id"),
        )
        able = (u for u in users if u.active and not u.share and company in u.company_ids)
        return next(able, self.env["res.users"])
