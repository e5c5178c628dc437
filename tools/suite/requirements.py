"""Requirements and the tests that show them: reading, merging and counting (pure)."""

import csv
import fcntl
import json
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS_CSV = ROOT / "docs" / "requirements.csv"
ALL = "all"


def read_requirements(path=REQUIREMENTS_CSV):
    """The rows of the list: id, modules, text, and why a row is not shown yet."""
    with open(path, newline="", encoding="utf-8") as stream:
        return [
            {
                "id": row["id"],
                "modules": split_modules(row["module"]),
                "text": row["text"],
                "open_because": row["open_because"],
            }
            for row in csv.DictReader(stream)
        ]


def split_modules(cell):
    """'base; g:sepa' names two."""
    return [name.strip() for name in cell.split(";") if name.strip()]


def known_ids(path=REQUIREMENTS_CSV):
    """All ids, or None while there is no list."""
    return {row["id"] for row in read_requirements(path)} if path.exists() else None


def family(requirement_id):
    """`RE` of `RE-73`, `K3` of `K3-17`."""
    return requirement_id.partition("-")[0]


def order(requirement_id):
    """Sorts RE-9 before RE-10."""
    return [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", requirement_id)]


def merge_results(path, ran, passed):
    """Update the record: what ran this time replaces what was known of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once
        tests = load_results(path)
        for nodeid in ran:
            tests.pop(nodeid, None)
        tests.update({nodeid: sorted(ids) for nodeid, ids in passed.items() if ids})
        work = path.with_suffix(".part")
        work.write_text(json.dumps(dict(sorted(tests.items())), indent=1) + "\n")
        work.replace(path)


def load_results(path):
    """Test -> ids that it has shown; empty before the first run."""
    return json.loads(path.read_text()) if path.exists() else {}


def shown_by(tests):
    """Id -> the tests that show it."""
    found = defaultdict(list)
    for nodeid, ids in sorted(tests.items()):
        for requirement_id in ids:
            found[requirement_id].append(nodeid)
    return dict(found)


def mistakes(rows, shown):
    """What the list says that the tests do not: open rows without a reason, and reasons that are
    out of date."""
    for row in rows:
        if row["id"] in shown and row["open_because"]:
            yield f"{row['id']} is shown, yet the list says why it is open"
        elif row["id"] not in shown and not row["open_because"]:
            yield f"{row['id']} is open, and the list does not say why"


def totals(rows, shown):
    """(name, shown, all) for each module, each family, and everything."""
    groups = defaultdict(list)
    for row in rows:
        for module in dict.fromkeys(row["modules"]):
            groups["module", module].append(row["id"])
        groups["family", family(row["id"])].append(row["id"])
    ordered = sorted(key for key in groups if key[0] == "module")
    ordered += sorted(key for key in groups if key[0] == "family")
    counted = [(name, *_count(groups[kind, name], shown)) for kind, name in ordered]
    return [*counted, (ALL, *_count([row["id"] for row in rows], shown))]


def _count(ids, shown):
    return sum(1 for requirement_id in ids if requirement_id in shown), len(ids)
