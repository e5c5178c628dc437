"""The balance of bonus credit is what is left of the bonuses."""

from odoo import fields, models
from odoo.tools import SQL


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    bonus_ids = fields.One2many("subscription.bonus", "wallet_id", "Bonuses")

    def _read_sums(self):
        """Of bonus credit: what is left of the bonuses, and what their entries add up to."""
        sums = super()._read_sums()
        self.env["subscription.bonus"].flush_model()
        self.env["subscription.bonus.entry"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT bonus.wallet_id, SUM(bonus.amount_left),
                          SUM((SELECT SUM(entry.amount) FROM subscription_bonus_entry entry
                                WHERE entry.bonus_id = bonus.id))
                     FROM subscription_bonus bonus
                    WHERE bonus.wallet_id = ANY(%s)
                 GROUP BY bonus.wallet_id""",
                self.ids,
            )
        )
        return sums | {wallet: (float(left), float(entered)) for wallet, left, entered in rows}
