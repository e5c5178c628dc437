"""What was agreed with one customer and differs from the plan: seen, found and listed (PA-09)."""

from odoo import api, fields, models
from odoo.tools import format_amount

from .sale_individual_terms import TERMS
from .subscription_terms_mixin import TERM_FIELDS

#: What is not a matter of agreement, and what is told by the terms below.
NOT_COMPARED = {
    "trial_reminder", "trial_reminder_days", "renewal_reminder", "renewal_reminder_days",
    "trial_length", "trial_unit",
}  # fmt: skip
COMPARED = tuple(name for name in TERM_FIELDS if name not in NOT_COMPARED)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    is_individual = fields.Boolean(
        "Individual Agreement",
        compute="_compute_is_individual",
        store=True,
        help="Price or terms differ from those of the plan.",
    )
    individual_text = fields.Text("Differs from the Plan", compute="_compute_individual_text")

    @api.depends(
        "plan_id", "line_ids.component_id", "line_ids.price_unit", "line_ids.discount",
        "line_ids.date_end", *COMPARED,
    )  # fmt: skip
    def _compute_is_individual(self):
        for subscription in self:
            subscription.is_individual = bool(
                subscription._get_individual_lines() or subscription._get_individual_terms()
            )

    def _get_individual_lines(self):
        """The lines that run, or are to come, at another price than their plan's."""
        today = fields.Date.context_today(self)
        return self.line_ids.filtered(
            lambda line: (
                line.component_id
                and (not line.date_end or line.date_end >= max(today, line.date_start))
                and line._has_individual_price()
            )
        )

    def _get_individual_terms(self):
        """Names of the terms that differ from the plan's.

        :rtype: list[str]
        """
        plan = self.plan_id
        return [
            name
            for name in COMPARED
            if plan
            and self[name] != plan[name]
            and not (name.endswith("_unit") and not self[f"{name[:-5]}_length"])
        ]

    @api.depends("is_individual", "line_ids.price_unit", "line_ids.discount", *COMPARED)
    @api.depends_context("lang")
    def _compute_individual_text(self):
        for subscription in self:
            texts = [line._get_individual_text() for line in subscription._get_individual_lines()]
            texts += subscription._get_individual_term_texts()
            subscription.individual_text = "\n".join(texts) or False

    def _get_individual_term_texts(self):
        """The terms that differ from the plan's, in words."""
        differing, plan, texts = self._get_individual_terms(), self.plan_id, []
        labels = self.fields_get([*differing, *(f"{term}_length" for term in TERMS)], ["string"])
        durations = {f"{term}_{part}": term for term in TERMS for part in ("length", "unit")}
        for term in dict.fromkeys(durations[name] for name in differing if name in durations):
            texts.append(
                self.env._(
                    "%(term)s: %(own)s instead of %(usual)s",
                    term=labels[f"{term}_length"]["string"],
                    own=self._get_duration_text(term) or self.env._("none"),
                    usual=plan.with_env(self.env)._get_duration_text(term) or self.env._("none"),
                )
            )
        for name in differing:
            if name not in durations:
                field = self._fields[name]
                texts.append(
                    self.env._(
                        "%(term)s: %(own)s instead of %(usual)s",
                        term=labels[name]["string"],
                        own=field.convert_to_display_name(self[name], self),
                        usual=field.convert_to_display_name(plan[name], self),
                    )
                )
        return texts


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_individual_text(self):
        """In what the price of the line differs from its plan's, for people."""
        listed = self.component_id._get_price(self.currency_id, self.date_start)
        own, usual = (
            format_amount(self.env, price, self.currency_id) for price in (self.price_unit, listed)
        )
        values = {"line": self.name, "own": own, "usual": usual, "discount": self.discount}
        if self.price_unit == listed:
            return self.env._("%(line)s: %(discount)g %% discount", **values)
        if self.discount:
            return self.env._(
                "%(line)s: %(own)s instead of %(usual)s, less %(discount)g %%", **values
            )
        return self.env._("%(line)s: %(own)s instead of %(usual)s", **values)
