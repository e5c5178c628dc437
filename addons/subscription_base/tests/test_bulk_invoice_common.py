"""Compares invoices of the bulk writer with those of plain Odoo, column by column."""

import copy

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

IGNORED = {"id", "move_id", "move_line_id", "create_date", "write_date"}
TABLES = ("account_move", "account_move_line", "account_analytic_line")


@tagged("post_install", "-at_install")
class BulkInvoiceCommon(AccountTestInvoicingCommon):
    """A service company with the taxes, terms and fiscal positions that matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.moves = cls.env["account.move"].with_context(tracking_disable=True)
        cls.date = fields.Date.to_date("2026-03-31")
        tax = cls.company_data["default_tax_sale"]
        cls.tax = tax
        cls.tax_low = tax.copy({"name": "Seven", "amount": 7.0})
        cls.tax_zero = tax.copy({"name": "Nought", "amount": 0.0})
        cls.tax_included = tax.copy({"name": "Included", "price_include_override": "tax_included"})
        cls.tax_fixed = tax.copy(
            {"name": "Levy", "amount_type": "fixed", "amount": 0.35, "include_base_amount": True}
        )
        cls.service = cls._create_service("Hosting", 30.0, cls.tax)
        cls.other_service = cls._create_service("Support", 99.9, cls.tax_low)
        cls.partner = cls.partner_a
        cls.instalments = cls.env["account.payment.term"].create(
            {
                "name": "30 % now, the rest in 60 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 60}),
                ],
            }
        )
        cls.usd = cls.setup_other_currency(
            "CHF", rates=[("2016-01-01", 1.0837), ("2026-03-30", 0.9311)]
        )

    @classmethod
    def _create_service(cls, name, price, tax):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "description_sale": f"{name}, by the month",
                "taxes_id": [Command.set(tax.ids)],
            }
        )

    def invoice(self, *lines, **values):
        """Values of an invoice; a line is a dict or a price of the first service."""
        return {
            "move_type": "out_invoice",
            "company_id": self.company.id,
            "partner_id": self.partner.id,
            "invoice_date": self.date,
            "invoice_line_ids": [
                Command.create(
                    line
                    if isinstance(line, dict)
                    else {"product_id": self.service.id, "quantity": 1, "price_unit": line}
                )
                for line in lines
            ],
            **values,
        }

    def assert_same(self, *vals_list, post=True, fast=True):
        """Assert that both ways write the same rows.

        :param bool fast: whether the bulk writer must do it itself
        """
        plain = self._try(self._write_plain, vals_list, post)
        bulk = self._try(self._write_bulk, vals_list, post, fast)
        for table, rows in plain.items():
            self.assertEqual(len(bulk[table]), len(rows), table)
            for number, (expected, found) in enumerate(zip(rows, bulk[table], strict=True)):
                different = {
                    name: (expected[name], found[name])
                    for name in expected
                    if expected[name] != found[name]
                }
                self.assertFalse(different, f"{table}, row {number}: expected, found")

    def _try(self, write, *args):
        """Return what ``write`` leaves behind, and undo it."""
        savepoint = self.env.cr.savepoint()
        moves = write(*args)
        self.env.flush_all()
        rows = self._read_rows(moves)
        savepoint.rollback()
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return rows

    def _write_plain(self, vals_list, post):
        moves = self.moves.create(copy.deepcopy(list(vals_list)))
        self.env.flush_all()
        if post:
            moves._post(soft=False)
        return moves

    def _write_bulk(self, vals_list, post, fast):
        vals_list = copy.deepcopy(list(vals_list))
        documents = self.moves._prepare_bulk(copy.deepcopy(vals_list))
        self.assertEqual([document is not None for document in documents], [fast] * len(documents))
        return self.moves._create_bulk(vals_list, post=post)

    def _read_rows(self, moves):
        lines = moves.line_ids
        rows = {
            "account_move": self._read_table("account_move", "id", moves.ids),
            "account_move_line": self._read_table("account_move_line", "move_id", moves.ids),
            "account_analytic_line": self._read_table(
                "account_analytic_line", "move_line_id", lines.ids
            ),
        }
        for row, line in zip(rows["account_move_line"], lines.sorted("id"), strict=False):
            row["move"] = moves.ids.index(row["move_id"])
            row["tax_ids"] = sorted(line.browse(row["id"]).tax_ids.ids)
            row["tax_tag_ids"] = sorted(line.browse(row["id"]).tax_tag_ids.ids)
        for row in rows["account_move"]:
            row["messages"] = len(moves.browse(row["id"]).message_ids)
            row["followers"] = moves.browse(row["id"]).message_partner_ids.ids
            row["rank"] = moves.browse(row["id"]).partner_id.customer_rank
        return {
            table: [{k: v for k, v in row.items() if k not in IGNORED} for row in table_rows]
            for table, table_rows in rows.items()
        }

    def _read_table(self, table, column, ids):
        order = SQL("move_id, id") if table == "account_move_line" else SQL("id")
        return self.env.execute_query_dict(
            SQL(
                "SELECT * FROM %s WHERE %s = ANY(%s) ORDER BY %s",
                SQL.identifier(table),
                SQL.identifier(column),
                list(ids),
                order,
            )
        )
