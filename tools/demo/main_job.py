"""`make demo`: sell, bill and collect a year of subscriptions, and print what came out.

Whatever exists already is left as it is, so the job can be interrupted and started again.
"""

import os
import sys
import time
from datetime import date

from demo import changes, company, customers, keys, life, orders, payments, report, usage
from demo.year import Year, is_month_end, payments_dated, previous_month, remembered
from suite.console import progress, say
from suite.odoo_env import open_env

#: A year is made at once: nobody follows it, and nobody is told of what was long ago.
QUIET = {"tracking_disable": True, "subscription_no_messages": True}


class MainJob:
    """The steps of the job on one database."""

    def __init__(self, env):
        self.env = env(context={**env.context, **QUIET})
        self.year = Year(remembered(self.env, date.today()))
        self.seconds = {}

    def run(self):
        """Do what is left to do; return the exit code."""
        self.customers = customers.everybody()
        self.sales = orders.all_sales(self.customers, self.year)
        self.changes = changes.all_changes(self.sales, self.year)
        with progress("demo: company and catalogue"):
            self.timed("company", self.prepare)
        with progress(f"demo: {len(self.customers)} customers"):
            self.timed("customers", self.create_customers)
        sold = [0]
        with progress(f"demo: {len(self.sales)} sales orders", lambda: f"{sold[0]} confirmed"):
            self.timed("orders", self.sell, lambda count: sold.__setitem__(0, count))
        self.bill_the_year()
        with progress("demo: what is under way"):
            self.timed("under way", self.go_on)
            self.timed("single cases", self.tell_cases)
        return self.conclude()

    def timed(self, name, work, *arguments):
        """Do `work`, commit it, and add its time to what is shown at the end."""
        started = time.monotonic()
        work(*arguments)
        self.env.cr.commit()
        self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - started

    # ------------------------------------------------------------------ steps
    def prepare(self):
        self.salesperson = company.prepare(self.env, self.year)

    def create_customers(self):
        self.partners, self.tokens = customers.create(self.env, self.customers)

    def sell(self, said):
        self.subscriptions = orders.sell(
            self.env, self.sales, self.partners, self.tokens, self.salesperson, said
        )

    def bill_the_year(self):
        dates, at = self.year.billing_dates(), [""]
        with progress(f"demo: {len(dates)} billing runs", lambda: at[0]):
            for number, day in enumerate(dates, 1):
                at[0] = f"{number} of {len(dates)}, {day}"
                self.timed("changes", self.make_changes, day)
                if day.day == 1:
                    self.timed("usage", self.record_usage, day)
                self.timed("billing", self.bill, day)
                if is_month_end(day):
                    self.timed("bank statements", self.import_statement, day)

    def make_changes(self, day):
        changes.make(self.env, self.changes, self.subscriptions, day, self.salesperson)

    def record_usage(self, day):
        usage.record(self.env, self.sales, self.subscriptions, *previous_month(day))

    def import_statement(self, day):
        payments.import_statement(self.env, self.customers, self.partners, day)

    def bill(self, day):
        """The billing run of the day with all its steps."""
        key = f"run_{day:%Y_%m_%d}"
        values = {"date": day, "company_id": self.env.company.id}
        run = keys.ensure(self.env, "subscription.billing.run", {key: values})[key]
        self.env.cr.commit()
        with payments_dated(self.env, day):
            while run.state != "done" and not run._process():
                time.sleep(0.1)

    def go_on(self):
        """What is not finished: this month's usage, a pause, a new version; and what is due."""
        today = self.year.as_of
        usage.record(self.env, self.sales, self.subscriptions, today.replace(day=1), today)
        changes.pause(self.env, self.sales, self.subscriptions, today)
        changes.prepare_version(self.env)
        self.bill(today)

    def tell_cases(self):
        """What a contract's life brings, with the messages that customers get."""
        heard = self.env(context={**self.env.context, "subscription_no_messages": False})
        life.tell(
            heard, self.sales, self.partners, self.subscriptions, self.year.as_of, self.salesperson
        )

    def conclude(self):
        started = time.monotonic()
        lines, right = report.summary(self.env, self.year)
        self.seconds["report"] = time.monotonic() - started
        parts = sorted(self.seconds.items(), key=lambda part: -part[1])
        say("demo: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts))
        print("\n" + "\n".join(lines))
        print("\nLook at it: make serve" if right else "\nThe books are not right.", flush=True)
        return 0 if right else 1


def main():
    with open_env(os.environ["SUITE_DATABASE"]) as env:
        return MainJob(env).run()


if __name__ == "__main__":
    sys.exit(main())
