"""Run by translations.py inside Odoo: write the terms of each module to FOLDER/<module>.pot."""

import sys
from pathlib import Path

from suite.odoo_env import open_env

#: Lines that change with every export and would make every diff noisy.
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date")


def export(env, folder, modules):
    from odoo.tools.translate import trans_export

    for module in modules:
        path = Path(folder) / f"{module}.pot"
        with open(path, "wb") as stream:
            trans_export(False, [module], stream, "po", env)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not any(word in line for word in VOLATILE)]
        path.write_text("".join(kept), encoding="utf-8")


if __name__ == "__main__":
    with open_env(sys.argv[1]) as environment:
        export(environment, sys.argv[2], sys.argv[3:])
