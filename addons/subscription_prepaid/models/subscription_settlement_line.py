from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionSettlementLine(models.Model):
    """What became of something that was left when a contract had ended (SM-65)."""

    _name = "subscription.settlement.line"
    _description = "Line of a Final Settlement"
    _order = "id"
    _rec_name = "kind"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("service", "Service credit"),
            ("bonus", "Bonus credit"),
            ("deposit", "Deposit"),
            ("credit", "Balance"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    outcome = fields.Selection(
        [
            ("offset", "Used for an open invoice"),
            ("moved", "Moved into the balance"),
            ("paid_out", "Paid out"),
            ("expired", "Expired"),
            ("kept", "Kept as it is"),
            ("asked", "Settled separately"),
            ("proposed", "Is paid back"),
            ("owed", "Still to be paid by you"),
        ],
        "What Became of It",
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move",
        "Journal Entry",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was settled stays on record."))

    def action_open_document(self):
        """The entry, invoice or payment by which it was settled."""
        self.ensure_one()
        return self.move_id.action_open_business_doc()

    def _describe(self):
        """What became of what, for the history.

        :rtype: str
        """
        what = dict(self._fields["kind"]._description_selection(self.env))
        became = dict(self._fields["outcome"]._description_selection(self.env))
        return ", ".join(
            f"{what[line.kind]} {line.currency_id.format(line.amount)}: {became[line.outcome]}"
            for line in self
        )
