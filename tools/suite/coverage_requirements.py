"""`make coverage-requirements`: which requirements the last run of the tests has shown."""

from . import requirements
from .console import Problem, say
from .settings import BUILD

TEXT_WIDTH = 90


def coverage_requirements(_arguments):
    """list the requirements that passed tests show, those that are open, and totals"""
    if not requirements.REQUIREMENTS_CSV.exists():
        raise Problem("docs/requirements.csv does not exist")
    results = BUILD / "requirements.json"
    if not results.exists():
        raise Problem("no test results yet: make test")
    rows, tests = requirements.read_requirements(), requirements.load_results(results)
    for line in report(rows, tests):
        print(line)
    wrong = list(requirements.mistakes(rows, requirements.shown_by(tests)))
    for line in wrong:
        say(line)
    return 1 if wrong else 0


def report(rows, tests):
    """The lines to print: shown requirements with their tests, open ones, totals."""
    shown = requirements.shown_by(tests)
    rows = sorted(rows, key=lambda row: requirements.order(row["id"]))
    for row in rows:
        if row["id"] in shown:
            yield f"{row['id']}  {row['text'][:TEXT_WIDTH]}"
            yield from (f"    {nodeid}" for nodeid in shown[row["id"]])
    yield ""
    yield "open:"
    for row in rows:
        if row["id"] not in shown:
            modules = ";".join(row["modules"])
            yield f"{row['id']}  [{modules}] {row['text'][:TEXT_WIDTH]}"
            if row["open_because"]:
                yield f"    {row['open_because']}"
    yield ""
    for name, count, whole in requirements.totals(rows, shown):
        yield f"{name} {count}/{whole}"
