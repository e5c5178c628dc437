"""The preceding invoice reference of electronic credit notes (BG-3: BT-25 and BT-26, LAW-40).

Odoo marks them as type 381 by itself, and names the invoice for the Netherlands only.
"""

from odoo import models


class AccountEdiXmlUblBis3(models.AbstractModel):
    _inherit = "account.edi.xml.ubl_bis3"

    def _add_invoice_header_nodes(self, document_node, vals):
        result = super()._add_invoice_header_nodes(document_node, vals)
        if corrected := vals["invoice"]._get_corrected_invoices():
            document_node["cac:BillingReference"] = [
                {
                    "cac:InvoiceDocumentReference": {
                        "cbc:ID": {"_text": invoice.name},
                        "cbc:IssueDate": {"_text": invoice.invoice_date},
                    }
                }
                for invoice in corrected
            ]
        return result


class AccountEdiXmlCii(models.AbstractModel):
    _inherit = "account.edi.xml.cii"

    def _export_invoice_vals(self, invoice):
        corrected = invoice._get_corrected_invoices()
        return super()._export_invoice_vals(invoice) | {"corrected_invoices": corrected}
