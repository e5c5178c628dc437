from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

FAR = "9999-12-31"


class SubscriptionPause(models.Model):
    """Days on which a subscription rests: planned, present or past."""

    _name = "subscription.pause"
    _description = "Pause of a Subscription"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("pause", "Pause"), ("suspension", "Suspension")],
        default="pause",
        required=True,
        help="The customer asks for a pause; a suspension is imposed by the company.",
    )
    date_start = fields.Date("From", required=True, default=fields.Date.context_today)
    date_end = fields.Date("Until", help="Last day of the pause; empty until it is ended.")
    reason = fields.Char()
    is_charged = fields.Boolean(
        "Charged", help="Recurring charges go on; otherwise these days are not charged."
    )

    _dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)", "A pause cannot end before it starts."
    )

    @api.constrains("date_start", "date_end", "subscription_id")
    def _check_overlap(self):
        for pause in self:
            for other in pause.subscription_id.pause_ids - pause:
                if pause._overlaps(other):
                    raise ValidationError(
                        self.env._(
                            "%(subscription)s rests already from %(day)s on. Change that pause "
                            "instead.",
                            subscription=pause.subscription_id.name,
                            day=format_date(self.env, other.date_start),
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        """What has begun, and may have been billed by, is ended; only the engine undoes it."""
        if self.env.su:
            return
        for pause in self:
            if pause.date_start <= pause.subscription_id._get_today():
                raise UserError(
                    self.env._(
                        "%s has begun and stays in the history. Enter its last day instead.",
                        pause.display_name,
                    )
                )

    def _overlaps(self, other):
        far = fields.Date.to_date(FAR)
        return self.date_start <= (other.date_end or far) and other.date_start <= (
            self.date_end or far
        )

    def _covers(self, day):
        return self.date_start <= day and (not self.date_end or self.date_end >= day)

    @api.depends("kind", "date_start", "date_end")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for pause in self:
            days = [format_date(self.env, day) for day in (pause.date_start, pause.date_end) if day]
            pause.display_name = f"{labels.get(pause.kind)} {' - '.join(days)}"


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    is_pause_charged = fields.Boolean(
        "Charge while Paused", help="Default for pauses of subscriptions on this plan."
    )
    is_suspension_charged = fields.Boolean(
        "Charge while Suspended", help="Default for suspensions of subscriptions on this plan."
    )


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_follow_conditions(self):
        """Also subscriptions whose pause has begun or is over."""
        rests = SQL(
            """EXISTS (SELECT FROM subscription_pause pause
                        WHERE pause.subscription_id = subscription_subscription.id
                          AND pause.date_start <= %(day)s
                          AND (pause.date_end IS NULL OR pause.date_end >= %(day)s))""",
            day=self._get_today(self.company_id),
        )
        return [
            *super()._get_follow_conditions(),
            SQL("state IN ('trial', 'active') AND %s", rests),
            SQL("state IN ('paused', 'suspended') AND NOT %s", rests),
        ]


def day_before(day):
    return day - timedelta(days=1)
