"""The dates that the terms make, for the timeline on the forms (RE-102)."""

from odoo import api, fields, models
from odoo.tools import format_date

from ..billing import MilestoneKind
from .subscription_terms_mixin import TERM_FIELDS


class SubscriptionTermsMixin(models.AbstractModel):
    _inherit = "subscription.terms.mixin"

    terms_timeline = fields.Json(compute="_compute_terms_timeline")

    def _get_terms_start(self):
        """The day from which the timeline is shown."""
        return fields.Date.context_today(self)

    @api.depends(*TERM_FIELDS, "customer_kind")
    @api.depends_context("lang")
    def _compute_terms_timeline(self):
        for record in self:
            terms = record._get_terms_plan() and record._get_terms(record._get_terms_start())
            record.terms_timeline = record._get_timeline_items(terms) if terms else []

    def _get_timeline_items(self, terms):
        """The milestones for the timeline widget.

        :return: dicts with ``kind``, ``label``, ``day`` (ISO), ``date`` (for reading) and
            ``is_past``; the last one may have no day: how it goes on.
        """
        today = fields.Date.context_today(self)
        items = []
        for milestone in terms.milestones():
            kind, day = milestone.kind, milestone.day
            if kind not in (MilestoneKind.START, MilestoneKind.NOTICE_DEADLINE):
                day = fields.Date.subtract(day, days=1)
            items.append(
                {
                    "kind": kind.value,
                    "label": self._get_milestone_label(kind),
                    "day": fields.Date.to_string(day),
                    "date": format_date(self.env, day),
                    "is_past": day < today,
                }
            )
        if not terms.end:
            label = (
                self.env._("and so on, until terminated")
                if terms.renewal
                else self.env._("open-ended, until terminated")
            )
            items.append({"kind": "open", "label": label, "is_past": False})
        return items

    def _get_milestone_label(self, kind):
        match kind:
            case MilestoneKind.START:
                return self.env._("Start")
            case MilestoneKind.TRIAL_END:
                return self.env._("Last day of the trial")
            case MilestoneKind.MINIMUM_END:
                return self.env._("Minimum term ends")
            case MilestoneKind.NOTICE_DEADLINE:
                return self.env._("Last day for notice")
            case MilestoneKind.TERM_END if self.term_type == "cycles":
                return self.env._("Ends after %s cycles", self.fixed_cycles)
            case MilestoneKind.TERM_END if self.term_type == "fixed_term":
                return self.env._("Ends with the contract term")
            case MilestoneKind.TERM_END:
                return self.env._("Contract term ends")
            case _:
                return self.env._("Renewal ends")
