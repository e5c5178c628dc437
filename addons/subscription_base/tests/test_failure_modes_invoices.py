from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon

RUN_LOGGER = "odoo.addons.subscription_base.models.subscription_billing_steps"


@tagged("post_install", "-at_install")
class TestFailureModesInvoices(SubscriptionCommon):
    """What goes wrong in the life of an invoice in other subscription modules."""

    @mute_logger(RUN_LOGGER)
    def test_failure_19_another_invoice_each_day_while_sending_fails(self):
        """Sending fails after posting: one more posted invoice a day, the next date stands."""
        self.flat_plan.invoice_policy = "send"
        subscription = self._create_subscription()

        def refuse(moves):
            raise RuntimeError("The mail server does not answer.")

        with patch.object(self.registry["account.move"], "_queue_subscription_mail", refuse):
            for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
                self._run_cron(day)
                self._process_run(self._create_run(day))
        [invoice] = subscription._get_invoices()
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 30.0))
        self.assertEqual(invoice.subscription_error, "The mail server does not answer.")
        self.assertEqual(subscription.next_billing_date, date(2026, 2, 1))
        self.assertEqual(len(subscription.charge_ids), 1)
        self._process_run(self._create_run("2026-01-04"))
        self.assertTrue(invoice.is_being_sent)
        self.assertEqual(subscription._get_invoices(), invoice)

    def test_failure_20_archived_months_are_billed_after_reactivation(self):
        """Archived for five months: afterwards each month is billed, all dated today."""
        with freeze_time("2026-01-01"):
            subscription = self._create_subscription()
            self._run_cron("2026-01-01")
            with self.assertRaisesRegex(ValidationError, "Close it before"):
                subscription.action_archive()
        with freeze_time("2026-02-01"):
            subscription._close("2026-01-31")
            self._run_cron("2026-02-01")
            subscription.action_archive()
        with freeze_time("2026-07-01"):
            subscription.action_unarchive()
        self.assertFalse(self._run_cron("2026-07-01"))
        self.assertEqual(self._charges(subscription), [("2026-01-01", "2026-01-31", 30.0)])

    def test_failure_22_dragging_a_card_moves_start_and_anchor(self):
        """Out of the column and back again: start date and billing day become today."""
        view = self.env["subscription.subscription"].get_view(view_type="kanban")
        self.assertEqual(etree.fromstring(view["arch"]).get("records_draggable"), "0")
        manager = new_test_user(self.env, "manager", "subscription_base.group_subscription_manager")
        manager.company_ids = manager.company_id = self.company
        with freeze_time("2026-03-20"):
            subscription = self._create_subscription(date_start="2026-01-15")
            self._bill(subscription, "2026-03-20")
            for state in ("draft", "closed"):
                with self.assertRaises(AccessError):
                    call_kw(
                        subscription.with_user(manager),
                        "write",
                        [subscription.ids, {"state": state}],
                        {},
                    )
                subscription.sudo().state = state
                subscription.sudo().state = "active"
        self.assertEqual(subscription.date_start, date(2026, 1, 15))
        self.assertEqual(subscription.line_ids.date_start, date(2026, 1, 15))
        self.assertEqual(subscription.next_billing_date, date(2026, 4, 15))

    def test_failure_25_price_follows_the_price_list_silently(self):
        """The list price goes from 100 to 150 and so does the invoice; what is over is revised."""
        self.hosting.list_price = 100.0
        plan = self._create_plan("Listed", [{"product_id": self.hosting.id, "price_unit": 100.0}])
        subscription = self._create_subscription(plan)
        over = subscription.line_ids.copy(
            {"subscription_id": subscription.id, "date_end": "2026-01-31"}
        )
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 200.0)
        self.hosting.list_price = 150.0
        with self.assertRaisesRegex(UserError, "keeps its terms"):
            plan.component_ids.price_unit = 150.0
        self.assertEqual(self._bill(subscription, "2026-02-01").amount_untaxed, 100.0)
        revised = subscription.line_ids.filtered(lambda line: not line.date_end)
        revised._change("2026-03-01", price_unit=150.0)
        self.assertEqual(self._bill(subscription, "2026-03-01").amount_untaxed, 150.0)
        self.assertEqual(over.price_unit, 100.0)
        self.assertEqual(len(subscription.line_ids), 3)

    def test_failure_26_archived_product_is_billed_without_a_hint(self):
        """The contract goes on, and says so as long as the product is on a line of it."""
        with freeze_time("2026-01-01"):
            subscription, other = self._create_subscription(), self._create_subscription()
            other.line_ids._change("2026-01-01", product_id=self.domain.id)
            self.assertFalse(subscription.archived_products)
            self.hosting.active = False
            self.assertEqual(subscription.archived_products, "Hosting")
            self.assertFalse(other.archived_products)
            arch = subscription.get_view(view_type="form")["arch"]
            self.assertIn("Still billed although archived", arch)
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 30.0)
        domain = [("line_ids.product_id.active", "=", False), ("id", "=", subscription.id)]
        self.assertEqual(subscription.search(domain), subscription)

    @mute_logger(RUN_LOGGER)
    def test_failure_28_no_income_account(self):
        """A category without an account: the invoice line is refused by the database."""
        self.hosting.property_account_income_id = False
        self.hosting.categ_id.property_account_income_categ_id = False
        self.company.income_account_id = False
        journal = self.company_data["default_journal_sale"]
        income = journal.default_account_id
        move = self._bill(self._create_subscription(), "2026-01-01")
        self.assertEqual(move.invoice_line_ids.account_id, income)
        self.assertEqual(move.state, "posted")
        journal.default_account_id = False
        bad = self._create_subscription()
        good = self._create_subscription(
            self._create_plan("Domain", [{"product_id": self.domain.id}])
        )
        self.domain.property_account_income_id = income
        self._process_run(self._create_run("2026-01-01"))
        self.assertEqual(bad.billing_error, "Missing required account on accountable line.")
        self.assertFalse(bad.invoice_count)
        self.assertEqual((good.invoice_count, good.billing_error), (1, False))
