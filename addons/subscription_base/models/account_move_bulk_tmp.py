from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _create_bulk(self, vals_list):
        return self.with_context(tracking_disable=True).create(vals_list)

    def _post_bulk(self):
        return self.with_context(tracking_disable=True)._post(soft=False)
