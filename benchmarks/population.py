"""Very many running subscriptions, copied by SQL from one that the application has made itself."""

import contextlib
import itertools

from scenario import PRICES, Scenario

from odoo.fields import Command
from odoo.tools import SQL

from suite import databases
from suite.odoo_env import open_env

CUSTOMERS = 200
CUSTOMER_COLUMNS = ("partner_id", "partner_invoice_id", "partner_shipping_id")
#: tables whose rows are copied with a subscription, and how they refer to what was copied before
TABLES = {
    "subscription_subscription": {},
    "subscription_line": {"subscription_id": "subscription_subscription"},
    "subscription_charge": {
        "subscription_id": "subscription_subscription",
        "line_id": "subscription_line",
    },
    "subscription_event": {"subscription_id": "subscription_subscription"},
}
_numbers = itertools.count(1)


@contextlib.contextmanager
def throwaway_copy(database):
    """Yield the name of a copy of ``database`` that is gone afterwards."""
    name = databases.clone(database, f"{database}_{next(_numbers)}")
    try:
        yield name
    finally:
        databases.drop(name)


class Population(Scenario):
    """A company whose subscriptions all began on one day.

    :param env: environment of the superuser
    :param date start: day on which they began
    """

    def __init__(self, env, start):
        super().__init__(env, CUSTOMERS)
        self.company.subscription_bill_ahead = True
        self.plan = self.env["subscription.plan"].create(
            {
                "name": "Monthly",
                "company_id": self.company.id,
                "component_ids": [
                    Command.create({"product_id": product.id, "price_unit": price})
                    for product, price in zip(self.products, PRICES, strict=True)
                ],
            }
        )
        self.plan.action_activate()
        self.model = self.env["subscription.subscription"].create(
            {
                "partner_id": self.partners[0].id,
                "company_id": self.company.id,
                "plan_id": self.plan.id,
                "date_start": start,
                "line_ids": [
                    Command.create(component._prepare_subscription_line_values())
                    for component in self.plan.component_ids
                ],
            }
        )
        self.model.action_start()
        self.env.cr.commit()

    def new_run(self, day):
        return self.env["subscription.billing.run"].create(
            {"company_id": self.company.id, "date": day}
        )

    def grow(self, size):
        """Copy the one subscription, with all that belongs to it, until there are ``size``."""
        self.env.flush_all()
        rows = {
            "subscription_subscription": self.model.ids,
            "subscription_line": self.model.line_ids.ids,
            "subscription_charge": self.model.charge_ids.ids,
            "subscription_event": self.model.event_ids.ids,
        }
        firsts = {}
        for table, links in TABLES.items():
            if rows[table]:
                firsts[table] = self._copy_rows(table, rows, links, firsts, size - 1)
        self.env.cr.commit()
        self.env.invalidate_all()
        with self.env.registry.cursor() as cr:
            cr._cnx.autocommit = True
            for table in TABLES:
                cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    def _copy_rows(self, table, rows, links, firsts, count):
        """Copy the rows of a table ``count`` times.

        :return: the id of the first row of the first copy; those of a copy follow each other.
        """
        cr, ids = self.env.cr, sorted(rows[table])
        sequence = f"{table}_id_seq"
        cr.execute("SELECT nextval(%s)", [sequence])
        firsts = {**firsts, table: cr.fetchone()[0]}
        cr.execute("SELECT setval(%s, %s)", [sequence, firsts[table] + len(ids) * count])
        values = {
            column: SQL(
                "%s + (number - 1) * %s - 1 + array_position(%s, model.%s)",
                firsts[other],
                len(rows[other]),
                sorted(rows[other]),
                SQL.identifier(column),
            )
            for column, other in {"id": table, **links}.items()
        }
        if table == "subscription_subscription":
            customer = SQL("(%s)[1 + number %% %s]", self.partners.ids, len(self.partners))
            values |= dict.fromkeys(CUSTOMER_COLUMNS, customer)
        cr.execute(
            SQL(
                """INSERT INTO %(table)s
                   SELECT copied.*
                     FROM generate_series(1, %(count)s) number,
                          %(table)s model,
                          jsonb_populate_record(model, jsonb_build_object(%(values)s)) copied
                    WHERE model.id = ANY(%(ids)s)""",
                table=SQL.identifier(table),
                count=count,
                values=SQL(", ").join(SQL("%s, %s", *item) for item in values.items()),
                ids=ids,
            )
        )
        return firsts[table]


@contextlib.contextmanager
def due(database, start, size):
    """Yield a copy of ``database`` with subscriptions that are due, and their company's id.

    :param date start: day on which they began
    """
    with throwaway_copy(database) as copy:
        with open_env(copy) as env:
            population = Population(env, start)
            population.grow(size)
            company_id = population.company.id
        yield copy, company_id


def new_run(database, company_id, day):
    """Return the id of a new billing run."""
    with open_env(database) as env:
        values = {"company_id": company_id, "date": day}
        return env["subscription.billing.run"].create(values).id


def assert_billed(database, run_id, size):
    """Assert that a run has posted an invoice for each of ``size`` subscriptions."""
    with open_env(database) as env:
        moves = env["subscription.billing.run"].browse(run_id)._get_invoices()
        if len(moves) != size or set(moves.mapped("state")) != {"posted"}:
            raise AssertionError(f"{len(moves)} invoices for {size} subscriptions")
