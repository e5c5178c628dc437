"""Components that allow, interrupt or end the service: see docs/charge-types.md (SM-23 to 25)."""

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL

from .subscription_billing_steps import CREATE_BATCH
from .subscription_subscription import RUNNING_STATES

SERVED = ("trial", "active")


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    #: What is charged for by the suite itself has no say, and is nearly all there is.
    _service_idx = models.Index(
        "(charge_type, subscription_id) "
        "WHERE charge_type NOT IN ('recurring', 'setup', 'one_time', 'usage')"
    )

    def _get_service_types(self):
        """The charge types that have a say about the service.

        :rtype: list[str]
        """
        types = self.env["subscription.plan.component"]._fields["charge_type"].get_values(self.env)
        return [
            charge_type
            for charge_type in types
            if hasattr(self, f"_allows_service_{charge_type}")
            or hasattr(self, f"_interrupts_service_{charge_type}")
        ]

    def _get_rule_text(self):
        """How the line's charge type is named where it has ended or interrupted the service."""
        self.ensure_one()
        labels = dict(self._fields["charge_type"]._description_selection(self.env))
        return self.env._(
            "%(charge_type)s (%(line)s)", charge_type=labels[self.charge_type], line=self.name
        )


class SubscriptionPause(models.Model):
    _inherit = "subscription.pause"

    cause = fields.Selection(
        [("person", "A person"), ("component", "A component")],
        "Caused by",
        default="person",
        required=True,
        readonly=True,
        help="A suspension that a component has caused is lifted by it as well.",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    end_rule = fields.Char(
        "Ended by", readonly=True, copy=False, help="The rule by which the end came by itself."
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"end_rule"}

    def action_start(self):
        """The contract term is that of the lines which it starts with."""
        result = super().action_start()
        self.env.add_to_compute(self._fields["date_term_end"], self)
        return result

    def _get_service_lines(self, day):
        self.ensure_one()
        return self.line_ids.filtered(lambda line: line._is_current(day))

    def _get_waiting_reason(self, today):
        """The service also waits until all components allow it."""
        reason = super()._get_waiting_reason(today)
        if reason or self.state not in ("draft", "pending"):
            return reason
        answers = [
            line._ask_charge_type("allows_service", today)
            for line in self._get_service_lines(today)
        ]
        return "component" if any(answer is False for answer in answers) else False

    def _get_interruption(self, today):
        """Why the components interrupt the service.

        :return: the reason that the first of them gives, or ``None``.
        """
        self.ensure_one()
        for line in self._get_service_lines(today):
            if reason := line._ask_charge_type("interrupts_service", today):
                return f"{line._get_rule_text()}: {reason}"
        return None

    def _follow_components(self):
        """Let the service begin, rest or go on as its components say today.

        Billing asks once a day; a charge type whose answer changes meanwhile calls this itself.
        """
        self.filtered(lambda s: s.waiting_for == "component")._release()
        for subscription in self.with_user(SUPERUSER_ID):
            today = subscription._get_today()
            pause = subscription._get_pause(today)
            if subscription.state in SERVED:
                if reason := subscription._get_interruption(today):
                    subscription._pause(today, kind="suspension", reason=reason).cause = "component"
            elif pause.cause == "component" and not subscription._get_interruption(today):
                subscription._resume(today)

    def _set_end(self, on, reason=None):
        """What a person decides is no rule any more."""
        result = super()._set_end(on, reason)
        self.filtered("end_rule").sudo().end_rule = False
        return result

    def action_withdraw_termination(self):
        result = super().action_withdraw_termination()
        self.filtered("end_rule").sudo().end_rule = False
        return result

    def _end_by_rule(self, on, rule):
        """Let the subscription end because a rule says so, not a person.

        :param date on: the last day.
        :param str rule: what is recorded, together with the system as the one who acts.
        """
        self.ensure_one()
        subscription = self._by_rule(rule)
        subscription.sudo().write({"date_end": on, "end_rule": rule})
        subscription._log_event("end_set", description=subscription.env._("Rule: %s", rule))

    def _log_event(self, event_type, recurring=False, description=False, effective=None):
        """The system closes what a rule has ended, whoever has started the billing run."""
        ruled = self.filtered("end_rule") if event_type == "closed" else self.browse()
        for subscription in ruled:
            ended = subscription._by_rule(subscription.end_rule)
            text = ended.env._("Rule: %s", subscription.end_rule)
            super(SubscriptionSubscription, ended)._log_event(
                event_type, recurring, text, effective
            )
        others = self - ruled
        return super(SubscriptionSubscription, others)._log_event(
            event_type, recurring, description, effective
        )

    def get_next_termination_date(self, on=None):
        """Nor earlier than the charge types of the lines allow."""
        last = super().get_next_termination_date(on)
        on = fields.Date.to_date(on) or fields.Date.context_today(self)
        own = self._get_charge_type_termination_date(on)
        return max(filter(None, (last, own)), default=False)

    def _get_date_term_end(self, on):
        """The contract term lasts as long as the term of a charge type that is not over."""
        last = super()._get_date_term_end(on)
        days = [line._ask_charge_type("term_end", on) for line in self.line_ids]
        return max((day for day in (last, *days) if day and day >= on), default=last)


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        """Also ask the components, where there are any that have a say."""
        steps = super()._get_steps()
        if not self.env["subscription.line"]._get_service_types():
            return steps
        before = steps.index("follow")
        return [*steps[:before], "components", *steps[before:]]

    def _claim_components(self, asked):
        """Lock subscriptions whose components may allow or interrupt the service."""
        query = SQL(
            """SELECT id FROM subscription_subscription subscription
                WHERE company_id = %s AND active AND state IN %s AND NOT id = ANY(%s)
                  AND id IN (SELECT line.subscription_id FROM subscription_line line
                              WHERE line.charge_type IN %s)
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            RUNNING_STATES,
            list(asked),
            tuple(self.env["subscription.line"]._get_service_types()),
            CREATE_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _do_components(self, subscriptions):
        """Each subscription is asked once in a run.

        :return: all of them, so that the step does not take them again.
        """
        self._isolate(subscriptions, lambda batch: batch._follow_components())
        return subscriptions
