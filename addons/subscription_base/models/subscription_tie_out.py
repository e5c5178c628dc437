from odoo import api, models
from odoo.tools import SQL


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    @api.model
    def _get_tie_out(self, company):
        """Whether the charge ledger, the invoices and the general ledger state the same sums.

        A charge whose price includes taxes is compared with what the invoice line comes to with
        its taxes; where a fiscal position has taken them out, both are compared without.

        :return: a dict a currency: ``currency``, the ``charges`` that are on posted invoices, their
            ``invoice_lines``, what is on ``revenue`` accounts (with the taxes that the prices
            include; all in that currency) and the largest ``difference`` between the three.
        :rtype: list[dict]
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model()
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """WITH link AS (
                        SELECT id AS move_line_id, subscription_charge_id AS charge_id
                          FROM account_move_line WHERE subscription_charge_id IS NOT NULL
                         UNION ALL
                        SELECT reversal_line_id, id
                          FROM subscription_charge WHERE reversal_line_id IS NOT NULL),
                        statement AS (
                        SELECT link.move_line_id, SUM(charge.amount) AS amount,
                               BOOL_OR(agreed.price_includes_tax) AS gross,
                               STRING_AGG(charge.id::text, ',') AS ids
                          FROM link
                          JOIN subscription_charge charge ON charge.id = link.charge_id
                          JOIN subscription_line agreed ON agreed.id = charge.line_id
                         WHERE charge.company_id = %(company)s
                      GROUP BY link.move_line_id),
                        stated AS (
                        SELECT line.account_id, line.currency_id, line.amount_currency,
                               statement.ids, statement.amount, statement.gross,
                               direction.sign * line.price_subtotal AS subtotal,
                               direction.sign * line.price_total AS total
                          FROM statement
                          JOIN account_move_line line ON line.id = statement.move_line_id
                          JOIN account_move move ON move.id = line.move_id
                    CROSS JOIN LATERAL (SELECT
                               CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign
                               ) direction
                         WHERE move.state = 'posted' AND move.company_id = %(company)s),
                        invoiced AS (
                        SELECT stated.*, gross IS TRUE AND total != amount AS stripped,
                               CASE WHEN gross AND total = amount
                                    THEN total - subtotal ELSE 0 END AS included_tax
                          FROM stated)
                   SELECT currency.name AS currency,
                          COALESCE(SUM(invoiced.amount) FILTER (WHERE NOT stripped), 0) AS charges,
                          SUM(subtotal + included_tax) AS invoice_lines,
                          COALESCE(SUM(included_tax - invoiced.amount_currency) FILTER (
                              WHERE account.account_type IN ('income', 'income_other')
                          ), 0) AS revenue,
                          STRING_AGG(invoiced.ids, ',') FILTER (WHERE stripped) AS stripped_ids
                     FROM invoiced
                     JOIN account_account account ON account.id = invoiced.account_id
                     JOIN res_currency currency ON currency.id = invoiced.currency_id
                 GROUP BY currency.name ORDER BY currency.name""",
                company=company.id,
            )
        )
        for row in rows:
            ids = row.pop("stripped_ids")
            stripped = self.browse(map(int, ids.split(",")) if ids else ())
            net = sum(charge._get_net_amount() for charge in stripped)
            row["charges"] += type(row["charges"])(net)
            sums = row["charges"], row["invoice_lines"], row["revenue"]
            row["difference"] = max(sums) - min(sums)
        return rows
