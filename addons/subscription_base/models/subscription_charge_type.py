"""Charge types: what makes a charge arise, when, and what becomes of it when things change.

A charge type is an entry of ``charge_type`` and methods of ``subscription.line`` named after it;
see ``docs/charge-types.md``. The built-in types use the same methods.
"""

from dataclasses import replace

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..billing import charge_types as core

#: What a charge type has to answer, as ``_<name>_<charge type>``.
MANDATORY = ("rate", "abort", "pause", "change_price", "change_back_dated")
NOT_RECURRING = frozenset({"setup", "one_time", "usage"})


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    def init(self):
        """Refuse to install a charge type that does not answer what it has to."""
        result = super().init()
        self._check_charge_types()
        return result

    def _register_hook(self):
        result = super()._register_hook()
        self._check_charge_types()
        return result

    def _check_charge_types(self):
        """:raise NotImplementedError: when a charge type lacks a mandatory method."""
        lines = self.env["subscription.line"]
        missing = [
            f"_{name}_{charge_type}"
            for charge_type in self._fields["charge_type"].get_values(self.env)
            for name in MANDATORY
            if not callable(getattr(lines, f"_{name}_{charge_type}", None))
        ]
        if missing:
            raise NotImplementedError(
                f"These methods of charge types are missing in subscription.line: "
                f"{', '.join(missing)}. See docs/charge-types.md."
            )

    def _recurs(self):
        """Whether the component is charged again and again, so that a plan may rest on it."""
        self.ensure_one()
        return self.charge_type not in NOT_RECURRING


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_timeline_line(self):
        return replace(
            super()._get_timeline_line(),
            provider=self._rate,
            lead=self.subscription_id.invoice_lead_days,
        )

    def _ask_charge_type(self, name, *args):
        """The answer of the line's charge type: the result of ``_<name>_<charge type>(*args)``.

        :return: ``None`` when the type does not have the method.
        """
        self.ensure_one()
        method = getattr(self, f"_{name}_{self.charge_type}", None)
        return method and method(*args)

    def _rate(self, timeline, line, after=None):
        """The charges of the line as they fall due: what the billing core asks for.

        :rtype: ~collections.abc.Iterator[~odoo.addons.subscription_base.billing.Charge]
        """
        charges = self._ask_charge_type("rate", timeline, line, after)
        if timeline.pauses:
            charges = self._ask_charge_type("pause", timeline, line, charges)
        if timeline.end is not None or line.end is not None:
            charges = self._ask_charge_type("abort", timeline, line, charges)
        return charges

    def _prepare_change(self, on, vals):
        """Values of the line that goes on from a day on at other terms.

        :param date on: first day of the other terms.
        :param dict vals: what is to change.
        """
        self.ensure_one()
        charged_until = max(self.sudo().charge_ids.mapped("period_end"), default=None)
        is_back_dated = charged_until is not None and on <= charged_until
        name = "change_back_dated" if is_back_dated else "change_price"
        return self._ask_charge_type(name, on, vals)

    # ------------------------------------------------------------------ recurring
    def _rate_recurring(self, timeline, line, after):
        return core.recurring(timeline, line, after)

    def _abort_recurring(self, timeline, line, charges):
        """The core charges the days before the end, as partial periods cost."""
        return charges

    def _pause_recurring(self, timeline, line, charges):
        """The core leaves out the days of a pause."""
        return charges

    def _change_price_recurring(self, on, vals):
        return {}

    def _change_back_dated_recurring(self, on, vals):
        """Billing credits the days at the old price and charges them at the new one."""
        return {}

    # ------------------------------------------------------------------ set-up fee and one-time
    def _rate_setup(self, timeline, line, after):
        return core.once(timeline, line, after)

    def _abort_setup(self, timeline, line, charges):
        """What was set up is not given back."""
        return charges

    def _pause_setup(self, timeline, line, charges):
        return charges

    def _change_price_setup(self, on, vals):
        """A price that applies from a later day on comes too late for a fee that falls due once."""
        if on > self.date_start:
            raise UserError(
                self.env._(
                    "%(line)s is charged once, on %(day)s. Let the change apply from that day on: "
                    "billing works out the difference.",
                    line=self.name,
                    day=format_date(self.env, self.date_start),
                )
            )
        return {}

    def _change_back_dated_setup(self, on, vals):
        return self._change_price_setup(on, vals)

    _rate_one_time = _rate_setup
    _abort_one_time = _abort_setup
    _pause_one_time = _pause_setup
    _change_price_one_time = _change_price_setup
    _change_back_dated_one_time = _change_back_dated_setup

    # ------------------------------------------------------------------ usage
    def _rate_usage(self, timeline, line, after):
        return core.usage(timeline, line, after)

    def _abort_usage(self, timeline, line, charges):
        """What was used before the end is charged; nothing is used after it."""
        return charges

    def _pause_usage(self, timeline, line, charges):
        """What is used is charged, in a pause too."""
        return charges

    def _change_price_usage(self, on, vals):
        return {}

    def _change_back_dated_usage(self, on, vals):
        """What was used from the day on is credited at the old price and charged at the new one."""
        return {}
