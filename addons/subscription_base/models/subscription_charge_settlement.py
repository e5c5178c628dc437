"""How far a charge has come: open, on a document, delivered, paid (requirement SM-39)."""

from odoo import api, fields, models
from odoo.tools import SQL

STATES = [
    ("open", "Not invoiced"),
    ("documented", "On a draft"),
    ("posted", "Invoiced"),
    ("delivered", "Delivered"),
    ("paid", "Paid"),
]


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    settlement_state = fields.Selection(
        STATES,
        "Settlement",
        compute="_compute_settlement_state",
        search="_search_settlement_state",
        compute_sudo=True,
        help="From the charge to the money: on a draft invoice, invoiced, delivered to the "
        "customer, paid.",
    )

    @api.depends("move_line_ids.parent_state")
    def _compute_settlement_state(self):
        query = self._get_settlement_query(self.ids)
        states = dict(self.env.execute_query(query)) if self.ids else {}
        for charge in self:
            charge.settlement_state = states.get(charge._origin.id, "open")

    def _search_settlement_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = self._get_settlement_query()
        states = [state for state in value if state]  # no charge is without one
        found = SQL("(SELECT id FROM (%s) settled WHERE state = ANY(%s))", query, states)
        return [("id", "in", found)]

    @api.model
    def _get_settlement_query(self, ids=None):
        """SQL query for the id and the settlement state of charges.

        :param ids: of some charges; of all when left out.
        """
        self.env["account.move.line"].flush_model(["subscription_charge_id", "parent_state"])
        self.env["account.move"].flush_model(["is_move_sent", "payment_state"])
        condition = SQL("charge.id IN %s", tuple(ids)) if ids else SQL("TRUE")
        return SQL(
            """SELECT charge.id,
                      CASE WHEN move.id IS NULL THEN 'open'
                           WHEN move.state = 'draft' THEN 'documented'
                           WHEN move.payment_state IN ('paid', 'in_payment', 'reversed') THEN 'paid'
                           WHEN move.is_move_sent THEN 'delivered'
                           ELSE 'posted'
                      END AS state
                 FROM subscription_charge charge
            LEFT JOIN account_move_line line ON line.subscription_charge_id = charge.id
                                            AND line.parent_state != 'cancel'
            LEFT JOIN account_move move ON move.id = line.move_id
                WHERE %s""",
            condition,
        )
