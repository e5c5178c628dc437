import csv
import io
import re
from pathlib import Path

from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon

MANUAL = Path(__file__).parents[3] / "docs" / "import.md"


@tagged("post_install", "-at_install")
@freeze_time("2026-05-10")
class TestImport(SubscriptionCommon):
    """Subscriptions that come from another system go on where that has stopped billing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        component = cls.plan.component_ids.filtered
        for name, record in {
            "customer_1": cls.partner_a,
            "product_hosting": cls.hosting,
            "product_domain": cls.domain,
            "component_hosting": cls.plan.main_component_id,
            "component_domain": component("is_optional"),
        }.items():
            cls.env["ir.model.data"].create(
                {"module": "old", "name": name, "model": record._name, "res_id": record.id}
            )

    def _load(self):
        """Import the example of the manual, as the screen does."""
        [example] = re.findall(r"```csv\n(.*?)```", MANUAL.read_text(), re.S)
        names, *rows = csv.reader(io.StringIO(example))
        result = self.env["subscription.subscription"].load(names, rows)
        self.assertFalse(result["messages"])
        return self.env["subscription.subscription"].browse(result["ids"])

    def test_individual_prices_and_historic_starts(self):
        first, second = self._load()
        self.assertRecordValues(
            first,
            [
                {
                    "state": "draft",
                    "partner_id": self.partner_a.id,
                    "plan_id": self.plan.id,
                    "external_reference": "C-1",
                    "recurring_amount": 3 * 25.0 + 2 * 6.0,
                    "is_individual": True,
                }
            ],
        )
        self.assertEqual(str(first.date_concluded), "2024-02-01")
        self.assertFalse(second.is_individual)

    def test_what_was_billed_elsewhere_is_not_billed_again(self):
        subscriptions = self._load()
        first, second = subscriptions
        subscriptions.action_start()
        self.assertEqual(set(subscriptions.mapped("state")), {"active"})
        self.assertEqual(str(first.next_billing_date), "2026-05-01")
        self._bill(subscriptions, "2026-05-10")
        self.assertEqual(
            self._charges(first),
            [("2026-05-01", "2026-05-31", 75.0), ("2026-05-01", "2026-05-31", 12.0)],
        )
        self.assertEqual(self._charges(second), [("2026-05-01", "2026-05-31", 30.0)])

    def test_the_middle_of_a_period_is_charged_in_proportion(self):
        subscription = self._create_subscription(
            self.plan, "2026-01-01", billed_elsewhere_until="2026-05-15"
        )
        self.assertFalse(self._bill(subscription, "2026-05-10"))
        with freeze_time("2026-05-16"):
            self._bill(subscription, "2026-05-16")
        amounts = [amount for *_days, amount in self._charges(subscription) if amount]
        self.assertEqual(amounts, [round(30.0 * 16 / 31, 2)])

    def test_importing_again_updates(self):
        first = self._load()
        self.assertEqual(self._load(), first)
