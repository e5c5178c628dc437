import ipaddress
import socket
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestRequirementsShop(SubscriptionCommon, AccountPaymentCommon):
    """What the founding paper of the shop asks of billing itself."""

    def _get_starts(self, *days, **schedule):
        """Bill by the job on some days.

        :return: the first day of each period that was billed.
        """
        plan = self._create_plan("Rhythm", [{"product_id": self.hosting.id}], **schedule)
        subscription = self._create_subscription(plan, date_start=days[0])
        for day in days:
            moves = self._run_cron(day)
            self.assertEqual(moves.mapped("state"), ["posted"], day)
            self.assertEqual(moves.amount_untaxed, 30.0)
        return [start for start, _end, _amount in self._charges(subscription)]

    @shows("K3-02")
    def test_what_falls_due_is_invoiced_and_posted_without_anybody(self):
        subscription = self._create_subscription(date_start="2026-03-10")
        self.assertFalse(self._run_cron("2026-03-09"))
        move = self._run_cron("2026-03-10")
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.invoice_line_ids.subscription_id, subscription)
        self.assertEqual(str(move.invoice_date), "2026-03-10")

    @shows("K3-03")
    def test_weekly(self):
        days = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]
        self.assertEqual(self._get_starts(*days, schedule_type="daily", interval_count=7), days)
        weekly = {"schedule_type": "weekly_fixed", "interval_count": 1, "weekday": "1"}
        self.assertEqual(self._get_starts(*days, **weekly), days)

    @shows("K3-04")
    def test_monthly(self):
        days = ["2026-01-15", "2026-02-15", "2026-03-15"]
        self.assertEqual(self._get_starts(*days, schedule_type="month_start"), days)

    @shows("K3-05")
    def test_quarterly(self):
        days = ["2026-01-15", "2026-04-15", "2026-07-15"]
        quarterly = {"schedule_type": "month_start", "interval_count": 3}
        self.assertEqual(self._get_starts(*days, **quarterly), days)

    @shows("K3-06")
    def test_yearly_and_every_18_months(self):
        for months, days in (
            (12, ["2024-02-29", "2025-02-28"]),
            (18, ["2024-06-01", "2025-12-01"]),
        ):
            schedule = {"schedule_type": "month_start", "interval_count": months}
            self.assertEqual(self._get_starts(*days, **schedule), days)

    @shows("K3-26")
    def test_who_pays_on_invoice_has_a_due_date_and_an_open_invoice(self):
        subscription = self._create_subscription(payment_term_id=self.pay_terms_b.id)
        move = self._run_cron("2026-01-01")
        self.assertFalse(subscription.payment_token_id)
        self.assertEqual(move.invoice_payment_term_id, self.pay_terms_b)
        self.assertEqual(move.payment_state, "not_paid")
        self.assertEqual(move.amount_residual, move.amount_total)
        self.assertTrue(move.next_payment_date)
        self._register_payment(move)
        self.assertEqual(move.payment_state, move._get_invoice_in_payment_state())

    @shows("K3-44")
    def test_a_whole_cycle_reaches_no_other_machine(self):
        reached = []
        connect = socket.socket.connect

        def note(sock, address):
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                host = str(address[0])
                try:
                    inside = ipaddress.ip_address(host).is_loopback
                except ValueError:
                    inside = host == "localhost"
                if not inside:
                    reached.append(address)
            return connect(sock, address)

        token = self._create_token(partner_id=self.partner_a.id)
        subscription = self._create_subscription(self.plan, payment_token_id=token.id)
        with patch.object(socket.socket, "connect", note):
            for month in (1, 2, 3):
                self._run_cron(f"2026-{month:02}-01")
            subscription._close("2026-03-31")
            self._run_cron("2026-04-01")
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(subscription.invoice_count, 3)
        self.assertEqual(reached, [])
