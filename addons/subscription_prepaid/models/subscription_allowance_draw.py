"""Usage draws on packs: what billing is told is covered, and what the packs have left."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from odoo import api, fields, models

from odoo.addons.subscription_base.billing.beyond_included import beyond_included
from odoo.addons.subscription_base.billing.metering import MeteredUsage
from odoo.addons.subscription_base.models.price_text import quantity_text

from ..prepaid import CoveredUsage, Demand, DrawDown


@dataclass(frozen=True)
class DayDraw:
    """What a line has drawn on a day.

    :param line: ``subscription.line`` record.
    :param units: negative for what was given back.
    """

    day: date
    line: models.Model
    units: float


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    allowance_ids = fields.One2many("subscription.allowance", "subscription_id", "Packs")
    has_packs = fields.Boolean(compute="_compute_has_packs", compute_sudo=True)

    @api.depends(
        "allowance_ids.units", "allowance_ids.date_start", "allowance_ids.date_end",
        "allowance_ids.priority", "allowance_ids.rollover", "allowance_ids.rollover_maximum",
        "allowance_ids.rollover_times",
    )  # fmt: skip
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()

    @api.depends("is_metered")
    def _compute_has_packs(self):
        """Whether there is a pack that could be sold on the subscription."""
        for subscription in self:
            subscription.has_packs = subscription.is_metered and bool(
                subscription._get_packs_to_sell()
            )

    def _get_timeline(self, usage):
        """The timeline; of real usage it tells what packs cover. Without packs nothing changes."""
        timeline = super()._get_timeline(usage)
        if not isinstance(usage, MeteredUsage):
            return timeline
        allowances = self.sudo()._origin.allowance_ids
        packs = [pack for allowance in allowances if (pack := allowance._get_pack())]
        if not packs:
            return timeline
        demands = partial(self._get_demands, timeline, packs)
        return replace(timeline, usage=CoveredUsage(usage, packs, demands))

    @staticmethod
    def _get_demands(timeline, packs):
        """What the lines that have packs use beyond what they include, day by day.

        :rtype: list[Demand]
        """
        keys = frozenset().union(*(pack.lines for pack in packs))
        first = min(pack.effective for pack in packs)
        demands = [
            Demand(line.key, day, units)
            for line in timeline.lines
            if line.key in keys
            for day, units in beyond_included(
                timeline, line, timeline.usage.days(line.key), after=first
            )
        ]
        return sorted(demands, key=lambda demand: demand.day)

    def _get_draw_down(self, usage=None):
        """How the packs are today, and what was drawn on them.

        :param usage: what the lines of many subscriptions have counted, if it was read before.
        :rtype: DrawDown
        """
        self.ensure_one()
        if not self.sudo().allowance_ids:
            return DrawDown((), {})
        timeline = self._get_timeline(usage or self.line_ids._read_usage())
        if not isinstance(timeline.usage, CoveredUsage):
            return DrawDown((), {})
        return timeline.usage.draw_down(self._get_today())

    def _get_draws(self):
        """What was drawn from each pack, day by day, the latest first.

        :return: ``{allowance id: [DayDraw, ...]}``
        """
        sums = defaultdict(float)
        for draw in self._get_draw_down().draws:
            sums[draw.pack, draw.day, draw.line] += float(draw.units)
        lines, draws = self.line_ids, defaultdict(list)
        for (pack, day, line), units in sorted(sums.items(), key=lambda row: row[0], reverse=True):
            if units:
                draws[pack].append(DayDraw(day, lines.browse(line), units))
        return draws


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    allowance_ids = fields.One2many("subscription.allowance", "line_id", "Units")

    def _prepare_usage_answer(self, status):
        return super()._prepare_usage_answer(status) | {"covered": f"{status.covered:f}"}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._bring_units()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if {"product_id", "charge_type"} & vals.keys():
            self._bring_units()
        return result

    def _bring_units(self):
        """Let lines that sell packs bring their units."""
        once = self.filtered(lambda line: line.charge_type == "one_time")
        packs = self.env["subscription.allowance.pack"]._get_for(once) if once else {}
        vals_list = []
        for line in self.sudo():
            pack = packs.get((line.product_id, line.company_id)) if line in once else None
            if line.allowance_ids and line.allowance_ids.pack_id != pack:
                line.allowance_ids.unlink()
            if pack and not line.allowance_ids:
                vals_list.append(pack._prepare_allowance_values(line))
        self.env["subscription.allowance"].sudo().create(vals_list)


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _explain_quantity(self):
        """What packs have covered is not among what is charged."""
        line = self.line_id
        if not self.measured or not 0 <= self.quantity < self.usage_quantity:
            return super()._explain_quantity()
        if not any(one._covers(line) for one in self.subscription_id.sudo().allowance_ids):
            return super()._explain_quantity()
        return self.env._(
            "%(quantity)s of %(used)s units used; the rest is included or covered by packs",
            quantity=quantity_text(self.env, self.quantity),
            used=quantity_text(self.env, self.usage_quantity),
        )
