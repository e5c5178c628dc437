"""Where the bulk writer leaves the work to plain Odoo, and what can be done with its invoices."""

import sys
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.bulk import guard
from .test_bulk_invoice_common import BulkInvoiceCommon


@tagged("post_install", "-at_install")
class TestBulkInvoiceFallback(BulkInvoiceCommon):
    def test_cash_basis_tax(self):
        self.company.tax_exigibility = True
        self.tax.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": self.company_data["default_account_revenue"]
                .copy({"reconcile": True})
                .id,
            }
        )
        self.assert_same(self.invoice(30.0), fast=False)

    def test_early_payment_discount(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 7 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 7,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100})],
            }
        )
        self.assert_same(self.invoice(30.0, invoice_payment_term_id=term.id), fast=False)

    def test_unusual_values(self):
        section = {"display_type": "line_section", "name": "Section"}
        self.assert_same(self.invoice(section, 30.0), fast=False)
        self.assert_same(self.invoice(30.0, invoice_date=False), fast=False)
        self.assert_same(
            self.invoice(30.0, auto_post="at_date", invoice_date="2026-01-01"),
            fast=False,
            post=False,
        )

    def test_mixed_invoices_keep_their_order(self):
        section = {"display_type": "line_section", "name": "Section"}
        moves = self.moves._create_bulk(
            [self.invoice(1.0), self.invoice(section, 2.0), self.invoice(3.0)], post=True
        )
        self.assertEqual(moves.mapped("amount_untaxed"), [1, 2, 3])
        self.assertEqual(moves.mapped("sequence_number"), [1, 2, 3])

    def test_lock_date_moves_the_date(self):
        self.company.fiscalyear_lock_date = "2026-04-30"
        self.assert_same(self.invoice(30.0))

    def test_hashed_journal(self):
        self.company_data["default_journal_sale"].restrict_mode_hash_table = True
        moves = self.moves._create_bulk([self.invoice(30.0), self.invoice(40.0)], post=True)
        self.assertTrue(all(moves.mapped("inalterable_hash")))

    def test_errors_are_those_of_plain_odoo(self):
        with self.assertRaises(UserError):
            self.moves._create_bulk([self.invoice(-30.0)], post=True)
        with self.assertRaises(UserError):
            self.moves._create_bulk([self.invoice(30.0, partner_id=False)], post=True)
        self.usd.active = False
        with self.assertRaises(UserError):
            self.moves._create_bulk([self.invoice(30.0, currency_id=self.usd.id)], post=True)

    def test_posted_invoice_is_not_posted_again(self):
        moves = self.moves._create_bulk([self.invoice(30.0)], post=True)
        with self.assertRaises(UserError):
            moves._post_bulk()

    def test_draft_that_was_posted_before(self):
        move = self.moves._create_bulk([self.invoice(30.0)], post=True)
        name = move.name
        move.button_draft()
        move._post_bulk()
        self.assertEqual((move.state, move.name), ("posted", name))

    def test_unknown_extension_switches_the_bulk_writer_off(self):
        self.assertFalse(guard.find_refusals(self.env))
        model = self.env.registry["account.move"]
        original = model._post

        def _post(self, soft=True):
            return original(self, soft)

        with patch.object(model, "_post", _post):
            self.assertTrue(guard.find_refusals(self.env))
            self.assert_same(self.invoice(30.0), fast=False)

    def test_everything_that_plain_odoo_runs_is_known(self):
        """A method that creating and posting runs is either left out knowingly or runs here too."""
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        account = self.env["account.analytic.account"].create(
            {"name": "Account", "plan_id": plan.id}
        )
        line = {
            "product_id": self.service.id,
            "analytic_distribution": {str(account.id): 100},
        }
        self._trace(self._write_plain, [self.invoice(line)], True)  # fills the caches
        plain = self._trace(self._write_plain, [self.invoice(line)], True)
        bulk = self._trace(self._write_bulk, [self.invoice(line)], True, True)
        for name, known, columns in (
            ("account.move", guard.MOVE_METHODS, guard.MOVE_COMPUTED),
            ("account.move.line", guard.LINE_METHODS, guard.LINE_COMPUTED),
        ):
            model = self.env[name]
            computes = {model._fields[c].compute for c in columns if c in model._fields}
            hooks = {
                method
                for method in plain[name] - bulk[name] - known - computes
                if method.startswith(("_sync_", "_inverse_", "_post", "_prepare_", "_create"))
            }
            self.assertFalse(hooks, name)

    def _trace(self, function, *args):
        """Return the names of the methods that run, for each model."""
        found = {"account.move": set(), "account.move.line": set()}

        def profile(frame, event, _arg):
            model = frame.f_locals.get("self") if event == "call" else None
            if getattr(type(model), "_name", None) in found and hasattr(
                type(model), frame.f_code.co_name
            ):
                found[model._name].add(frame.f_code.co_name)

        sys.setprofile(profile)
        try:
            function(*args)
            self.env.flush_all()
        finally:
            sys.setprofile(None)
        return found

    def test_payment_reset_and_reversal(self):
        paid, drafted, reversed_ = self.moves._create_bulk(
            [self.invoice(30.0), self.invoice(40.0), self.invoice(50.0)], post=True
        )
        self._register_payment(paid)
        self.assertIn(paid.payment_state, ("paid", "in_payment"))
        drafted.button_draft()
        drafted.invoice_line_ids.price_unit = 41.0
        drafted.action_post()
        self.assertEqual(drafted.amount_untaxed, 41.0)
        self.assertEqual(drafted.sequence_number, 2)
        reversed_._reverse_moves(cancel=True)
        self.assertEqual(reversed_.payment_state, "reversed")

    def test_caches_are_right(self):
        moves = self.moves._create_bulk([self.invoice(30.0), self.invoice(40.0, 5.0)], post=True)
        names = [
            name
            for name in (
                "name",
                "state",
                "line_ids",
                "invoice_line_ids",
                "amount_residual",
                "payment_state",
                "payment_reference",
                "made_sequence_gap",
            )
        ]
        cached = [moves.mapped(name) for name in names]
        line_names = moves.line_ids.mapped("name")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual([moves.mapped(name) for name in names], cached)
        self.assertEqual(moves.line_ids.mapped("name"), line_names)

    def test_numbers_follow_those_of_plain_odoo(self):
        plain = self.moves.create([self.invoice(1.0)])
        plain._post(soft=False)
        bulk = self.moves._create_bulk([self.invoice(2.0), self.invoice(3.0)], post=True)
        last = self.moves.create([self.invoice(4.0)])
        last._post(soft=False)
        numbers = (plain + bulk + last).mapped("sequence_number")
        self.assertEqual(numbers, [1, 2, 3, 4])
        self.assertFalse(any((plain + bulk + last).mapped("made_sequence_gap")))

    def test_invoice_of_nothing_runs_the_hook_of_paid_invoices(self):
        seen = []
        model = self.env.registry["account.move"]
        with patch.object(model, "_invoice_paid_hook", lambda moves: seen.extend(moves.ids)):
            moves = self.moves._create_bulk([self.invoice(0.0), self.invoice(1.0)], post=True)
        self.assertEqual(seen, moves[:1].ids)

    def test_no_invoices(self):
        self.assertFalse(self.moves._create_bulk([]))
        self.assertFalse(self.moves._post_bulk())

    def test_extra_columns_are_kept(self):
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        move = self.moves._create_bulk(
            [
                self.invoice(
                    {"product_id": self.service.id, "collapse_prices": True},
                    campaign_id=campaign.id,
                    delivery_date="2026-03-01",
                )
            ]
        )
        self.assertEqual(move.campaign_id, campaign)
        self.assertEqual(move.delivery_date, fields.Date.to_date("2026-03-01"))
        self.assertTrue(move.invoice_line_ids.collapse_prices)
