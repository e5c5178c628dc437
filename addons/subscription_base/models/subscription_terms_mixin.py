"""Terms as fields: what a plan proposes, and what has been agreed for a subscription."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import Duration, Effect, NoticeStart, PartialPeriod, Terms, TermType, Unit, trial_end
from ..billing.consumer_law import Limit, exceeded_limits, within_limits

UNITS = [
    (Unit.DAY.value, "Days"),
    (Unit.WEEK.value, "Weeks"),
    (Unit.MONTH.value, "Months"),
    (Unit.PERIOD.value, "Billing periods"),
]
TERM_FIELDS = (
    "term_type", "fixed_cycles", "initial_term_length", "initial_term_unit",
    "renewal_term_length", "renewal_term_unit", "minimum_term_length", "minimum_term_unit",
    "full_last_period", "notice_length", "notice_unit", "notice_start", "termination_effect",
    "trial_length", "trial_unit", "trial_reminder", "trial_reminder_days", "renewal_reminder",
    "renewal_reminder_days",
)  # fmt: skip
LENGTHS = (
    "fixed_cycles", "initial_term_length", "renewal_term_length", "minimum_term_length",
    "notice_length", "trial_length", "trial_reminder_days", "renewal_reminder_days",
)  # fmt: skip


class SubscriptionTermsMixin(models.AbstractModel):
    _name = "subscription.terms.mixin"
    _description = "Subscription Terms"

    term_type = fields.Selection(
        [
            (TermType.RENEWING.value, "Renews until terminated"),
            (TermType.CYCLES.value, "Ends after a number of billing cycles"),
            (TermType.FIXED_TERM.value, "Ends with the contract term"),
        ],
        "Duration",
        required=True,
        tracking=True,
    )
    fixed_cycles = fields.Integer(
        "Billing Cycles",
        tracking=True,
        help="After how many billing cycles the subscription ends by itself. The part of a period "
        "before the first billing date counts when an invoice states it.",
    )
    initial_term_length = fields.Integer(
        "Contract Term",
        tracking=True,
        help="How long the customer is bound at first. 0 for not at all.",
    )
    initial_term_unit = fields.Selection(UNITS, "Unit of the Contract Term", tracking=True)
    renewal_term_length = fields.Integer(
        "Renewal Term",
        tracking=True,
        help="By how much the contract term is prolonged when nobody terminates. 0 for open-ended: "
        "it can then be terminated at any time.",
    )
    renewal_term_unit = fields.Selection(UNITS, "Unit of the Renewal Term", tracking=True)
    minimum_term_length = fields.Integer(
        "Minimum Term",
        tracking=True,
        help="What the customer pays for at least, even when cancelling earlier.",
    )
    minimum_term_unit = fields.Selection(UNITS, "Unit of the Minimum Term", tracking=True)
    full_last_period = fields.Boolean(
        "End with a Full Billing Period",
        tracking=True,
        help="Contract term and minimum term last until the end of the billing period in which "
        "they end. Otherwise the last period is a part of one.",
    )
    notice_length = fields.Integer(
        "Notice",
        tracking=True,
        help="How long the subscription runs, and is billed, once the customer has given notice.",
    )
    notice_unit = fields.Selection(UNITS, "Unit of the Notice", tracking=True)
    notice_start = fields.Selection(
        [
            (NoticeStart.NOTICE.value, "From the day of notice"),
            (NoticeStart.PERIOD_END.value, "After the current billing period"),
        ],
        "Notice Is Counted",
        required=True,
        tracking=True,
    )
    termination_effect = fields.Selection(
        [
            (Effect.BILLED.value, "Not before what has been billed in advance is over"),
            (Effect.PERIOD_END.value, "At the end of the billing period"),
            (Effect.ANY_DAY.value, "On any day; what has been billed beyond is credited"),
        ],
        "Terminations Take Effect",
        required=True,
        tracking=True,
        help="When a termination takes effect once notice is over and no contract term binds.",
    )
    trial_length = fields.Integer("Trial", tracking=True, help="Free of charge. 0 for no trial.")
    trial_unit = fields.Selection(
        [(Unit.DAY.value, "Days"), (Unit.MONTH.value, "Months")], "Unit of the Trial", tracking=True
    )
    trial_reminder = fields.Boolean("Remind of the End of the Trial", tracking=True)
    trial_reminder_days = fields.Integer(
        "Days Before the End of the Trial",
        tracking=True,
        help="0 for the day on which the paid time begins.",
    )
    renewal_reminder = fields.Boolean(
        "Remind of Renewals",
        tracking=True,
        help="Of the renewal of the contract term; without one, of every new billing period.",
    )
    renewal_reminder_days = fields.Integer(
        "Days Before the Renewal", tracking=True, help="0 for the day of the renewal."
    )
    terms_text = fields.Char("Terms", compute="_compute_terms_text")
    trial_text = fields.Char("Trial in Words", compute="_compute_terms_text")
    notice_text = fields.Char("Notice in Words", compute="_compute_terms_text")
    terms_warning = fields.Char(compute="_compute_terms_warning")

    def _get_terms_plan(self):
        """The plan whose schedule the terms are counted by."""
        raise NotImplementedError  # a plan is its own, a contract has one: each model says which

    def _get_date_concluded(self):
        """The day of the contract; ``False`` for one that is still to be concluded."""
        return False

    def _get_duration(self, name):
        """The agreed duration ``name``, such as "notice"; ``None`` when none was agreed."""
        length = self[f"{name}_length"]
        return Duration(length, Unit(self[f"{name}_unit"] or "month")) if length > 0 else None

    def _get_agreed_terms(self, start):
        """The terms of a subscription that begins on ``start``, as they stand in the contract.

        :rtype: Terms | None
        :return: ``None`` while they are incomplete.
        """
        self.ensure_one()
        kind, plan = TermType(self.term_type or "renewing"), self._get_terms_plan()
        initial = None if kind is TermType.CYCLES else self._get_duration("initial_term")
        renews = kind is TermType.RENEWING and initial
        try:
            return Terms(
                anchor=trial_end(start, self._get_duration("trial")),
                schedule=plan._get_schedule(),
                type=kind,
                start=start,
                initial=initial,
                renewal=self._get_duration("renewal_term") if renews else None,
                minimum=self._get_duration("minimum_term"),
                cycles=self.fixed_cycles if kind is TermType.CYCLES else None,
                partial_period=PartialPeriod(plan.partial_period),
                full_last_period=self.full_last_period,
                notice=self._get_duration("notice") or Duration(0, Unit.DAY),
                notice_start=NoticeStart(self.notice_start),
                effect=Effect(self.termination_effect),
            )
        except ValueError:
            return None

    def _get_terms(self, start):
        """The terms as they hold: against a consumer, not further than the law lets them.

        :rtype: Terms | None
        """
        terms = self._get_agreed_terms(start)
        if terms and self.customer_kind == "consumer":
            return within_limits(terms, self._get_date_concluded() or None)
        return terms

    @api.onchange("term_type")
    def _onchange_term_type(self):
        """Clear what the type of the term has no use for."""
        if self.term_type != TermType.CYCLES.value:
            self.fixed_cycles = 0
        if self.term_type == TermType.CYCLES.value:
            self.initial_term_length = 0
        if self.term_type != TermType.RENEWING.value:
            self.renewal_term_length = 0

    @api.constrains(*TERM_FIELDS)
    def _check_terms(self):
        for record in self:
            if message := record._get_terms_error():
                raise ValidationError(message)

    def _get_terms_error(self):
        """What is wrong with the terms, and how to mend it; ``False`` for nothing."""
        if min(self[name] for name in LENGTHS) < 0:
            return self.env._("Terms, notice, trial and reminders cannot be negative.")
        cycles = self.term_type == TermType.CYCLES.value
        if cycles and not self.fixed_cycles:
            return self.env._("Say after how many billing cycles it ends: at least 1.")
        if self.fixed_cycles and not cycles:
            return self.env._(
                "A number of billing cycles goes with 'Ends after a number of billing cycles' "
                "only. Choose that duration or set the number to 0."
            )
        if self.term_type == TermType.FIXED_TERM.value and not self.initial_term_length:
            return self.env._("To end with the contract term it needs one: set how long it is.")
        if cycles and self.initial_term_length:
            return self.env._(
                "What ends after a number of billing cycles has no contract term. Set the term to "
                "0 or choose another duration."
            )
        if self.renewal_term_length and self.term_type != TermType.RENEWING.value:
            return self.env._(
                "Only what renews until terminated has a renewal term. Set the renewal term to 0 "
                "or choose another duration."
            )
        if self.renewal_term_length and not self.initial_term_length:
            return self.env._("A renewal term prolongs a contract term: set that, too.")
        return False

    @api.constrains(*TERM_FIELDS, "customer_kind")
    def _check_consumer_law(self):
        """§ 309 Nr. 9 BGB; a renewal term is not refused but does not bind (LAW-01 to LAW-04)."""
        for record in self.filtered(lambda record: record.customer_kind == "consumer"):
            if message := record._get_consumer_law_error():
                raise ValidationError(message)

    def _get_exceeded_limits(self):
        terms = self._get_agreed_terms(fields.Date.context_today(self))
        return exceeded_limits(terms, self._get_date_concluded() or None) if terms else []

    def _get_consumer_law_error(self):
        for limit in self._get_exceeded_limits():
            match limit:
                case Limit.INITIAL:
                    return self.env._(
                        "The contract term binds a consumer for more than 24 months, which "
                        "§ 309 Nr. 9 BGB forbids. Shorten it, or sell to businesses only."
                    )
                case Limit.MINIMUM:
                    return self.env._(
                        "The minimum term binds a consumer for more than 24 months, which "
                        "§ 309 Nr. 9 BGB forbids. Shorten it, or sell to businesses only."
                    )
                case Limit.NOTICE:
                    return self.env._(
                        "Consumers may be asked for one month's notice at most "
                        "(§ 309 Nr. 9 BGB; three months in contracts from before March 2022). "
                        "Shorten the notice, or sell to businesses only."
                    )
        return False

    @api.depends(*TERM_FIELDS, "customer_kind")
    @api.depends_context("lang")
    def _compute_terms_warning(self):
        for record in self:
            record.terms_warning = (
                record.customer_kind == "consumer"
                and Limit.RENEWAL in record._get_exceeded_limits()
                and self.env._(
                    "The renewal term does not bind consumers (§ 309 Nr. 9 BGB): after the "
                    "contract term they can terminate at any time with one month's notice at "
                    "most. The subscription is handled so."
                )
            )

    @api.depends(*TERM_FIELDS)
    @api.depends_context("lang")
    def _compute_terms_text(self):
        for record in self:
            record.trial_text = record._get_duration_text("trial")
            record.notice_text = record._get_duration_text("notice")
            record.terms_text = " ".join(record._get_terms_sentences())

    def _get_duration_text(self, name):
        """A duration in words, such as "14 days"; ``False`` when none was agreed."""
        if not (duration := self._get_duration(name)):
            return False
        count, one = duration.count, duration.count == 1
        match duration.unit:
            case Unit.DAY:
                return self.env._("1 day") if one else self.env._("%s days", count)
            case Unit.WEEK:
                return self.env._("1 week") if one else self.env._("%s weeks", count)
            case Unit.MONTH:
                return self.env._("1 month") if one else self.env._("%s months", count)
            case _:
                text = self.env._("%s billing periods", count)
                return self.env._("1 billing period") if one else text

    def _get_open_end_sentence(self):
        """That it goes on until it is terminated, where no other term says what follows."""
        if self.term_type != TermType.RENEWING.value or self._get_duration("renewal_term"):
            return ""
        if self._get_duration("initial_term"):
            return self.env._("Afterwards it continues for an indefinite time.")
        if self.termination_effect == Effect.ANY_DAY.value:
            return self.env._("Open-ended, can be terminated on any day.")
        return self.env._("Open-ended, can be terminated at the end of a billing period.")

    def _get_terms_sentences(self):
        """The terms in words, one sentence each, for quotations and lists."""
        text = self._get_duration_text
        sentences = []
        if trial := text("trial"):
            sentences.append(self.env._("Trial: %s, free of charge.", trial))
        if self.term_type == TermType.CYCLES.value and self.fixed_cycles:
            sentences.append(self.env._("Ends after %s billing cycles.", self.fixed_cycles))
        if initial := text("initial_term"):
            if self.term_type == TermType.FIXED_TERM.value:
                sentences.append(self.env._("Ends after %s.", initial))
            else:
                sentences.append(self.env._("Contract term: %s.", initial))
        if open_end := self._get_open_end_sentence():
            sentences.append(open_end)
        if renewal := text("renewal_term"):
            sentences.append(self.env._("Renewed by %s each time.", renewal))
        if minimum := text("minimum_term"):
            sentences.append(self.env._("Minimum term: %s.", minimum))
        if notice := text("notice"):
            sentences.append(self.env._("Notice: %s.", notice))
        return sentences
