from odoo import api, models
from odoo.tools import SQL


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    @api.model
    def _get_tie_out(self, company):
        """Whether the charge ledger, the invoices and the general ledger state the same sums.

        :return: a dict a currency: ``currency``, the ``charges`` that are on posted invoices, the
            subtotals of their ``invoice_lines``, the net amount on ``revenue`` accounts (all in
            that currency) and the largest ``difference`` between the three.
        :rtype: list[dict]
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model()
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """WITH invoiced AS (
                        SELECT line.id, line.account_id, line.currency_id, charge.amount,
                               line.amount_currency,
                               CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                                   * line.price_subtotal AS subtotal
                          FROM account_move_line line
                          JOIN account_move move ON move.id = line.move_id
                          JOIN subscription_charge charge
                            ON charge.id = line.subscription_charge_id
                         WHERE move.state = 'posted' AND move.company_id = %s)
                   SELECT currency.name AS currency,
                          SUM(invoiced.amount) AS charges,
                          SUM(invoiced.subtotal) AS invoice_lines,
                          COALESCE(-SUM(invoiced.amount_currency) FILTER (
                              WHERE account.account_type IN ('income', 'income_other')
                          ), 0) AS revenue
                     FROM invoiced
                     JOIN account_account account ON account.id = invoiced.account_id
                     JOIN res_currency currency ON currency.id = invoiced.currency_id
                 GROUP BY currency.name ORDER BY currency.name""",
                company.id,
            )
        )
        for row in rows:
            sums = row["charges"], row["invoice_lines"], row["revenue"]
            row["difference"] = max(sums) - min(sums)
        return rows
