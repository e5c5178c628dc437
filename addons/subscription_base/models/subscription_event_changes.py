"""The changes that an event tells, in words of the reader."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from .price_text import quantity_text

ARROW = "\N{RIGHTWARDS ARROW}"
NOTHING = "\N{EN DASH}"
#: Fields of which the type of the event says enough.
TOLD_BY_TYPE = ("waiting_for",)


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    changes_text = fields.Text("Changes in Words", compute="_compute_changes_text")
    changes_html = fields.Html("Before and After", compute="_compute_changes_text")

    @api.depends("changes")
    @api.depends_context("lang")
    def _compute_changes_text(self):
        for event in self:
            rows = event._get_change_rows()
            event.changes_text = "\n".join(
                f"{name}: {label} {before} {ARROW} {after}" for name, label, before, after in rows
            )
            event.changes_html = rows and event._get_changes_table(rows)

    @api.depends("changes")
    def _compute_summary(self):
        return super()._compute_summary()

    def _get_summary_text(self):
        text = super()._get_summary_text()
        if text or not self.changes:
            return text
        rows = zip(self.changes, self._get_change_rows(), strict=True)
        return ", ".join(
            f"{label} {before} {ARROW} {after}"
            for change, (_name, label, before, after) in rows
            if change["field"] not in TOLD_BY_TYPE
        )

    def _get_change_rows(self):
        """Each change as texts: record, field, before, after.

        :rtype: list[tuple[str, str, str, str]]
        """
        self.ensure_one()
        return [
            (
                change["name"],
                self._get_changed_label(change),
                self._get_changed_text(change, "old"),
                self._get_changed_text(change, "new"),
            )
            for change in self.changes or []
        ]

    def _get_changed_label(self, change):
        if change["model"] not in self.env:
            return change["field"]
        labels = self.env["ir.model.fields"].sudo().get_field_string(change["model"])
        return labels.get(change["field"], change["field"])

    def _get_changed_text(self, change, key):
        """A value for people; a field that is gone shows what was kept."""
        value = change[key]
        model = self.env.get(change["model"])
        field = model is not None and model._fields.get(change["field"])
        if not field or (value is None and field.type != "boolean"):
            return NOTHING if value is None else str(value)
        match field.type:
            case "boolean":
                return self.env._("Yes") if value else self.env._("No")
            case "many2one":
                return value[1]
            case "selection":
                return dict(field._description_selection(self.env)).get(value, value)
            case "date":
                return format_date(self.env, value)
            case "datetime":
                return format_datetime(self.env, value)
            case "monetary":
                return self.currency_id.format(value)
            case "float" if change["field"] in ("price_unit", "flat_amount"):
                return self.currency_id.format(value)
            case "float":
                return quantity_text(self.env, value)
        return str(value)

    def _get_changes_table(self, rows):
        head = Markup("<tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>").format(
            self.env._("Record"), self.env._("Field"), self.env._("Before"), self.env._("After")
        )
        body = Markup("").join(
            Markup("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(*row)
            for row in rows
        )
        return Markup(
            '<table class="table table-sm mb-0"><thead>{}</thead><tbody>{}</tbody></table>'
        ).format(head, body)
