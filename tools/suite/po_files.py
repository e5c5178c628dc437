"""Compare and merge translation files. Runs inside the virtual environment (it needs polib).

po_files.py check TEMPLATE.pot=LANGUAGE.po ...     prints the findings as JSON
po_files.py merge TEMPLATE.pot=LANGUAGE.po ...     updates the translations
"""

import json
import sys
from pathlib import Path

import polib

PUNCTUATION = ",;:.)"
#: In German law a "Gutschrift" is an invoice that the customer writes (§ 14 (2) UStG).
AVOIDED = ("Gutschrift",)


def check(template, translation):
    """What keeps the translation from being complete: one line for each term."""
    if not Path(translation).exists():
        terms = len(polib.pofile(template))
        if terms:
            yield f"{_name(translation)}: missing, {terms} terms are not translated"
        return
    entries = polib.pofile(translation)
    known = {entry.msgid: entry for entry in entries if not entry.obsolete}
    for term in polib.pofile(template):
        entry = known.get(term.msgid)
        if entry is None:
            yield f"{_name(translation)}: not there: {_short(term.msgid)}"
        elif entry.fuzzy:
            yield f"{_name(translation)}:{entry.linenum}: fuzzy: {_short(term.msgid)}"
        elif not entry.msgstr.strip():
            yield f"{_name(translation)}:{entry.linenum}: not translated: {_short(term.msgid)}"
        elif fault := _find_fault(entry):
            yield f"{_name(translation)}:{entry.linenum}: {fault}: {_short(term.msgid)}"


def _find_fault(entry):
    """What is wrong with a translation, in words; empty when nothing is."""
    first = entry.msgid[0]
    if first in PUNCTUATION and not entry.msgstr.startswith(first):
        return f"does not begin with '{first}'"
    return next((f"says '{word}'" for word in AVOIDED if word in entry.msgstr), "")


def merge(template, translation):
    """Bring a translation to the template's terms; keep what is translated. Return counts."""
    source = polib.pofile(template)
    if Path(translation).exists():
        target = polib.pofile(translation)
    else:
        target = polib.POFile()
        target.metadata = dict(source.metadata)
    known = {entry.msgid: entry.msgstr for entry in target}
    result = polib.POFile(wrapwidth=78)
    result.metadata = target.metadata
    result.header = target.header
    for term in source:
        term.msgstr = known.get(term.msgid, "")
        result.append(term)
    result.save(translation)
    return len(source), sum(1 for entry in result if not entry.msgstr.strip())


def _short(text):
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."


def _name(path):
    return "/".join(Path(path).parts[-4:])


def main(action, pairs):
    """Do it for every pair of files."""
    findings = []
    for pair in pairs:
        template, translation = pair.split("=", 1)
        if action == "check":
            findings += check(template, translation)
        else:
            terms, empty = merge(template, translation)
            print(f"{_name(translation)}: {terms} terms, {empty} not translated")
    if action == "check":
        print(json.dumps(findings, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
