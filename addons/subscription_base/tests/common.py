from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

#: By the names that Odoo's tests give them.
PREPARED_COMPANIES = {
    "company_1_data": "Company of the tests",
    "company_2": "Other company of the tests",
}


def shows(*ids):
    """Name the requirements that a test shows; ``make coverage-requirements`` reads them."""

    def mark(test):
        test.requirement_ids = (*getattr(test, "requirement_ids", ()), *ids)
        return test

    return mark


class SubscriptionCommon(AccountTestInvoicingCommon):
    """A company that sells hosting by the month, with a set-up fee, traffic and an add-on."""

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref("subscription_base.group_subscription_manager")
            | cls.quick_ref("sales_team.group_sale_manager")
        )

    @classmethod
    def _create_company(cls, **create_values):
        """A company that a whole run prepares once, where nothing but Odoo's own is asked for."""
        name = PREPARED_COMPANIES.get(create_values["name"]) if len(create_values) == 1 else None
        if name and not cls.chart_template:
            name += f", {cls.country_code.upper()}" if cls.country_code else ""
            prepared = cls.env["res.company"].search([("name", "=", name)], limit=1)
            if prepared:
                cls.env.user.company_ids = [Command.link(prepared.id)]
                return prepared
        return super()._create_company(**create_values)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.subscription_bill_ahead = True  # tests bill days of their own
        cls.hosting = cls._create_service("Hosting", 30.0)
        cls.setup_fee = cls._create_service("Connection", 50.0)
        cls.traffic = cls._create_service("Traffic", 0.05)
        cls.domain = cls._create_service("Extra domain", 6.0)
        cls.plan = cls._create_plan(
            "Hosting monthly",
            [
                {"product_id": cls.hosting.id},
                {"product_id": cls.setup_fee.id, "charge_type": "setup"},
                {"product_id": cls.traffic.id, "charge_type": "usage", "included_qty": 100.0},
                {"product_id": cls.domain.id, "is_optional": True},
            ],
            schedule_type="month_fixed",
            fixed_day=1,
        )
        cls.flat_plan = cls._create_plan("Flat monthly", [{"product_id": cls.hosting.id}])

    @classmethod
    def _create_service(cls, name, price, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "taxes_id": [Command.set(cls.tax_sale_a.ids)],
                **values,
            }
        )

    @classmethod
    def _create_plan(cls, name, components, **values):
        plan = cls.env["subscription.plan"].create(
            {
                "name": name,
                "component_ids": [Command.create(component) for component in components],
                **values,
            }
        )
        plan.action_activate()
        return plan

    @classmethod
    def _create_subscription(cls, plan=None, date_start="2026-01-01", start=True, **values):
        """A subscription with a line for each component of the plan that is not optional."""
        plan = plan or cls.flat_plan
        subscription = cls.env["subscription.subscription"].create(
            {
                "partner_id": cls.partner_a.id,
                "plan_id": plan.id,
                "date_start": date_start,
                **values,
            }
        )
        if not subscription.line_ids:
            subscription.line_ids = [
                Command.create(vals) for vals in subscription._prepare_plan_lines()
            ]
        if start:
            subscription.action_start()
        return subscription

    @classmethod
    def _create_run(cls, date):
        return cls.env["subscription.billing.run"].create(
            {"company_id": cls.company.id, "date": date}
        )

    @classmethod
    def _bill(cls, subscriptions, date):
        """Bill ``subscriptions`` as of ``date`` in the test's own transaction.

        :return: the invoices.
        """
        return cls._create_run(date)._bill_subscriptions(subscriptions)

    @contextmanager
    def _commits_flush(self):
        """Let scheduled jobs stay in the test's transaction: a commit only flushes."""

        def flush(cron, processed=0, **kwargs):
            cron.env.flush_all()
            return float("inf")

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", flush):
            yield

    def _process_run(self, run):
        """Take all steps of a billing run.

        :return: whether it is finished.
        """
        with self._commits_flush():
            return run._process()

    def _run_cron(self, moment):
        """Let the billing job run at ``moment``.

        :return: the invoices that it made.
        """
        charged = [("move_type", "in", ("out_invoice", "out_refund"))]
        before = self.env["account.move"].search(charged)
        with freeze_time(moment), self._commits_flush():
            self.env["subscription.billing.run"]._cron_bill()
        return self.env["account.move"].search(charged) - before

    def _charges(self, subscription, *names):
        """The ledger as tuples, oldest first: the named fields, or period and amount."""
        names = names or ("period_start", "period_end", "amount")
        return [
            tuple(
                fields.Date.to_string(charge[name]) if "period" in name else charge[name]
                for name in names
            )
            for charge in subscription.charge_ids.sorted("id")
        ]
