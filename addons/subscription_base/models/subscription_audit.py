"""What is changed on a subscription and its parts, before and after: noted in its events.

The values are noted where they are written and go onto the event that says what was done, such as
"Quantity changed". What no event has told by the end of the transaction becomes one of its own.
What is rolled back, as in a preview, is forgotten.
"""

from odoo import api, fields, models

NOTED = "subscription_base.audit"


class SubscriptionAuditedMixin(models.AbstractModel):
    """A subscription, or a part of one, of which the changes are recorded."""

    _name = "subscription.audited.mixin"
    _description = "Audited Part of a Subscription"

    def _get_audited_fields(self):
        """Fields whose changes are recorded with the value before and after.

        Leave out what billing writes in bulk: it has a record of its own, the charges.

        :rtype: set[str]
        """
        return set()

    def _get_audited_subscription(self):
        """The subscription whose history tells of the record."""
        return self.subscription_id

    def _get_audit_predecessor(self):
        """The record that a new one continues: what is different is the change."""
        return self.browse()

    def _get_audit_event_type(self, name):
        """The type of the event of its own that a change of a field becomes."""
        return "amended"

    def _is_audited(self):
        """A draft has no history: nothing has been agreed."""
        subscription = self._get_audited_subscription()
        return bool(subscription.id) and subscription.state != "draft"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records.sudo().filtered(lambda record: record._is_audited()):
            previous = record._get_audit_predecessor()
            before = previous._get_audit_values() if previous else {}
            record._note_changes(before, record._get_audit_values())
        return records

    def write(self, vals):
        if self._get_audited_fields().isdisjoint(vals):
            return super().write(vals)
        saved = self.sudo().filtered(lambda record: isinstance(record.id, int))
        before = {record: (record._is_audited(), record._get_audit_values()) for record in saved}
        result = super().write(vals)
        for record, (was_audited, values) in before.items():
            if was_audited or record._is_audited():
                record._note_changes(values, record._get_audit_values())
        return result

    def unlink(self):
        for record in self.sudo().filtered(lambda record: record._is_audited()):
            record._note_changes(record._get_audit_values(), {})
        return super().unlink()

    def _get_audit_values(self):
        """The values of the audited fields, as JSON; records with the name that they have now.

        :rtype: dict
        """
        self.ensure_one()
        return {name: self._get_audit_value(name) for name in self._get_audited_fields()}

    def _get_audit_value(self, name):
        field, value = self._fields[name], self[name]
        if field.type == "many2one":
            return [value.id, value.display_name] if value else None
        if field.type in ("date", "datetime"):
            return field.to_string(value) or None
        return None if value is False and field.type != "boolean" else value

    def _note_changes(self, before, after):
        """Remember what differs, for the next event of the subscription."""
        names = sorted(
            name
            for name in before.keys() | after.keys()
            if (before.get(name) or None) != (after.get(name) or None)
        )
        if not names:
            return
        subscription = self._get_audited_subscription()
        subscription._open_notes()
        changes = self.env.cr.precommit.data[NOTED][subscription.id]["changes"]
        for name in names:
            change = changes.setdefault(
                (self._name, self.id, name),
                {
                    "model": self._name,
                    "id": self.id,
                    "name": self.display_name,
                    "field": name,
                    "old": before.get(name),
                },
            )
            change["new"] = after.get(name)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _open_notes(self):
        """Begin to remember changes, and who makes them; at the end they are recorded."""
        self.ensure_one()
        precommit, events = self.env.cr.precommit, self.env["subscription.event"]
        if NOTED not in precommit.data:
            precommit.data[NOTED] = {}
            clean = self.env(user=self.env.uid, context={}, su=True)
            precommit.add(events.with_env(clean)._record_notes)
        if self.id not in precommit.data[NOTED]:
            actor = {"user_id": self.env.uid, **events._prepare_origin()}
            precommit.data[NOTED][self.id] = {"actor": actor, "changes": {}}

    def _take_changes(self):
        """What has been noted of the subscription and is told now; ``False`` when nothing has."""
        self.ensure_one()
        notes = self.env.cr.precommit.data.get(NOTED, {}).pop(self.id, None)
        return notes and self.env["subscription.event"]._get_net_changes(notes)

    def _prepare_event(self, event_type, effective):
        return super()._prepare_event(event_type, effective) | {
            "changes": self._take_changes() or False
        }


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    changes = fields.Json(
        readonly=True,
        help="Each changed field with its value before and after: model, id and name of the "
        "record, field, old, new. A related record is a list of its id and its name at the time.",
    )
    changed_fields = fields.Char(
        compute="_compute_changed_fields",
        store=True,
        help="Names of the fields that changed, to search for.",
    )

    @api.depends("changes")
    def _compute_changed_fields(self):
        for event in self:
            names = {change["field"] for change in event.changes or []}
            event.changed_fields = " ".join(sorted(names)) or False

    @api.model
    def _get_net_changes(self, notes):
        """What is different in the end, of all that has been written."""
        return [
            change
            for change in notes["changes"].values()
            if (change["old"] or None) != (change["new"] or None)
        ]

    @api.model
    def _record_notes(self):
        """Let events of their own tell what no other event has told."""
        noted = self.env.cr.precommit.data.pop(NOTED, {})
        vals_list = []
        for subscription in self.env["subscription.subscription"].browse(noted).exists():
            notes = noted[subscription.id]
            if changes := self._get_net_changes(notes):
                types = {
                    self.env[change["model"]]._get_audit_event_type(change["field"])
                    for change in changes
                }
                event_type = types.pop() if len(types) == 1 else "amended"
                vals_list.append(
                    notes["actor"]
                    | {
                        "subscription_id": subscription.id,
                        "event_type": event_type,
                        "date_effective": subscription._get_today(),
                        "changes": changes,
                    }
                )
        if vals_list:
            self.create(vals_list)
