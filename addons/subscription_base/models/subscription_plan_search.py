"""Finding plans by what a user types: amounts and ranges, days, words of computed columns."""

import operator as comparison

from odoo import fields, models
from odoo.fields import Domain

from .search_text import any_text, day_domain, number_domain

COMPARISONS = {
    "in": lambda count, values: count in values,
    "<": comparison.lt,
    "<=": comparison.le,
    ">": comparison.gt,
    ">=": comparison.ge,
}


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    frequency = fields.Char(search="_search_frequency")
    trial_text = fields.Char(search="_search_trial_text")
    notice_text = fields.Char(search="_search_notice_text")
    terms_text = fields.Char(search="_search_terms_text")
    subscription_count = fields.Integer(search="_search_subscription_count")
    price_range = fields.Char(
        "Amount",
        compute="_compute_search_texts",
        search="_search_price_range",
        help="An amount such as 30, or a range such as 20-40.",
    )
    quantity_range = fields.Char(
        "Default Quantity",
        compute="_compute_search_texts",
        search="_search_quantity_range",
        help="A quantity such as 5, or a range such as 2-10.",
    )
    created_range = fields.Char(
        "Created",
        compute="_compute_search_texts",
        search="_search_created_range",
        help="A day, or two days with a dash between them.",
    )

    def _compute_search_texts(self):
        """The fields are only there to be searched."""
        self.price_range = self.quantity_range = self.created_range = False

    def _search_price_range(self, operator, value):
        return any_text(operator, value, lambda text: number_domain(self.env, "price", text))

    def _search_quantity_range(self, operator, value):
        field = "main_component_id.default_quantity"
        return any_text(operator, value, lambda text: number_domain(self.env, field, text))

    def _search_created_range(self, operator, value):
        return any_text(operator, value, lambda text: day_domain(self.env, "create_date", text))

    def _search_frequency(self, operator, value):
        return any_text(operator, value, lambda text: self._find_by_words("frequency", text))

    def _search_trial_text(self, operator, value):
        return any_text(operator, value, lambda text: self._find_by_words("trial_text", text))

    def _search_notice_text(self, operator, value):
        return any_text(operator, value, lambda text: self._find_by_words("notice_text", text))

    def _search_terms_text(self, operator, value):
        return any_text(operator, value, lambda text: self._find_by_words("terms_text", text))

    def _search_all(self):
        """The plans of the user's companies, whatever their state."""
        return self.search([("company_id", "in", self.env.companies.ids)])

    def _find_by_words(self, name, text):
        """The plans whose computed text has ``text`` in it; there are not many plans."""
        words = text.casefold()
        found = self._search_all().filtered(lambda plan: words in (plan[name] or "").casefold())
        return Domain("id", "in", found.ids)

    def _search_subscription_count(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        found = self._search_all().filtered(
            lambda plan: COMPARISONS[operator](plan.subscription_count, value)
        )
        return Domain("id", "in", found.ids)
