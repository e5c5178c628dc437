"""Self-service: terminate, take the termination back, pause and resume."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from .subscription_pause import day_before
from .subscription_self_service import SelfPreview

MAX_TEXT = 500
YEAR = timedelta(days=365)


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    self_pause_days = fields.Integer(
        "Longest Pause",
        default=90,
        help="Days that a pause lasts at most which a customer makes in the portal.",
    )
    self_pause_count = fields.Integer(
        "Pauses a Year",
        default=1,
        help="How many pauses a customer may begin in the portal within 365 days.",
    )
    _self_pause_positive = models.Constraint(
        "CHECK (self_pause_days > 0 AND self_pause_count >= 0)",
        "A pause lasts at least one day, and their number cannot be negative.",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    # Terminate

    def _self_terminate_obstacle(self):
        if self.termination_kind:
            return self.env._("The subscription has been terminated already.")
        if self.date_end and self.date_end <= self._get_today():
            return self.env._("The subscription has ended.")
        return ""

    def _self_terminate_choose(self, values):
        """Reason and words are optional, so that the form itself is the first step."""
        if "step" not in values:
            return None
        reasons = self._get_self_reasons()
        return {
            "reason": self._get_self_record(reasons, values.get("reason")).id,
            "text": (values.get("text") or "").strip()[:MAX_TEXT],
        }

    def _get_self_reasons(self):
        """The reasons among which a customer may choose."""
        default = self.env.ref("subscription_base.close_reason_unpaid", raise_if_not_found=False)
        reasons = self.env["subscription.close.reason"].search([("active", "=", True)])
        return reasons - default if default else reasons

    def _get_self_end(self):
        """The last day if the customer terminates now."""
        last = self.get_next_termination_date(self._get_today())
        automatic = self._get_automatic_end()
        return min(last, automatic) if automatic else last

    def _self_terminate_preview(self, choice):
        facts = []
        if reason := self.env["subscription.close.reason"].browse(choice["reason"]):
            facts.append((self.env._("Reason"), reason.name))
        if choice["text"]:
            facts.append((self.env._("Your message"), choice["text"]))
        if self._filter_unaffirmed():
            facts.insert(0, (self.env._("Your order"), self.env._("is cancelled at once")))
            return SelfPreview(
                day=self._get_today(), facts=facts, hint=self.env._("Nothing is charged.")
            )
        last = self._get_self_end()
        facts.insert(0, (self.env._("Last day"), format_date(self.env, last)))
        invoices = self._get_outlook_with(date_end=last)
        return SelfPreview(
            day=last,
            facts=facts + self._get_end_facts(last, invoices),
            invoices=invoices,
            hint=self.env._("Until then you can use everything as before."),
        )

    def _get_end_facts(self, last, invoices):
        """What the end means in money: credited, still to be invoiced, still to be paid."""
        facts = []
        _billed, credited = self._get_end_outlook(last)
        returned = sum(invoice.total for invoice in invoices if invoice.total < 0)
        if returned and self.customer_kind == "consumer":
            facts.append((self.env._("Credit, taxes included"), self.currency_id.format(-returned)))
        elif credited and self.customer_kind != "consumer":
            amount = self.currency_id.format(float(credited))
            facts.append((self.env._("Credit, without taxes"), amount))
        if not invoices and not self.is_metered:
            facts.append((self.env._("Invoices"), self.env._("no further invoice follows")))
        owed = self._get_portal_open_amount(self._get_portal_moves())
        if owed > 0:
            facts.append((self.env._("Still to pay"), self.currency_id.format(owed)))
        return facts

    def _self_terminate_apply(self, choice):
        """An order that does not bind yet is cancelled: there is nothing to terminate."""
        reason = self.env["subscription.close.reason"].browse(choice["reason"])
        if self._filter_unaffirmed():
            self._void(", ".join(filter(None, (reason.name, choice["text"]))) or None)
            return
        self._terminate(
            date_notice=self._get_today(), reason=reason, description=choice["text"] or None
        )

    # Take the termination back

    def _self_keep_obstacle(self):
        ended = self.date_end and self.date_end < self._get_today()
        if self.termination_kind != "ordinary" or ended:
            return self.env._("There is no termination that could be withdrawn.")
        return ""

    def _self_keep_choose(self, _values):
        return {}

    def _self_keep_preview(self, _choice):
        today, end = self._get_today(), format_date(self.env, self.date_end)
        return SelfPreview(
            day=today,
            introduction=self.env._(
                "You withdraw your termination: the subscription does not end on %s but goes on, "
                "and so does your obligation to pay.",
                end,
            ),
            facts=[
                (self.env._("Falls away"), self.env._("the end on %s", end)),
                (self.env._("Your subscription"), self.env._("goes on as agreed")),
            ],
            is_order=True,
            after=self._get_period_prices(today),
            invoices=self._try_out(
                lambda trial: trial.write({"date_end": trial._get_automatic_end()}),
                look=lambda trial: trial._get_invoice_outlook(),
            ),
        )

    def _self_keep_apply(self, _choice):
        self.action_withdraw_termination()

    # Pause

    def _self_pause_obstacle(self):
        today = self._get_today()
        if self.state not in ("active", "trial"):
            return self.env._("Only what runs can be paused.")
        coming = self.pause_ids.filtered(lambda p: not p.date_end or p.date_end >= today)
        if coming:
            return self.env._("A pause is planned already.")
        begun = self.pause_ids.filtered(
            lambda pause: pause.kind == "pause" and pause.date_start > today - YEAR
        )
        if len(begun) >= self.plan_id.self_pause_count:
            return self.env._("You have used all pauses of this year.")
        return ""

    def _self_pause_choose(self, values):
        if not values.get("date_start") or not values.get("date_end"):
            return None
        try:
            start, end = (fields.Date.to_date(values[name]) for name in ("date_start", "date_end"))
        except ValueError as error:
            raise UserError(self.env._("Please enter dates.")) from error
        self._check_self_pause(start, end)
        return {"date_start": start, "date_end": end}

    def _check_self_pause(self, start, end):
        longest = self.plan_id.self_pause_days
        if start < self._get_today():
            raise ValidationError(self.env._("A pause cannot begin in the past."))
        if end < start:
            raise ValidationError(self.env._("A pause cannot end before it starts."))
        if (end - start).days >= longest:
            raise ValidationError(self.env._("A pause lasts %s days at most.", longest))
        if self.date_end and end > self.date_end:
            raise ValidationError(
                self.env._(
                    "The subscription ends on %s: a pause cannot last longer.",
                    format_date(self.env, self.date_end),
                )
            )

    def _self_pause_preview(self, choice):
        start, end = choice["date_start"], choice["date_end"]
        charged = self.plan_id.is_pause_charged
        days = (end - start).days + 1
        facts = [
            (
                self.env._("Pause"),
                f"{format_date(self.env, start)} - {format_date(self.env, end)}",
            ),
            (self.env._("Length of the pause"), self._get_days_text(days)),
            (
                self.env._("Price meanwhile"),
                self.env._("as before") if charged else self.env._("nothing is charged"),
            ),
        ]
        pause = {"date_start": start, "date_end": end, "is_charged": charged}
        return SelfPreview(
            day=start,
            facts=facts,
            invoices_before=self._get_invoice_outlook(),
            invoices=self._get_outlook_with(pause_ids=[Command.create(pause)]),
        )

    def _get_days_text(self, days):
        return self.env._("1 day") if days == 1 else self.env._("%s days", days)

    def _get_outlook_with(self, **values):
        """The next invoices if the subscription had other values; nothing is written."""
        changed = self.new(origin=self)
        changed.update(values)
        timeline, _ledger = changed._get_billing_inputs()[changed.id]
        return self._get_invoice_outlook(timeline=timeline)

    def _self_pause_apply(self, choice):
        self._pause(choice["date_start"], choice["date_end"], reason=self.env._("By the customer"))

    # Resume

    def _get_self_pause(self):
        """The pause, present or to come, that the customer may end."""
        today = self._get_today()
        return self.pause_ids.filtered(
            lambda pause: pause.kind == "pause" and (not pause.date_end or pause.date_end >= today)
        ).sorted("date_start")[:1]

    def _self_resume_obstacle(self):
        if self.state == "suspended" or not self._get_self_pause():
            return self.env._("Nothing is paused.")
        return ""

    def _self_resume_choose(self, _values):
        return {}

    def _self_resume_preview(self, _choice):
        today, pause = self._get_today(), self._get_self_pause()
        begun = pause.date_start < today
        kept = Command.update(pause.id, {"date_end": day_before(today)})
        command = kept if begun else Command.delete(pause.id)
        prices, is_free = self._get_period_prices(today), self._is_resting_free()
        return SelfPreview(
            day=today,
            facts=[
                (
                    self.env._("Your subscription"),
                    self.env._("goes on from %s", format_date(self.env, today))
                    if pause.date_start <= today
                    else self.env._("is not paused"),
                )
            ],
            is_order=True,
            now=self.env._("nothing is charged") if is_free else "",
            before=() if is_free else prices,
            after=prices,
            invoices_before=self._get_invoice_outlook(),
            invoices=self._get_outlook_with(pause_ids=[command]),
        )

    def _self_resume_apply(self, _choice):
        self._resume(max(self._get_today(), self._get_self_pause().date_start))
