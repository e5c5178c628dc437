"""The buttons that consumers end their contracts with: where they are, and whether they work."""

import logging
import threading
from urllib.parse import urlsplit

from lxml import html
from werkzeug.test import Client

from odoo import api, fields, models
from odoo.http import db_filter, root

_logger = logging.getLogger(__name__)

PATHS = {
    "termination": ("/subscription/terminate", "/vertrag/kuendigen"),
    "withdrawal": ("/subscription/withdraw", "/vertrag/widerrufen"),
}
# What the form of each page must offer: the inputs that the law asks for, and the button.
FORM = "//form[contains(@class, 'o_legal_form')]"
BUTTON = f"{FORM}//button[@type='submit']"
INPUTS = {
    "termination": (
        "termination_kind",
        "grounds",
        "declarant",
        "contract",
        "date_wished",
        "email",
    ),
    "withdrawal": ("declarant", "contract", "email"),
}
TIMEOUT = 60  # seconds


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_sells_to_consumers = fields.Boolean(
        "Sells to Consumers",
        default=True,
        help="Every page for customers shows the buttons to terminate and to withdraw.",
    )
    subscription_declaration_user_id = fields.Many2one(
        "res.users",
        "Handles Declarations",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Is asked to handle what could not be carried out by itself. Otherwise it is the "
        "salesperson of the subscription, or an administrator.",
    )
    subscription_button_offline_since = fields.Date(
        "Cancellation Button Offline since",
        help="As long as this is set, consumers may terminate at any time and without notice "
        "(§ 312k (6) BGB). The hourly check of the pages sets and empties it, too.",
    )
    subscription_button_found_offline = fields.Boolean(
        export_string_translation=False, help="The check has set the day, and may empty it."
    )

    @api.model
    def _get_legal_button_path(self, kind):
        """The page behind a button, in German for those who read German."""
        english, german = PATHS[kind]
        return german if (self.env.lang or "").startswith("de") else english

    @api.model
    def _cron_check_legal_buttons(self):
        """Load the pages as anybody would; if they fail, set since when (LAW-09)."""
        problem = self._find_legal_button_problem()
        if problem is None:
            return
        companies = self.sudo().search([("subscription_sells_to_consumers", "=", True)])
        if problem:
            companies._set_button_offline(problem)
        else:
            companies._set_button_online()

    @api.model
    def _find_legal_button_problem(self):
        """What is wrong with the pages.

        :return: the problem; empty when all is well, ``None`` when it could not be found out.
        :rtype: str | None
        """
        for kind, paths in PATHS.items():
            for path in paths:
                answer = self._load_anonymously(path)
                if answer is None:
                    return None
                status, body = answer
                if status != 200:
                    return self.env._(
                        "%(path)s answers with the status %(status)s.", path=path, status=status
                    )
                page = html.fromstring(body)
                inputs = [f"{FORM}//*[@name='{name}']" for name in INPUTS[kind]]
                if not all(page.xpath(needed) for needed in (*inputs, BUTTON)):
                    return self.env._("%s lacks inputs that the law asks for.", path)
        return self._find_missing_link()

    @api.model
    def _find_missing_link(self):
        answer = self._load_anonymously("/web/login")
        company = self.env.ref("base.public_user").sudo().company_id
        if answer is None or answer[0] != 200 or not company.subscription_sells_to_consumers:
            return ""
        links = html.fromstring(answer[1]).xpath("//a/@href")
        for kind, paths in PATHS.items():
            if not any(link.startswith(path) for link in links for path in paths):
                return self.env._("The page to log in has no link to %s.", PATHS[kind][0])
        return ""

    @api.model
    def _load_anonymously(self, path):
        """What somebody without a session gets from this server; no network is needed.

        :return: status and body; ``None`` when the server would not say for which database.
        :rtype: tuple[int, str] | None
        """
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        host = urlsplit(base_url).netloc or "localhost"
        headers = {"Host": host, "X-Odoo-Database": self.env.cr.dbname}
        answers = []

        def load():
            try:
                response = Client(root).get(path, headers=headers)
                answers.append((response.status_code, response.get_data(as_text=True)))
            except Exception:
                _logger.exception("%s cannot be loaded", path)

        thread = threading.Thread(target=load, name="subscription.legal.buttons")
        thread.start()  # of its own: a request leaves its marks on the thread that serves it
        thread.join(TIMEOUT)
        served = answers and (answers[0][0] != 404 or self._is_served(host))
        return answers[0] if served else None

    @api.model
    def _is_served(self, host):
        """Whether the server serves this database under ``host``."""
        return bool(db_filter([self.env.cr.dbname], host=host))

    def _set_button_offline(self, problem):
        _logger.info("The page to terminate contracts does not work: %s", problem)
        for company in self.filtered(lambda c: not c.subscription_button_offline_since):
            today = self.env["subscription.billing.run"]._get_today(company)
            company.write(
                {
                    "subscription_button_offline_since": today,
                    "subscription_button_found_offline": True,
                }
            )
            company._warn_of_button(problem)

    def _warn_of_button(self, problem):
        """An activity for each administrator of subscriptions."""
        managers = self.env.ref("subscription_base.group_subscription_manager").all_user_ids
        for user in managers.filtered(lambda u: u.active and not u.share):
            if self in user.company_ids:
                self.partner_id.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=self.env._("The page to terminate contracts does not work"),
                    note=self.env._(
                        "%s Until it works again, consumers may terminate without notice "
                        "(§ 312k (6) BGB).",
                        problem,
                    ),
                    user_id=user.id,
                )

    def _set_button_online(self):
        for company in self.filtered("subscription_button_found_offline"):
            company.write(
                {
                    "subscription_button_offline_since": False,
                    "subscription_button_found_offline": False,
                }
            )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_sells_to_consumers = fields.Boolean(
        related="company_id.subscription_sells_to_consumers", readonly=False
    )
    subscription_declaration_user_id = fields.Many2one(
        related="company_id.subscription_declaration_user_id", readonly=False
    )
    subscription_button_offline_since = fields.Date(
        related="company_id.subscription_button_offline_since", readonly=False
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends("company_id.subscription_button_offline_since", "customer_kind")
    def _compute_next_termination_date(self):
        return super()._compute_next_termination_date()

    def get_next_termination_date(self, on=None):
        """As agreed; for consumers at once while the page to terminate fails (§ 312k (6) BGB)."""
        last = super().get_next_termination_date(on)
        on = fields.Date.to_date(on) or fields.Date.context_today(self)
        at_once = last and self._may_end_without_button(on)
        return min(last, max(on, self.date_start)) if at_once else last

    def _may_end_without_button(self, on):
        """Whether a consumer gives notice while the button is offline (requirement LAW-09)."""
        since = self.company_id.subscription_button_offline_since
        return bool(since) and self.customer_kind == "consumer" and on >= since
