"""Many who use one balance at once take turns, so that the last is told what the first has left."""

from odoo import models

TURN = 0x5B5D  # the first key of PostgreSQL's advisory locks on balances


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    def _wait_for_turn(self):
        """Wait until nobody else uses the balance, and see the books as they are then.

        It comes first in a request: what the transaction has done so far is taken back, because
        a transaction that has waited would go on with the view of the books that it began with.
        The turn ends with the transaction.
        """
        self.ensure_one()
        cr, key = self.env.cr, (TURN, self.id)
        cr.execute("SELECT pg_advisory_lock(%s, %s)", key)
        cr.rollback()
        connection, waiting = cr.connection, {"turn": True}

        def release():
            if not waiting.pop("turn", None):
                return
            with connection.cursor() as raw:
                raw.execute("SELECT pg_advisory_unlock(%s, %s)", key)

        cr.postcommit.add(release)
        cr.postrollback.add(release)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _extend_in_turn(self, package, date_from=None, total=None):
        """Sell a package when it is this request's turn; see :meth:`_extend`.

        :return: the ``subscription.extension``.
        """
        if wallet := self.sudo()._find_wallet():
            wallet._wait_for_turn()
        with self.env.cr.savepoint():
            return self._extend(package, date_from, total)
