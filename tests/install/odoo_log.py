"""Reading Odoo's log: which complaints concern our modules?"""

import re

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) (?P<database>\S+) "
    r"(?P<logger>[\w.]+): (?P<text>.*)$"
)
LEVELS = {"WARNING", "ERROR", "CRITICAL"}


def complaints(log, name="subscription"):
    """Warnings and errors that our modules log, or that name them, with what follows them."""
    found = []
    ours = False
    for line in log.splitlines():
        entry = LINE.match(line)
        if entry is None:
            if ours:
                found[-1] += "\n" + line
            continue
        text = entry["text"].replace(entry["database"], "")
        ours = entry["level"] in LEVELS and name in f"{entry['logger']} {text}"
        if ours:
            found.append(line)
    return found
