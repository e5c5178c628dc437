"""The e-mail with an invoice: Odoo sends it, from the plan's template, and it is logged here."""

from markupsafe import Markup

from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_mail_template(self):
        """Invoices of subscriptions are sent with the template that their plan asks for.

        German invoice corrections are all sent with ours: that of Odoo calls them credit notes.
        """
        kind = {"out_invoice": "invoice", "out_refund": "credit_note"}.get(self[:1].move_type)
        if kind and all(move._has_message_template() for move in self):
            plan = self.sudo().subscription_ids.plan_id[:1]
            _is_sent, template = self.env["subscription.message.rule"]._resolve(
                kind, plan, self.company_id[:1]
            )
            if template:
                return template
        return super()._get_mail_template()

    def _has_message_template(self):
        self.ensure_one()
        return bool(self.subscription_ids) or self._is_called_correction()

    def _get_message_token(self):
        """The saved payment method that the open invoice is going to be charged to."""
        self.ensure_one()
        tokens = self.sudo().subscription_ids.payment_token_id.filtered("active")
        is_open = self.move_type == "out_invoice" and self.payment_state in ("not_paid", "partial")
        return tokens[:1] if is_open else tokens.browse()

    def _log_subscription_mail(self):
        """Let each subscription on the invoice say that the customer has got it (PA-13)."""
        self.ensure_one()
        mail = self.message_ids.sorted("id")[-1:]
        kind = "invoice" if self.move_type == "out_invoice" else "credit_note"
        messages = self.env["subscription.message"].sudo()
        for subscription in self.sudo().subscription_ids:
            known = messages.search(
                [("subscription_id", "=", subscription.id), ("move_id", "=", self.id)], limit=1
            )
            values = {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "mail_message_id": mail.id,
            }
            if known:
                known.write(values)
            else:
                messages.create(
                    {
                        "kind": kind,
                        "key": f"move {self.id}",
                        "subscription_id": subscription.id,
                        "move_id": self.id,
                        "date_about": self.invoice_date,
                        **values,
                    }
                )
            subscription._message_log(
                body=self.env._(
                    "%(document)s sent to %(recipients)s.",
                    document=self._get_html_link(title=f"{self.type_name} {self.name}"),
                    recipients=Markup(", ").join(mail.partner_ids.mapped("display_name")),
                )
            )


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        result = super()._send_mail(move, mail_template, **kwargs)
        if move.subscription_ids:
            move._log_subscription_mail()
        return result
