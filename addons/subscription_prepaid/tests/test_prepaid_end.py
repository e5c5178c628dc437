from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows
from odoo.addons.subscription_base.tests.test_action import BOOM, ActionCommon

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPrepaidEnd(PrepaidCommon, ActionCommon):
    """What happens at the end of a prepaid contract, and who may have one."""

    def _expire(self, contract):
        self._run_cron("2026-03-28 06:00:00")
        with freeze_time("2026-03-28 06:05:00"):
            self._run_actions()
        return self._get_runs(contract)

    @shows("SD-19")
    def test_the_service_is_removed_once_and_the_records_stay(self):
        self._create_action("end", self.prepaid)
        contract = self._sell("2026-02-28")
        run = self._expire(contract)
        self.assertEqual(run.mapped("state"), ["done"])
        self.assertEqual(contract.client_order_ref, " end")
        self._expire(contract)
        self.assertEqual(self._get_runs(contract), run)
        self.assertTrue(contract.exists().charge_ids)
        self.assertEqual(contract._get_invoices().mapped("state"), ["posted"])

    @shows("SD-19")
    def test_a_removal_that_fails_is_tried_again_and_listed(self):
        action = self._create_action("end", self.prepaid, code=BOOM)
        contract = self._sell("2026-02-28")
        run = self._expire(contract)
        self.assertEqual((contract.state, run.state, run.attempts), ("closed", "pending", 1))
        self.assertIn("The panel is down", run.error)
        action.server_action_id.code = "record.write({'client_order_ref': 'removed'})"
        with freeze_time("2026-03-29 06:00:00"):
            self._run_actions()
        self.assertEqual((run.state, contract.client_order_ref), ("done", "removed"))

    @shows("LAW-08")
    def test_the_public_button_ends_a_prepaid_contract_too(self):
        contract = self._sell("2026-02-28")
        self.partner_a.write({"email": "erika@example.com", "is_company": False})
        done = self._declare(contract, "ordinary")
        self.assertEqual((done.state, done.subscription_id), ("done", contract))
        self.assertEqual(str(contract.date_end), "2026-03-27")
        self.assertEqual(contract.termination_kind, "ordinary")
        special = self._declare(self._sell("2026-02-28"), "extraordinary", grounds="It was down")
        self.assertEqual(special.state, "matched", "a person looks at the grounds")

    def _declare(self, contract, kind, **values):
        model = self.env["subscription.declaration"].sudo()
        return model._receive(
            {
                "kind": "termination",
                "termination_kind": kind,
                "declarant": "Erika Mustermann",
                "contract": contract.name,
                "email": "erika@example.com",
                "lang": "en_US",
                "company_id": self.company.id,
                **values,
            },
            f"form {contract.name}",
            "here",
        )

    @shows("SD-31")
    def test_who_cannot_be_bound_may_have_prepaid_plans_only(self):
        self.partner_a.subscription_prepaid_only = True
        order = self.env["sale.order"].create({"partner_id": self.partner_a.id})

        def offer(plan):
            line = {"product_id": self.hosting.id, "subscription_plan_id": plan.id}
            order.order_line = [Command.create(line)]

        with self.assertRaisesRegex(ValidationError, "prepaid plans only"), self.cr.savepoint():
            offer(self.flat_plan)
        with self.assertRaisesRegex(ValidationError, "prepaid plans only"), self.cr.savepoint():
            self._create_subscription(self.flat_plan)
        offer(self.prepaid)
        order.action_confirm()
        self.assertTrue(order.subscription_ids.is_prepaid)

    @shows("SD-31", "LAW-44")
    def test_nobody_who_cannot_be_bound_is_moved_to_a_plan_that_binds(self):
        contract = self._sell("2026-02-28")
        other = self._create_prepaid_plan("Other prepaid")
        self.partner_a.subscription_prepaid_only = True
        for plan in (self.flat_plan, self.plan):
            with self.assertRaisesRegex(ValidationError, "prepaid plans only"), self.cr.savepoint():
                contract._move_to_plan(plan, "2026-03-10")
        with self.assertRaisesRegex(ValidationError, "prepaid plans only"), self.cr.savepoint():
            contract._plan_change(self.flat_plan, "2026-03-20")
        contract._move_to_plan(other, "2026-03-10")
        self.assertEqual(contract.plan_id, other)
