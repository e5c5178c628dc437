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
                """WITH stated AS (
                        SELECT line.account_id, line.currency_id, line.amount_currency,
                               charge.id, charge.amount, agreed.price_includes_tax AS gross,
                               direction.sign * line.price_subtotal AS subtotal,
                               direction.sign * line.price_total AS total
                          FROM account_move_line line
                          JOIN account_move move ON move.id = line.move_id
                          JOIN subscription_charge charge
                            ON charge.id = line.subscription_charge_id
                          JOIN subscription_line agreed ON agreed.id = charge.line_id
                    CROSS JOIN LATERAL (SELECT
                               CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign
                               ) direction
                         WHERE move.state = 'posted' AND move.company_id = %s),
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
                          ARRAY_AGG(invoiced.id) FILTER (WHERE stripped) AS stripped_ids
                     FROM invoiced
                     JOIN account_account account ON account.id = invoiced.account_id
                     JOIN res_currency currency ON currency.id = invoiced.currency_id
                 GROUP BY currency.name ORDER BY currency.name""",
                company.id,
            )
        )
        for row in rows:
            stripped = self.browse(row.pop("stripped_ids") or ())
            net = sum(charge._get_net_amount() for charge in stripped)
            row["charges"] += type(row["charges"])(net)
            sums = row["charges"], row["invoice_lines"], row["revenue"]
            row["difference"] = max(sums) - min(sums)
        return rows
