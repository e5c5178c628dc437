from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self.env["subscription.wallet"]._forget()
        return partials

    def unlink(self):
        result = super().unlink()
        self.env["subscription.wallet"]._forget()
        return result
