"""Changes on the timeline: a line ends, another goes on; options come and go.

Whether the rest of the period is credited at the old terms and charged at the new ones is decided
when the change is entered. It is kept in the charged dates of the lines, so billing needs no rule.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .price_text import quantity_text
from .subscription_recurring import SILENT

CHARGE_REST = [
    ("prorated", "Charge the rest of the period"),
    ("full", "Charge a full period"),
    ("none", "Free until the next period"),
]
_DAY = timedelta(days=1)


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    change_credit = fields.Boolean(
        "Credit the Rest",
        default=True,
        help="A change within a period credits what was charged for the rest of it at the old "
        "terms. Can be decided otherwise for each change.",
    )
    change_charge = fields.Selection(
        CHARGE_REST,
        "New Terms",
        default="prorated",
        required=True,
        help="What a change within a period charges for the rest of it at the new terms. Can be "
        "decided otherwise for each change.",
    )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _change(self, on, credit=True, charge="prorated", **vals):
        """Let other terms apply from a day on: the line ends, a new one goes on.

        :param date on: first day of the new terms; in the past, the difference is billed next.
        :param bool credit: give back what was charged for the rest of the period at the old terms.
        :param str charge: what the rest of the period costs at the new terms: ``prorated``,
            ``full`` or ``none``.
        :param vals: values of the new line that differ, such as ``quantity`` or ``price_unit``.
        :return: the new line.
        :raise UserError: when the line does not run on that day.
        """
        self.ensure_one()
        on = fields.Date.to_date(on)
        self._check_runs(on)
        event_type = self._get_change_type(vals) or "changed"
        goes_on = charge == "prorated" and credit
        terms = self._get_pricing_fields() | {"product_id", "component_id"}
        same_price = terms.isdisjoint(vals)
        silent = self.with_context(**{SILENT: True})
        new = silent.copy(
            {
                "subscription_id": self.subscription_id.id,
                "date_start": on,
                "date_end": self.date_end,
                "date_origin": goes_on and same_price and (self.date_origin or self.date_start),
                "date_anchor": self.date_anchor,
                "billed_from": self._get_billed_from(on, charge),
                "previous_line_id": self.id,
                "change_type": event_type,
                **self._prepare_change(on, vals),
                **vals,
            }
        ).with_env(self.env)
        silent._end(on, credit)
        text = self._describe_change(new, vals)
        self.subscription_id._log_change(event_type, on, text)
        return new

    def _end(self, on, credit=True):
        """Let the lines end.

        :param date on: first day without them.
        :param bool credit: give back what was charged for the rest of the period.
        """
        on = fields.Date.to_date(on)
        for line in self:
            line._check_runs(on)
            kept = False if credit else line._get_last_charged_day(on)
            silent = line.with_context(**{SILENT: True})
            silent.write({"date_end": on - _DAY, "billed_until": kept})
            line.subscription_id._log_change(
                "option_removed", on, self.env._("%s removed", line.name)
            )

    def _check_runs(self, on):
        if on < self.date_start or (self.date_end and on > self.date_end + _DAY):
            raise UserError(
                self.env._(
                    "%(line)s does not run on %(day)s.",
                    line=self.name,
                    day=format_date(self.env, on),
                )
            )
        lock = self.company_id._get_user_fiscal_lock_date(self.env["account.journal"])
        if on <= lock:
            raise UserError(
                self.env._(
                    "The books are closed up to %(lock)s, so nothing can be changed from "
                    "%(day)s on. Choose a later day.",
                    lock=format_date(self.env, lock),
                    day=format_date(self.env, on),
                )
            )

    def _get_full_period(self, on):
        """The billing period of the line that contains a day.

        :rtype: ~odoo.addons.subscription_base.billing.Period
        """
        self.ensure_one()
        timeline = self.subscription_id._get_timeline(self._read_usage())
        return timeline.grid(self._get_timeline_line()).containing(on)

    def _get_last_charged_day(self, on):
        """The last day that is charged for where a line ends within a period without a credit."""
        period = self._get_full_period(on)
        if self.charge_type != "recurring" or period.start == on:
            return self.billed_until
        return min(filter(None, (period.last_day, self.billed_until or self.date_end)))

    def _get_billed_from(self, on, charge):
        """The first charged day of a line that begins within a period."""
        if charge == "prorated" or self.charge_type != "recurring":
            return False
        period = self._get_full_period(on)
        if period.start == on:
            return False
        return period.start if charge == "full" else period.end

    def _describe_change(self, new, vals):
        """What has changed, for people."""
        labels = self.fields_get(list(vals), ["string"])
        changes = []
        for name in labels:
            if self[name] != new[name]:
                before, after = (line._describe_value(name) for line in (self, new))
                changes.append(f"{labels[name]['string']} {before} \N{RIGHTWARDS ARROW} {after}")
        return f"{self.name}: {', '.join(changes)}" if changes else self.name

    def _describe_value(self, name):
        field, value = self._fields[name], self[name]
        if name == "price_unit":
            return self.currency_id.format(value)
        if name == "tier_ids":
            return self.price_text
        if field.type == "float":
            return quantity_text(self.env, value)
        return field.convert_to_display_name(value, self) or "\N{EN DASH}"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _add_option(self, component, on, charge="prorated", **vals):
        """Let an add-on of the plan run from a day on.

        :param component: a ``subscription.plan.component``.
        :param date on: first day of the add-on.
        :param str charge: what the rest of the period costs; see :meth:`_change` of the line.
        :param vals: values of the line that differ from the component's, such as ``quantity``.
        :return: the new line.
        """
        self.ensure_one()
        on = fields.Date.to_date(on)
        main = self._get_main_line(on)
        silent = self.with_context(**{SILENT: True})
        line = silent.line_ids.create(
            {
                **component._prepare_subscription_line_values(),
                "price_unit": component._get_price(self.currency_id, on),
                "subscription_id": self.id,
                "sequence": max(self.line_ids.mapped("sequence"), default=0) + 1,
                "date_start": max(on, self.date_start),
                "date_anchor": main._is_billed_alike(component) and main.date_anchor,
                "change_type": "option_added",
                **vals,
            }
        ).with_env(self.env)
        line.billed_from = line._get_billed_from(line.date_start, charge)
        self._log_change("option_added", line.date_start, self.env._("%s added", line.name))
        return line

    def _log_change(self, event_type, on, text):
        """Record a change where people and reports look for it."""
        if self.env.context.get(SILENT):
            return
        for subscription in self:
            when = self.env._("from %s", format_date(self.env, on))
            subscription._log_event(
                event_type,
                recurring=subscription.state != "draft",
                description=f"{text}, {when}",
                effective=on,
            )
            subscription._message_log(body=f"{text}, {when}")
