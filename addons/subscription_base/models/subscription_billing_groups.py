"""One invoice for each customer: claim whole customers, and leave out what cannot be billed."""

from functools import partial

from odoo import models
from odoo.tools import SQL

from .subscription_billing_steps import CREATE_BATCH
from .subscription_conflict import Busy

CUSTOMER_LOCK = 0x5B5C  # the first key of PostgreSQL's advisory locks on customers


class _Undo(Exception):
    """Takes back what was only tried."""


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _claim_create(self, failed):
        """What is invoiced by itself first, then whole customers."""
        return super()._claim_create(failed) or self._claim_customers(failed)

    def _claim_customers(self, failed):
        """Lock all that is due for some customers whom no other process is billing."""
        self.env.flush_all()
        due = SQL(
            """FROM subscription_subscription
              WHERE invoice_grouping = 'customer' AND %s AND NOT id = ANY(%s)""",
            self._due_condition(),
            list(failed),
        )
        customers = self.env.execute_query(
            SQL(
                """SELECT partner_invoice_id, COUNT(*) %s GROUP BY partner_invoice_id
                 ORDER BY MIN(next_billing_date), partner_invoice_id LIMIT %s""",
                due,
                CREATE_BATCH,
            )
        )
        owned, count = [], 0
        for partner_id, due_count in customers:
            if count < CREATE_BATCH and self._lock_customer(partner_id):
                owned.append(partner_id)
                count += due_count
        subscriptions = self.env["subscription.subscription"]
        if owned:
            query = SQL("SELECT id %s AND partner_invoice_id = ANY(%s) ORDER BY id", due, owned)
            subscriptions = subscriptions.browse(self._claim(query))
        if customers and len(subscriptions) < max(count, 1):
            raise Busy
        return subscriptions

    def _lock_customer(self, partner_id):
        """Whether this transaction is the one to bill the customer."""
        query = SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", CUSTOMER_LOCK, partner_id)
        return self.env.execute_query(query)[0][0]

    def _do_create(self, subscriptions):
        def bill(batch):
            batch._bill(self)

        return self._isolate(subscriptions, bill, partial(self._split_by_invoice, bill))

    def _split_by_invoice(self, bill, subscriptions):
        """Parts to be billed apart, so that what fails spoils as little as possible.

        Invoices stay whole until a single one is left; then what cannot be billed is left out.
        """
        invoices = list(subscriptions.grouped(lambda s: s._get_invoice_key()).values())
        if len(invoices) > 1:
            middle = len(invoices) // 2
            none = subscriptions.browse()
            return [none.union(*invoices[:middle]), none.union(*invoices[middle:])]
        good = subscriptions.filtered(partial(self._can, bill))
        if good and good != subscriptions:
            return [good, *(subscriptions - good)]
        return self._halve(subscriptions)

    def _can(self, work, record):
        """Whether ``work(record)`` succeeds; it is only tried."""
        try:
            with self.env.cr.savepoint():
                work(record)
                raise _Undo
        except _Undo:
            return True
        except Exception as error:
            if self._is_worth_another_try(error):
                raise
            return False
