import base64
import csv
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..models.subscription_usage_ingest import MAX_EVENTS

REQUIRED = ("subscription", "meter", "timestamp", "key")
OPTIONAL = ("quantity", "dimension", "unique_value", "replaces")
FIRST_ROW = 2  # the first one holds the names of the columns
SHOWN_ERRORS = 200


class SubscriptionUsageImport(models.TransientModel):
    """Usage from a CSV file: what is wrong is shown row by row, the rest is recorded."""

    _name = "subscription.usage.import"
    _description = "Import Usage"

    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    state = fields.Selection(
        [("choose", "File"), ("check", "Preview"), ("done", "Imported")], default="choose"
    )
    row_count = fields.Integer("Rows", readonly=True)
    error_count = fields.Integer("Rows with Errors", readonly=True)
    accepted_count = fields.Integer("Recorded", readonly=True)
    duplicate_count = fields.Integer("Known already", readonly=True)
    error_ids = fields.One2many("subscription.usage.import.error", "import_id", readonly=True)

    def action_check(self):
        """Show what is wrong with single rows; nothing is recorded yet."""
        self.ensure_one()
        usage, rows = self.env["subscription.usage"], self._read_rows()
        errors = [
            error | {"index": error["index"] + MAX_EVENTS * number}
            for number, batch in enumerate(split_every(MAX_EVENTS, rows))
            for error in usage.check_usage([*batch])
        ]
        self._show(rows, errors, state="check")
        return self._reopen()

    def action_import(self):
        """Record the rows that can be recorded."""
        self.ensure_one()
        usage, rows = self.env["subscription.usage"], self._read_rows()
        errors, accepted, duplicates = [], 0, 0
        for number, batch in enumerate(split_every(MAX_EVENTS, rows)):
            answer = usage.record_usage([*batch])
            accepted += len(answer["accepted"])
            duplicates += len(answer["duplicates"])
            errors += [
                error | {"index": error["index"] + MAX_EVENTS * number}
                for error in answer["errors"]
            ]
        self._show(rows, errors, state="done", accepted_count=accepted, duplicate_count=duplicates)
        return self._reopen()

    def _show(self, rows, errors, **values):
        self.error_ids.unlink()
        self.write(
            {
                "row_count": len(rows),
                "error_count": len(errors),
                "error_ids": [
                    fields.Command.create(
                        {
                            "row": error["index"] + FIRST_ROW,
                            "key": error["key"],
                            "reason": error["reason"],
                        }
                    )
                    for error in errors[:SHOWN_ERRORS]
                ],
                **values,
            }
        )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Usage"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read_rows(self):
        """The rows of the file as events.

        :rtype: list[dict]
        """
        text = self._decode(base64.b64decode(self.file))
        header = text.partition("\n")[0]
        separator = ";" if header.count(";") > header.count(",") else ","
        reader = csv.DictReader(io.StringIO(text), delimiter=separator)
        names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if missing := [name for name in REQUIRED if name not in names]:
            raise UserError(
                self.env._(
                    "The file has no column %(missing)s. Its first row names the columns: "
                    "%(required)s, and optionally %(optional)s.",
                    missing=", ".join(missing),
                    required=", ".join(REQUIRED),
                    optional=", ".join(OPTIONAL),
                )
            )
        reader.fieldnames = names
        return [self._prepare_event(row, separator == ";") for row in reader]

    @api.model
    def _decode(self, data):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("cp1252", errors="replace")

    @api.model
    def _prepare_event(self, row, decimal_comma):
        """A row as an event; what is empty is left out."""
        event = {
            name: row[name].strip()
            for name in (*REQUIRED, *OPTIONAL)
            if (row.get(name) or "").strip()
        }
        if decimal_comma and "quantity" in event:
            event["quantity"] = event["quantity"].replace(",", ".")
        return event


class SubscriptionUsageImportError(models.TransientModel):
    _name = "subscription.usage.import.error"
    _description = "Row of Usage that cannot be Imported"
    _order = "row"

    import_id = fields.Many2one("subscription.usage.import", required=True, ondelete="cascade")
    row = fields.Integer(aggregator=None)
    key = fields.Char()
    reason = fields.Char()
