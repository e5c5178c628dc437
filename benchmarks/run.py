"""Run the benchmarks: print a table, write build/bench.json.

    python benchmarks/run.py [--database NAME] [--rounds N] [--size N] [BENCHMARK ...]

The database (by default the one that SUITE_DATABASE names) is written to: give it a copy.
"""

import argparse
import json
import os
from pathlib import Path

import idle_run
import invoices
import run_memory
import two_workers
import usage_ingest
import usage_rating

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "build" / "bench.json"

#: name -> function(options) -> {result: {"value", "unit", "ratio", "against"}}
BENCHMARKS = {
    "invoices": invoices.run,
    "idle_run": idle_run.run,
    "run_memory": run_memory.run,
    "two_workers": two_workers.run,
    "usage_ingest": usage_ingest.run,
    "usage_rating": usage_rating.run,
}


def main():
    options = parse_arguments()
    results = {}
    for name in options.benchmarks or BENCHMARKS:
        results |= BENCHMARKS[name](options)
    print_table(results)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    print(f"written to {RESULT.relative_to(ROOT)}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("benchmarks", nargs="*", choices=[[], *BENCHMARKS], metavar="BENCHMARK")
    parser.add_argument("--database", default=os.environ.get("SUITE_DATABASE"))
    parser.add_argument("--rounds", type=int, default=10, help="rounds of each way (10)")
    parser.add_argument("--size", type=int, default=100, help="documents in a round (100)")
    parser.add_argument(
        "--due", type=int, default=run_memory.SUBSCRIPTIONS, help="run_memory: due subscriptions"
    )
    options = parser.parse_args()
    if not options.database:
        parser.error("name a database: --database or SUITE_DATABASE")
    return options


def print_table(results):
    rows = [("result", "value", "unit", "ratio", "against")]
    for name, result in sorted(results.items()):
        against = "" if result["against"] is None else f"{result['against']:.1f}"
        ratio = "" if result["ratio"] is None else f"{result['ratio']:.2f}"
        rows.append((name, f"{result['value']:.1f}", result["unit"], ratio, against))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


if __name__ == "__main__":
    main()
