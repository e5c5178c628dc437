"""`make crash-test`: billing runs that are killed and raced must leave the same books behind.

Compares the books of one undisturbed run with those of a run that is killed at random moments and
started again, and with those of two runs at once. The last line is the result.
"""

import argparse
import contextlib
import os
import random
import sys
import time

import psycopg2
from crash import books, world
from crash.child import Runner

from suite import databases
from suite.console import say
from suite.odoo_env import configure, open_env

#: How many of the kills hit which step.
SHARES = {"create": 0.4, "post": 0.3, "collect": 0.3}
MOST_DIFFERENCES = 12


class CrashTest:
    """The phases, each on its own copy of the database that was prepared first."""

    def __init__(self, database, options):
        self.database, self.options = database, options
        self.rng = random.Random(options.seed)
        self.seconds = {}
        self.poisoned, self.reference = [], None
        self.counts = {"charged twice": 0, "missing": 0, "different": 0}
        self.kills = self.races = 0

    def main(self):
        say(f"crash-test: seed {self.options.seed}")
        self.prepare()
        self.undisturbed()
        self.killed()
        races = {
            "two runs of one day at once": self.race_of_two_runs,
            "one run in two processes": self.race_in_one_run,
            "a run while users bill by hand": self.race_with_users,
        }
        for name, race in list(races.items())[: self.options.races]:
            self.raced(name, race)
        return self.conclude()

    # ------------------------------------------------------------------ phases
    def prepare(self):
        started = time.monotonic()
        with open_env(self.database) as env:
            self.poisoned = world.build(env, self.options.subscriptions, self.rng)
        self.tell("prepared", started, f"{self.options.subscriptions} due subscriptions")

    def undisturbed(self):
        started = time.monotonic()
        with self.copy("ref") as (database, run):
            runner = Runner(database, run, small_batches=False)
            runner.wait()
            self.seconds = runner.seconds
            with open_env(database) as env:
                self.reference = books.read(env)
        if runner.failed:
            raise SystemExit("the undisturbed run failed")
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in self.seconds.items())
        self.tell("undisturbed run", started, f"seconds: {steps}")
        self.check_reference()

    def check_reference(self):
        """The reference itself must be right: all billed but the poisoned, none of those twice."""
        for name, count in self.reference["zero"].items():
            self.expect(not count, f"undisturbed run: {name}: {count}")
        for subscription, place in self.reference["subscriptions"].items():
            *_others, error, activities = place["state"][0]
            poisoned = int(subscription) in self.poisoned
            self.expect(bool(error) == poisoned, f"subscription {subscription}: {error}")
            self.expect(activities == poisoned, f"subscription {subscription}: {activities} tasks")
            self.expect(poisoned or place.get("charges"), f"subscription {subscription}: no charge")

    def killed(self):
        started = time.monotonic()
        with self.copy("kill") as (database, run):
            hits, states, conflicts = dict.fromkeys(SHARES, 0), {}, 0
            for number, (wanted, delay) in enumerate(self.plan_kills()):
                runner = Runner(database, run)
                alive = runner.wait(until=wanted) and runner.sleep(delay)
                state = self.state_in_database(database, wait=number % 3 == 0) if alive else None
                if not alive:
                    self.expect(not runner.failed, "a run that was started again failed")
                    continue
                step = runner.kill()
                conflicts += runner.conflicts
                self.kills += 1
                hits[step] = hits.get(step, 0) + 1
                states[state] = states.get(state, 0) + 1
                if not self.kills % 5:
                    say(f"... {self.kills} kills, the last one in step {step}")
            final = Runner(database, run)
            final.wait()
            self.expect(not final.failed, "the run that was left to finish failed")
            self.compare(database, "killed")
        detail = ", ".join(f"{count} in {step}" for step, count in hits.items())
        detail += "; PostgreSQL: " + ", ".join(f"{n} {state}" for state, n in states.items())
        self.tell(f"{self.kills} kills", started, f"{detail}; {conflicts} conflicts")
        self.expect(self.kills == self.options.kills, "too few kills: try another seed")
        self.expect(all(hits.values()), "not every step was hit: try another seed")

    def plan_kills(self):
        """In which step to kill, and how many seconds after its beginning."""
        for step, share in SHARES.items():
            count = round(self.options.kills * share)
            longest = 1.4 * self.seconds[step] / (count + 1)
            for _number in range(count):
                yield step, self.rng.uniform(0, longest)

    def raced(self, name, race):
        started = time.monotonic()
        with self.copy("race") as (database, run):
            runners = race(database, run)
            for runner in runners:
                runner.wait()
            after = Runner(database, self.new_run(database))  # collects what came in late
            after.wait()
            for runner in [*runners, after]:
                self.expect(not runner.failed, f"{name}: a process failed")
            self.compare(database, name)
        self.races += 1
        self.tell(name, started, f"{sum(runner.conflicts for runner in runners)} conflicts")

    def race_of_two_runs(self, database, run):
        return [Runner(database, run), Runner(database, self.new_run(database))]

    def race_in_one_run(self, database, run):
        return [Runner(database, run), Runner(database, run)]

    def race_with_users(self, database, run):
        """Users press the button on subscriptions that the run is about to reach."""
        billable = set(map(int, self.reference["subscriptions"])) - set(self.poisoned)
        clicked = self.rng.sample(sorted(billable), len(billable) // 5)
        other = self.new_run(database)
        return [Runner(database, run), Runner(database, other, by_hand=sorted(clicked))]

    # ------------------------------------------------------------------ tools
    @contextlib.contextmanager
    def copy(self, purpose):
        """A copy of the prepared database and a new billing run in it."""
        name = databases.clone(self.database, f"{self.database}_{purpose}")
        try:
            yield name, self.new_run(name)
        finally:
            databases.drop(name)

    def new_run(self, database):
        with open_env(database) as env:
            env.company.subscription_bill_ahead = True
            return env["subscription.billing.run"].create({"date": world.DATE}).id

    def state_in_database(self, database, wait):
        """What PostgreSQL does for the run at this moment.

        :param wait: for a moment when it is inside a statement.
        """
        with contextlib.closing(psycopg2.connect(dbname="postgres")) as connection:
            connection.autocommit = True
            cursor, end = connection.cursor(), time.monotonic() + 2
            while True:
                cursor.execute(
                    "SELECT state FROM pg_stat_activity WHERE datname = %s LIMIT 1", (database,)
                )
                state = (cursor.fetchone() or ["not connected"])[0]
                if not wait or state == "active" or time.monotonic() > end:
                    return {"active": "inside a statement"}.get(state, state)

    def compare(self, database, name):
        with open_env(database) as env:
            counts, told = books.compare(books.read(env), self.reference)
        for line in told[:MOST_DIFFERENCES]:
            say(f"  {name}: {line}")
        for key, count in counts.items():
            self.counts[key] += count

    def expect(self, condition, text):
        if not condition:
            self.counts["different"] += 1
            say(f"  {text}")

    def tell(self, phase, started, detail):
        say(f"{phase}: {time.monotonic() - started:.1f} s; {detail}")

    def conclude(self):
        counts = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        print(
            f"crash-test: {self.kills} kills, {self.races} races, "
            f"{self.options.subscriptions} subscriptions, {counts}",
            flush=True,
        )
        return 1 if any(self.counts.values()) else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 0))
    parser.add_argument("--subscriptions", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--races", type=int, default=3)
    options = parser.parse_args()
    options.seed = options.seed or random.SystemRandom().randint(1, 999_999)
    database = os.environ["SUITE_DATABASE"]
    configure(database)
    return CrashTest(database, options).main()


if __name__ == "__main__":
    sys.exit(main())
