import re

from odoo import api, fields, models


class SubscriptionFeature(models.Model):
    """Something that a subscriber may use: an access, a benefit, an allowance."""

    _name = "subscription.feature"
    _description = "Feature"
    _order = "sequence, name, id"
    _rec_names_search = ["name", "handle"]

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    handle = fields.Char(
        compute="_compute_handle",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        copy=False,
        help="Technical name by which other systems ask for the feature.",
    )
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)

    _handle_uniq = models.Constraint(
        "UNIQUE (handle)", "Another feature has this handle already: choose a different one."
    )

    @api.depends("name")
    def _compute_handle(self):
        for feature in self:
            proposal = re.sub(r"[^a-z0-9]+", "-", (feature.name or "").lower()).strip("-")
            feature.handle = feature.handle or proposal
