"""What proves something is only added to, and no code of ours touches what is posted (LAW-49)."""

import ast
from pathlib import Path

from odoo.exceptions import UserError
from odoo.modules.module import get_module_path
from odoo.tests import tagged

from .common import shows
from .isolation import MARK, IsolationCommon, is_ours

MIXIN = "subscription.evidence.mixin"
#: Methods of Odoo that take a posted entry back or away.
UNDOING = {"button_draft", "_unlink_or_reverse"}
EVIDENCE = {
    "subscription.event", "subscription.charge", "subscription.migration", "subscription.usage",
    "subscription.billing.run", "subscription.payment.attempt", "subscription.proforma",
    "subscription.proforma.line", "subscription.withdrawal", "subscription.declaration",
    "subscription.action.run", "subscription.message",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestEvidence(IsolationCommon):
    def _get_evidence(self):
        """A record of each model that declares itself evidence."""
        models = {
            name
            for name in self._get_suite_models()
            if issubclass(self.env.registry[name], self.env.registry[MIXIN])
        }
        self.assertLessEqual(EVIDENCE, models)
        for name in sorted(models):
            records = self.env[name].sudo().search([])._filter_evidence()
            self.assertTrue(records, f"plant evidence of {name} in IsolationCommon._plant")
            yield records[:1]

    @shows("LAW-49")
    def test_evidence_is_neither_written_nor_deleted(self):
        self.assertTrue(self.env.user.has_group("subscription_base.group_subscription_manager"))
        for record in self._get_evidence():
            fields = [
                name
                for name, field in record._fields.items()
                if field.store
                and field.column_type
                and name not in ("id", "write_date")
                and name not in record._get_annotated_fields()
            ]
            self.env.cr.flush()
            self.env.invalidate_all()
            before = record.read(fields)
            with self.subTest(model=record._name):
                for name in fields:
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        record.sudo(False).write({name: record[name]})
                for su in (False, True):
                    for context in ({}, {"_force_unlink": True}):
                        with self.assertRaises(UserError), self.env.cr.savepoint():
                            record.sudo(su).with_context(**context).unlink()
                self.assertEqual(record.read(fields), before)

    @shows("LAW-49")
    def test_no_code_undoes_what_is_posted(self):
        """Every call in the suite's code is looked at; what undoes is only ever a reversal."""
        found, files = [], 0
        for path in self._get_sources():
            files += 1
            tree = ast.parse(path.read_text())
            found += [f"{path.name}:{line} {what}" for line, what in self._find_undoing(tree)]
        self.assertGreater(files, 100)
        self.assertEqual(found, [])

    def _get_sources(self):
        modules = self.env["ir.module.module"].sudo().search([("state", "=", "installed")])
        for module in modules.filtered(lambda module: is_ours(f"odoo.addons.{module.name}.")):
            for path in sorted(Path(get_module_path(module.name)).rglob("*.py")):
                if "tests" not in path.parts:
                    yield path

    def _find_undoing(self, tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value == "force_delete":
                yield node.lineno, "force_delete"
            if isinstance(node, ast.keyword) and node.arg == "force_delete":
                yield node.value.lineno, "force_delete"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                statement = " ".join(node.value.upper().split())
                if "DELETE FROM ACCOUNT_" in statement:
                    yield node.lineno, statement
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = ast.unparse(node.func.value)
            if owner == "super()":
                continue
            if node.func.attr in UNDOING:
                yield node.lineno, f"{owner}.{node.func.attr}"
            if node.func.attr == "unlink" and ("move" in owner or "invoice" in owner):
                yield node.lineno, f"{owner}.unlink"

    def test_the_search_for_undoing_would_find_it(self):
        for code in (
            "charge.move_id.button_draft()",
            "moves.with_context(force_delete=True).unlink()",
            "self.with_context(**{'force_delete': True})",
            "cr.execute('DELETE FROM account_move_line')",
            "self.invoice_ids.unlink()",
        ):
            self.assertTrue(list(self._find_undoing(ast.parse(code))), code)
        self.assertFalse(list(self._find_undoing(ast.parse("super().button_draft()"))), MARK)
