"""A step of the billing run: what the calendar, a signature or a delivery has made binding."""

from odoo import models
from odoo.tools import SQL

from .subscription_billing_steps import CREATE_BATCH
from .subscription_subscription import RUNNING_STATES


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        """First of all, so that what becomes binding is invoiced in the same run (SM-50)."""
        return ["affirm", *super()._get_steps()]

    def _due_condition(self):
        """No invoice before the contract binds."""
        return SQL("%s AND affirmed_on IS NOT NULL", super()._due_condition())

    def _claim_affirm(self, failed):
        query = SQL(
            """SELECT id FROM subscription_subscription subscription
                WHERE company_id = %s AND active AND affirmed_on IS NULL AND state IN %s
                  AND NOT id = ANY(%s) AND (%s)
             ORDER BY id LIMIT %s""",
            self.company_id.id,
            RUNNING_STATES,
            list(failed),
            SQL(" OR ").join(self._get_affirm_conditions()),
            CREATE_BATCH,
        )
        return self.env["subscription.subscription"].browse(self._claim(query))

    def _get_affirm_conditions(self):
        """SQL conditions on ``subscription``: what makes it binding has been reached.

        What :meth:`_follow_affirmation` has made binding is not looked at again.

        :rtype: list[SQL]
        """
        day = self._get_follow_date()
        started = SQL("waiting_for IS NULL AND date_start <= %s", day)
        return [
            SQL("affirm_trigger = 'order'"),
            SQL(
                """affirm_trigger = 'signature' AND EXISTS (
                       SELECT FROM sale_order signed
                        WHERE signed.id = sale_order_id AND signed.signed_on IS NOT NULL)"""
            ),
            SQL("affirm_trigger = 'service_start' AND %s", started),
            SQL(
                """affirm_trigger = 'trial_end' AND %s
                   AND (date_trial_end IS NULL OR date_trial_end < %s)""",
                started,
                day,
            ),
            SQL("affirm_trigger = 'delivery' AND %s", self._delivered_condition()),
        ]

    def _delivered_condition(self):
        """The same as :meth:`_is_delivered` of the subscription, for many."""
        return SQL(
            """(SELECT COALESCE(
                           BOOL_AND(sold.qty_delivered >= sold.product_uom_qty)
                               FILTER (WHERE template.type = 'consu'),
                           BOOL_AND(sold.qty_delivered >= sold.product_uom_qty)
                               FILTER (WHERE sold.subscription_plan_id IS NOT NULL))
                  FROM subscription_line line
                  JOIN sale_order_line sold ON sold.id = line.sale_line_id
                  JOIN product_product product ON product.id = sold.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE line.subscription_id = subscription.id AND sold.product_uom_qty > 0)
               IS TRUE"""
        )

    def _do_affirm(self, subscriptions):
        """Start what its day has come for, then make binding what has been reached."""
        day = self._get_follow_date()

        def follow(batch):
            batch._follow_calendar(day)
            batch._follow_affirmation()

        return self._isolate(subscriptions, follow)
