"""What customers are told about a new version, and what they answer: silence is no consent."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from .price_text import money_text
from .subscription_event import TOLD
from .subscription_message import LAYOUT_CONTEXT
from .subscription_plan_move import MOVED_TYPES

SPECIAL_TERMINATION_DAYS = 30


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_change_notice = fields.Integer(
        "Notice of Changed Terms",
        default=30,
        help="Days between telling a business about a dearer or worse version of its plan and the "
        "first billing period under it. Consumers have to agree instead.",
    )
    _subscription_change_notice_positive = models.Constraint(
        "CHECK (subscription_change_notice >= 0)", "The notice of changed terms cannot be negative."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_change_notice = fields.Integer(
        related="company_id.subscription_change_notice", readonly=False
    )


class SubscriptionMigration(models.Model):
    _inherit = "subscription.migration"

    consent_text = fields.Html(
        "Text Shown", readonly=True, help="What the customer was asked, as it was shown."
    )
    consent_hash = fields.Char("SHA-256 of the Text", readonly=True)
    date_requested = fields.Datetime("Asked on", readonly=True)
    date_answered = fields.Datetime("Answered on", readonly=True)
    answer_ip = fields.Char("Answered from", readonly=True, help="Internet address.")
    answer_agent = fields.Char("Answered with", readonly=True, help="Program of the customer.")

    def _compute_access_url(self):
        for migration in self:
            migration.access_url = f"/my/subscription-change/{migration.id}"

    def _get_portal_label(self):
        """What the customer is asked, in a line."""
        self.ensure_one()
        return self.env._(
            "%(plan)s from %(day)s on",
            plan=self.plan_to_id.name,
            day=format_date(self.env, self.date_switch),
        )

    def _announce(self):
        """Tell the customers: ask consumers, give businesses notice of what gets worse."""
        for migration in self.sudo():
            if migration.state == "requested":
                migration._request_consent()
            elif migration.state == "planned" and migration._is_harmful():
                migration._offer_special_termination()
                migration._send("subscription_base.mail_template_version_notice")

    def _get_new_plan_text(self):
        """What the new version is called: customers do not count versions."""
        self.ensure_one()
        name = self.plan_to_id.name
        return self.env._("%s, on new terms", name) if name == self.plan_from_id.name else name

    def _is_told_gross(self):
        """Consumers are told prices with taxes (LAW-13, § 3 PAngV)."""
        self.ensure_one()
        return self.subscription_id.customer_kind == "consumer"

    def _get_monthly_label(self):
        if self._is_told_gross():
            return self.env._("Per month, including taxes")
        return self.env._("Per month, without taxes")

    def _get_monthly_price(self, when):
        """What the subscription costs per month.

        :param str when: ``before`` or ``after`` the change.
        """
        return self[f"monthly_total_{when}" if self._is_told_gross() else f"monthly_{when}"]

    def _has_other_items(self):
        """Whether the subscription has items whose prices stay as they are."""
        self.ensure_one()
        lines = self.subscription_id.line_ids.filtered(
            lambda line: line.charge_type in MOVED_TYPES and line._is_current(self.date_switch)
        )
        changed = [change for change in self._get_price_changes() if change["before"]]
        return len(lines) > len(changed)

    def _get_price_changes(self):
        """The prices that differ between the versions, for the customer to compare.

        :rtype: list[dict]
        """

        def text(component):
            return component._get_price_text(self.subscription_id)

        kept = set((self.individual_lines or "").splitlines())
        components = self.subscription_id.line_ids.component_id
        matches = self.plan_to_id._match_components(self.plan_from_id.component_ids)
        changes = []
        for old in self.plan_from_id.component_ids & components:
            new = matches.get(old, old.browse())
            if old.charge_type in MOVED_TYPES and new and old.name not in kept:
                before, after = text(old), text(new)
                if before != after:
                    changes.append({"name": new.name, "before": before, "after": after})
        for new in self.plan_to_id.component_ids.filtered(
            lambda own: (
                own.charge_type in MOVED_TYPES
                and not own.is_optional
                and own not in matches.values()
            )
        ):
            changes.append({"name": new.name, "before": "", "after": text(new)})
        return changes

    def _move(self):
        """Who was given notice of the change, or has agreed to it, is not told of it again."""
        told = self.with_context(**{TOLD: ("changed",)}) if self._is_harmful() else self
        return super(SubscriptionMigration, told)._move()

    def _is_harmful(self):
        return self.is_dearer or bool(self.disadvantages) or bool(self.lost_entitlements)

    def _request_consent(self):
        self._portal_ensure_token()
        localized = self.with_context(lang=self.partner_id.lang)
        env, currency = localized.env, self.currency_id
        text = env["ir.qweb"]._render(
            "subscription_base.subscription_migration_terms",
            {
                "migration": localized,
                "format_date": lambda day: format_date(env, day),
                "format_amount": lambda amount: format_amount(env, amount, currency),
            },
            lang=self.partner_id.lang,
        )
        self.write({"consent_text": text, "date_requested": fields.Datetime.now()})
        self.consent_hash = hashlib.sha256(self.consent_text.encode()).hexdigest()
        self._send("subscription_base.mail_template_version_consent")

    def _send(self, template):
        """Queue an e-mail to the customer; without an address, somebody has to write a letter."""
        subscription = self.subscription_id
        if self.partner_id.email:
            self.env.ref(template).with_context(**LAYOUT_CONTEXT).send_mail(self.id)
        else:
            subscription.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Tell the customer about %s", self.plan_to_id.display_name),
                note=self.env._("The customer has no e-mail address."),
                user_id=subscription.user_id.id or self.env.uid,
            )

    def _offer_special_termination(self):
        """Whoever loses an entitlement may leave within 30 days (requirement LAW-34)."""
        if self.lost_entitlements:
            begins = max(self.subscription_id._get_today(), self.date_switch)
            self.subscription_id.special_termination_until = fields.Date.add(
                begins, days=SPECIAL_TERMINATION_DAYS
            )

    def _answer(self, agreed, ip=False, agent=False):
        """Keep what the customer has answered; it can be answered once.

        :param bool agreed: consent; whoever refuses stays on the old version.
        :raise UserError: when it has been answered before, or is no longer asked.
        """
        self.ensure_one()
        migration = self.sudo()
        migration.lock_for_update()
        if migration.state != "requested":
            raise UserError(self.env._("This question is no longer open."))
        subscription = migration.subscription_id
        values = {
            "date_answered": fields.Datetime.now(),
            "answer_ip": ip,
            "answer_agent": agent and agent[:250],
            "state": "consented" if agreed else "refused",
        }
        if agreed:
            values["date_switch"] = max(
                migration.date_switch,
                subscription._get_next_period_start(subscription._get_today()),
            )
        migration.write(values)
        if agreed:
            migration._offer_special_termination()
            text = self.env._("The customer has agreed to %s.", migration.plan_to_id.display_name)
        else:
            text = self.env._(
                "The customer has refused %(new)s and stays on %(old)s.",
                new=migration.plan_to_id.display_name,
                old=migration.plan_from_id.display_name,
            )
        subscription._message_log(body=text)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends("special_termination_until")
    def _compute_next_termination_date(self):
        return super()._compute_next_termination_date()

    def get_next_termination_date(self, on=None):
        """As the terms say; at once while a special right to terminate lasts (LAW-34)."""
        last = super().get_next_termination_date(on)
        on = fields.Date.to_date(on) or fields.Date.context_today(self)
        until = self.special_termination_until
        return min(last, max(on, self.date_start)) if last and until and on <= until else last


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    def _get_price_text(self, subscription):
        """What the component costs the customer of a subscription: consumers with taxes."""
        is_gross = subscription.customer_kind == "consumer"
        price = self._get_gross_unit(subscription) if is_gross else self.price_unit
        if self.charge_type == "usage":
            text = money_text(self.env, self.currency_id, price)
            return f"{text} / {self.uom_id.name}"
        return format_amount(self.env, price, self.currency_id)

    def _get_gross_unit(self, subscription):
        """The price of one unit with the taxes of the subscription's customer."""
        line = self.env["subscription.line"].new(
            {
                "subscription_id": subscription.id,
                "component_id": self.id,
                "product_id": self.product_id.id,
                "price_unit": self.price_unit,
                "price_includes_tax": self.plan_id.price_includes_tax,
            }
        )
        return line._get_gross_unit()
