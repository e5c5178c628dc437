"""No page shows or changes what is not the visitor's (see ``isolation_routes``)."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .isolation_routes import QUIET, IsolationRoutes


@tagged("post_install", "-at_install")
class TestIsolationRoutes(IsolationRoutes):
    def setUp(self):
        super().setUp()
        self.before = self._take_fingerprint()

    def _get_tokens(self, kind, owner, *others):
        """Tokens that open nothing here: none, a wrong one, and right ones of other records.

        :param str kind: of the record whose own token is left out.
        :param dict owner: the records that the one belongs to.
        :param others: records of others.
        """
        right = [
            record.access_token
            for records in (owner, *others)
            for other, record in records.items()
            if (other != kind or records is not owner) and "access_token" in record._fields
        ]
        return [None, "", "wrong", *filter(None, right)]

    def test_routes_are_found(self):
        paths = {str(route) for route in self.routes}
        for path in (
            "/my/subscriptions/<int:subscription_id>/usage",
            "/my/subscriptions/<int:subscription_id>/do/<string:action>",
            "/my/subscription-change/<int:migration_id>/<string:answer>",
            "/my/subscription-proforma/<int:proforma_id>/transaction",
            "/subscription/v1/usage",
            "/subscription/declaration/<string:token>/pdf",
            "/my/orders/<int:order_id>/accept",
            "/my/invoices/<int:invoice_id>",
            "/my/payment_method",
        ):
            self.assertIn(path, paths)

    @mute_logger(*QUIET)
    def test_records_of_others_are_neither_shown_nor_changed(self):
        """By nobody, another customer, an employee without rights, a manager of another company."""
        holes = []
        for attacker in (None, *self.attackers):
            self._login(attacker)
            for route in self.routes:
                kind = route.get_kind()
                tokens = self._get_tokens(kind, self.planted, self.own)
                if attacker in ("internal", "stranger"):
                    tokens = [None, self.own["subscription"].access_token]
                holes += self._find_holes(route, self.planted, tokens)
                if attacker != "stranger" and kind in self.planted_elsewhere:
                    tokens = [None, self.planted["subscription"].access_token]
                    holes += self._find_holes(route, self.planted_elsewhere, tokens)
        self.assertEqual(holes, [])

    @mute_logger(*QUIET)
    def test_a_page_of_ones_own_takes_no_records_of_others(self):
        """The path names a record of the visitor, what is sent those of the victim."""
        self._login("portal")
        holes = []
        for route in self.routes:
            if route.get_kind() in self.own:
                holes += self._find_holes(route, self.own, [None], named=self.planted, is_open=True)
        self.assertEqual(holes, [])

    @mute_logger(*QUIET)
    def test_a_page_that_asks_nobody_who_they_are_would_be_found_out(self):
        """With a hole in the one rule for the subscription's pages, each of them is reported."""
        self._login("portal")
        routes = [route for route in self.routes if route.get_kind() == "subscription"]
        self.assertGreaterEqual(len(routes), 4)
        with patch.object(
            self.env.registry["subscription.subscription"], "_is_visible_to", lambda *_args: True
        ):
            for route in routes:
                with self.subTest(route=str(route)):
                    self.assertTrue(self._find_holes(route, self.planted, [None], is_open=True))

    @mute_logger(*QUIET)
    def test_these_tests_would_see_a_hole(self):
        """Whoever has the token of a record of the victim sees the markers, and can answer."""
        self._login(None)
        shown = []
        for route in self.routes:
            record = self.planted.get(route.get_kind())
            if record and "access_token" in record._fields and record.access_token:
                shown += self._find_holes(route, self.planted, [record.access_token], is_open=True)
        for path in ("usage", "subscription-change", "proforma", "orders", "invoices"):
            self.assertTrue([hole for hole in shown if path in hole], path)
        self.assertTrue([hole for hole in shown if "changed" in hole], "an answer changes it")
