from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The chatter of the portal is made of parts of Odoo's mail."""
        return [*super()._get_translation_frontend_modules_name(), "mail"]
