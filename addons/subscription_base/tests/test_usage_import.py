import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import shows
from .test_usage import UsageCommon

HEADER = "subscription,meter,timestamp,quantity,dimension,key"


@tagged("post_install", "-at_install")
class TestUsageImport(UsageCommon):
    def _import(self, *rows, header=HEADER, encoding="utf-8"):
        text = "\n".join((header, *rows))
        return self.env["subscription.usage.import"].create(
            {"file": base64.b64encode(text.encode(encoding)), "filename": "usage.csv"}
        )

    @shows("PA-28")
    def test_a_file_is_checked_and_its_good_rows_are_imported(self):
        subscription = self._metered({})
        name = subscription.name
        wizard = self._import(
            f"{name},calls,2026-01-20T10:00:00Z,12.5,mobile,a",
            f"{name},none,2026-01-20,1,,b",
            f"{name},calls,2026-01-21,1.5,,c",
            f"{name},calls,yesterday,1.5,,d",
        )
        wizard.action_check()
        self.assertEqual((wizard.state, wizard.row_count, wizard.error_count), ("check", 4, 2))
        self.assertEqual(wizard.error_ids.mapped("row"), [3, 5])
        self.assertIn("no meter none", wizard.error_ids[0].reason)
        self.assertFalse(subscription.usage_ids)
        wizard.action_import()
        self.assertEqual((wizard.state, wizard.accepted_count), ("done", 2))
        self.assertEqual(sum(subscription.usage_ids.mapped("quantity")), 14.0)
        wizard.action_import()
        self.assertEqual((wizard.accepted_count, wizard.duplicate_count), (0, 2))
        february = self._usage_lines(self._bill(subscription, "2026-02-01"))
        self.assertEqual((february.quantity, february.price_subtotal), (14.0, 1.4))

    def test_a_german_file(self):
        subscription = self._metered({})
        wizard = self._import(
            f"{subscription.name};calls;2026-01-20;12,5;Österreich;a",
            header=HEADER.replace(",", ";"),
            encoding="cp1252",
        )
        wizard.action_import()
        self.assertEqual(subscription.usage_ids.quantity, 12.5)
        self.assertEqual(subscription.usage_ids.dimension, "Österreich")

    def test_a_file_without_the_columns_is_refused(self):
        with self.assertRaisesRegex(UserError, "no column timestamp, key"):
            self._import("1,2", header="subscription,meter").action_check()

    def test_rows_beyond_a_batch_keep_their_number(self):
        subscription = self._metered({})
        rows = [f"{subscription.name},calls,2026-01-20,1,,{number}" for number in range(1001)]
        wizard = self._import(*rows, f"{subscription.name},calls,,1,,last")
        wizard.action_check()
        self.assertEqual(wizard.error_ids.row, 1003)
        wizard.action_import()
        self.assertEqual(wizard.accepted_count, 1001)

    def test_only_who_records_usage_imports_it(self):
        plain = new_test_user(self.env, "import_plain", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["subscription.usage.import"].with_user(plain).create({"file": b"YQ=="})

    def test_odoo_s_own_import_works(self):
        subscription = self._metered({})
        text = (
            "subscription_id,meter_id/id,timestamp,quantity,key\n"
            f"{subscription.name},__import__.calls,2026-01-20 10:00:00,12.5,a\n"
            f"{subscription.name},__import__.calls,2026-01-21 10:00:00,2,b\n"
        )
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "calls",
                "model": "subscription.meter",
                "res_id": self.meter.id,
            }
        )
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "subscription.usage",
                "file": text.encode(),
                "file_type": "text/csv",
                "file_name": "usage.csv",
            }
        )
        options = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8"}
        columns = text.splitlines()[0].split(",")
        result = wizard.execute_import(columns, columns, options)
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(sum(subscription.usage_ids.mapped("quantity")), 14.5)
        self.assertEqual({str(event.date) for event in subscription.usage_ids}, {
            "2026-01-20", "2026-01-21",
        })  # fmt: skip
