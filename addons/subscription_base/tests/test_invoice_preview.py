from dataclasses import replace
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestInvoicePreview(SubscriptionCommon):
    """The next invoices, before anything is written."""

    def _count_everything(self):
        """The rows of all our tables and of the invoices, and where the sequences stand."""
        self.env.flush_all()
        self.env.cr.precommit.run()  # notifications of what was written before
        names = [
            model._table
            for name, model in self.env.items()
            if (name.startswith(("subscription.", "account.move", "ir.sequence", "mail.")))
            and not model._abstract
            and not model._transient
            and model._auto
        ]
        rows = {
            name: self.env.execute_query(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(name)))[0]
            for name in names
        }
        sequences = SQL("SELECT sequencename, last_value FROM pg_sequences")
        return {*rows.items(), *self.env.execute_query(sequences)}

    def _forecast(self, invoices):
        return [(str(invoice.day), invoice.untaxed) for invoice in invoices]

    @freeze_time("2026-01-16")
    def test_nothing_is_written_and_it_comes_true(self):
        subscription = self._create_subscription(self.plan, "2026-01-16")
        before = self._count_everything()
        with self.assertQueryCount(100):
            preview = subscription._preview_invoices(4)
            subscription.get_invoice_preview()
            self.plan.get_invoice_preview("2026-03-10")
        self.assertFalse(self._count_everything() ^ before)
        self.assertEqual(
            self._forecast(preview),
            [
                ("2026-01-16", 65.48),
                ("2026-02-01", 30.0),
                ("2026-03-01", 30.0),
                ("2026-04-01", 30.0),
            ],
        )
        self.assertEqual(preview[1].total, 34.5)
        for invoice in preview:
            move = self._bill(subscription, invoice.day)
            self.assertEqual(move.amount_untaxed, invoice.untaxed)
            self.assertEqual(move.amount_total, invoice.total)

    @freeze_time("2026-01-20")
    def test_usage_so_far_and_not_yet_known(self):
        subscription = self._create_subscription(self.plan, "2026-01-01")
        self._bill(subscription, "2026-01-01")
        usage = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self.env["subscription.usage"].create(
            {"line_id": usage.id, "date": "2026-01-10", "quantity": 300.0}
        )
        first, second = subscription.get_invoice_preview(2)["invoices"]
        texts = [
            [line for line in invoice["lines"] if line["name"] == "Traffic"]
            for invoice in (first, second)
        ]
        self.assertTrue(texts[0][0]["is_open_usage"])
        self.assertFalse(texts[0][0]["is_unknown"])
        self.assertEqual(texts[0][0]["quantity"], "200")
        self.assertTrue(texts[1][0]["is_unknown"])

    @freeze_time("2026-01-01")
    def test_options_of_invoicing_apply(self):
        plan = self._create_plan(
            "Collected", [{"product_id": self.hosting.id}], invoice_collection="quarter"
        )
        subscription = self._create_subscription(plan)
        self.assertEqual(
            self._forecast(subscription._preview_invoices(2)),
            [("2026-03-31", 90.0), ("2026-06-30", 90.0)],
        )
        subscription.write({"invoice_collection": "none", "minimum_invoice_amount": 50.0})
        self.assertEqual(
            self._forecast(subscription._preview_invoices(2)),
            [("2026-02-01", 60.0), ("2026-04-01", 60.0)],
        )

    @freeze_time("2026-01-01")
    def test_subscriptions_of_a_customer_share_invoices(self):
        plan = self._create_plan(
            "Grouped", [{"product_id": self.hosting.id}], invoice_grouping="customer"
        )
        both = self._create_subscription(plan) + self._create_subscription(plan)
        self.assertEqual(
            self._forecast(both._preview_invoices(2)), [("2026-01-01", 60.0), ("2026-02-01", 60.0)]
        )

    @freeze_time("2026-01-01")
    def test_what_a_change_would_cost(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-01-01")
        timeline, _ledger = subscription._get_billing_inputs()[subscription.id]
        [line] = timeline.lines
        dearer = replace(line, pricing=replace(line.pricing, price=Decimal(50)))
        changed = replace(timeline, lines=(dearer,))
        preview = subscription._preview_invoices(2, timelines={subscription: changed})
        self.assertEqual(self._forecast(preview), [("2026-01-01", 20.0), ("2026-02-01", 50.0)])
        self.assertEqual(len(subscription.charge_ids), 1)

    @freeze_time("2026-01-01")
    def test_of_a_quotation_before_confirming(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.hosting.id, "subscription_plan_id": self.plan.id}
                    )
                ],
            }
        )
        before = self._count_everything()
        preview = order.get_invoice_preview(3)
        self.assertFalse(self._count_everything() ^ before)
        self.assertEqual(len(preview["invoices"]), 3)
        self.assertIn("92.00", preview["invoices"][0]["total"])

    def test_manual_billing_cannot_be_foreseen(self):
        plan = self._create_plan(
            "On request", [{"product_id": self.hosting.id}], schedule_type="manual"
        )
        subscription = self._create_subscription(plan)
        self.assertEqual(subscription.get_invoice_preview(), {"is_manual": True, "invoices": []})

    @shows("PA-11")
    def test_the_form_holds_contract_next_invoices_invoices_and_changes(self):
        arch = self.env["subscription.subscription"].get_view(view_type="form")["arch"]
        for part in (
            'name="state"', 'name="date_end"', 'name="next_billing_date"', 'name="event_ids"',
            'name="subscription_invoice_preview"', 'name="action_view_invoices"',
            'name="charge_ids"', 'name="payment_token_id"',
        ):  # fmt: skip
            self.assertIn(part, arch)
