"""The first step of billing: write the difference between timeline and ledger, and invoice it."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..billing import bill
from .subscription_subscription import BILLED_STATES


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _bill(self, run):
        """Charge what the subscriptions owe as of the run's date and invoice what is not yet.

        :param run: the ``subscription.billing.run`` that bills.
        :return: the draft invoices.
        """
        self._charge(run)
        moves = self._create_invoices(self._get_ready_charges(run.date), run.date)
        self._plan_release()
        billed = self.sudo()
        billed.last_billing_run_id = run
        billed.filtered("billing_error").billing_error = False
        self._follow_calendar(run._get_follow_date())
        return moves

    def _charge(self, run):
        """Add to the ledger what is missing in it as of the run's date."""
        Charge = self.env["subscription.charge"]
        inputs = self._get_billing_inputs()
        vals_list, by_date = [], defaultdict(self.browse)
        for subscription in self:
            day = subscription._get_billing_day(run)
            result = bill(*inputs[subscription.id], day, max_periods=subscription.max_catch_up)
            manual = subscription.plan_id.schedule_type == "manual"
            by_date[False if manual else result.next_due] += subscription
            vals_list += subscription._prepare_charges(result.entries, run)
        charges = Charge.sudo().create(vals_list)
        for next_date, subscriptions in by_date.items():
            subscriptions.sudo().next_billing_date = next_date
        return charges

    def _get_billing_day(self, run):
        """The day as of which a run bills the subscription."""
        self.ensure_one()
        return run.date

    def _prepare_charges(self, entries, run):
        """Values of the charges that state ``entries``, which one bill has come to.

        :rtype: list[dict]
        """
        lines = {line.id: line for line in self.line_ids}
        prepare = self.env["subscription.charge"]._prepare_values
        return [prepare(entry, lines[entry.charge.line], run) for entry in entries]

    def _get_open_charges(self):
        """Charges to be shown that are on no invoice (or whose draft has been deleted)."""
        if not self.ids:
            return self.env["subscription.charge"]
        self.env["subscription.charge"].flush_model()
        self.env["account.move.line"].flush_model(["subscription_charge_id", "parent_state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT charge.id
                     FROM subscription_charge charge
                    WHERE charge.subscription_id IN %s
                      AND (charge.amount != 0 OR charge.shown_at_zero)
                      AND charge.is_by_hand IS NOT TRUE
                      AND NOT EXISTS (
                          SELECT FROM account_move_line line
                           WHERE line.subscription_charge_id = charge.id
                             AND line.parent_state != 'cancel')
                 ORDER BY charge.id""",
                tuple(self.ids),
            )
        )
        return self.env["subscription.charge"].browse(row[0] for row in rows)

    def _reopen_billing(self):
        """Let the next run look at the subscriptions again, whatever their next date is."""
        for subscription in self.filtered(lambda s: s.plan_id.schedule_type != "manual"):
            subscription.next_billing_date = subscription.date_start

    def action_bill_now(self):
        """Bill the subscriptions as of today, without waiting for the billing run."""
        runs = self.env["subscription.billing.run"]
        for company, subscriptions in self.grouped("company_id").items():
            if idle := subscriptions.filtered(lambda s: s.state not in BILLED_STATES):
                raise UserError(
                    self.env._("%s is not running, so there is nothing to bill.", idle[0].name)
                )
            run = runs.create({"company_id": company.id, "date": runs._get_today(company)})
            run._bill_subscriptions(subscriptions.with_context(subscription_invoice_waiting=True))
            runs += run
        return runs._get_result_action()
