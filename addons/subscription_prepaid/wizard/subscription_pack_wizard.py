from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionPackWizard(models.TransientModel):
    """Sell a pack of units on a running subscription; billing charges it."""

    _name = "subscription.pack.wizard"
    _description = "Add a Pack of Units"

    subscription_id = fields.Many2one("subscription.subscription", required=True, readonly=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    pack_ids = fields.Many2many(
        "subscription.allowance.pack", string="Offered Packs", compute="_compute_pack_ids"
    )
    pack_id = fields.Many2one("subscription.allowance.pack", domain="[('id', 'in', pack_ids)]")
    quantity = fields.Float("Packs", default=1.0, digits="Product Unit", required=True)
    date_start = fields.Date(
        "From",
        compute="_compute_date_start",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    date_end = fields.Date("Until", compute="_compute_offer", help="Empty for ever.")
    units = fields.Float(digits="Product Unit", compute="_compute_offer")
    price_unit = fields.Float(
        "Price of One Pack",
        min_display_digits="Product Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        help="0 for a gift.",
    )

    @api.depends("subscription_id")
    def _compute_pack_ids(self):
        for wizard in self:
            subscription = wizard.subscription_id
            wizard.pack_ids = subscription and subscription._get_packs_to_sell()

    @api.depends("subscription_id")
    def _compute_date_start(self):
        for wizard in self:
            subscription = wizard.subscription_id
            wizard.date_start = subscription and subscription._get_today()

    @api.depends("pack_id", "quantity", "date_start")
    def _compute_offer(self):
        for wizard in self:
            pack = wizard.pack_id
            dated = pack and wizard.date_start
            wizard.units = pack.units * wizard.quantity
            wizard.date_end = dated and pack._get_last_day(wizard.date_start)

    @api.depends("pack_id", "quantity", "date_start")
    def _compute_price_unit(self):
        for wizard in self:
            pack, subscription = wizard.pack_id, wizard.subscription_id
            wizard.price_unit = (
                pack._get_price(subscription, wizard.date_start, wizard.quantity) if pack else 0.0
            )

    def action_add(self):
        self.ensure_one()
        self.subscription_id.check_access("write")
        if self.quantity <= 0 or self.price_unit < 0:
            raise UserError(
                self.env._("State how many packs, more than 0, and a price that is not negative.")
            )
        self.subscription_id._add_pack(
            self.pack_id, self.date_start, self.quantity, self.price_unit
        )
        return {"type": "ir.actions.act_window_close"}
