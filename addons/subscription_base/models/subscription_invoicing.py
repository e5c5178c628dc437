"""From charges to invoices."""

from odoo import models
from odoo.fields import Command
from odoo.tools import format_date


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _create_invoices(self, charges, invoice_date):
        """One draft invoice, or credit note, for the open charges that share an invoice key.

        :param charges: the ``subscription.charge`` records to invoice.
        :param date invoice_date: date of the invoices.
        """
        moves = self.env["account.move"]
        for company, company_charges in charges.grouped("company_id").items():
            documents = company_charges.grouped(lambda charge: charge._get_invoice_key())
            moves += (
                moves.sudo()
                .with_company(company)
                ._create_bulk(
                    [
                        document.subscription_id._prepare_invoice_values(document, invoice_date)
                        for document in documents.values()
                    ]
                )
            )
        return moves.sudo(self.env.su)

    def _prepare_invoice_values(self, charges, invoice_date):
        """Values of the invoice that states ``charges``; a credit note if they are negative.

        Subscriptions that share an invoice agree in everything that is taken from the first here.
        """
        is_refund = sum(charges.mapped("amount")) < 0
        first = self[0]
        values = {
            "move_type": "out_refund" if is_refund else "out_invoice",
            "company_id": first.company_id.id,
            "partner_id": first.partner_invoice_id.id,
            "partner_shipping_id": first.partner_shipping_id.id,
            "currency_id": first.currency_id.id,
            "invoice_date": invoice_date,
            "delivery_date": max(charges.mapped("period_end")),
            "invoice_origin": ", ".join(self.mapped("name")),
            "ref": ", ".join(dict.fromkeys(filter(None, self.mapped("client_order_ref")))) or False,
            "invoice_user_id": first.user_id.id,
            "subscription_policy": first._get_invoice_policy(),
            "invoice_line_ids": [
                Command.create(self._prepare_document_line_values(charge, is_refund))
                for charge in charges.sorted(charges._get_invoice_order)
            ],
        }
        if first.invoice_journal_id:
            values["journal_id"] = first.invoice_journal_id.id
        if first.payment_term_id and not is_refund:
            values["invoice_payment_term_id"] = first.payment_term_id.id
        else:
            values["invoice_payment_term_id"] = False
            values["invoice_date_due"] = invoice_date
        if first.fiscal_position_id:
            values["fiscal_position_id"] = first.fiscal_position_id.id
        if is_refund and len(credited := self._get_credited_invoices(charges)) == 1:
            values["reversed_entry_id"] = credited.id
        return values

    def _get_invoice_policy(self):
        """What billing does with the subscription's invoices."""
        return self.invoice_policy

    def _prepare_document_line_values(self, charge, is_refund):
        """Values of the line for ``charge`` on an invoice of these subscriptions."""
        subscription = charge.subscription_id
        values = subscription._prepare_invoice_line_values(charge, is_refund)
        if len(self) > 1:
            values["name"] = f"{subscription.name}: {values['name']}"
        return values

    def _prepare_invoice_line_values(self, charge, is_refund):
        """Values of the invoice line whose subtotal is the charge, to the cent."""
        line = charge.line_id
        figures = charge._get_invoice_line_figures()
        return {
            "product_id": line.product_id.id,
            "name": self._get_invoice_line_name(charge),
            "quantity": float(-figures.quantity if is_refund else figures.quantity),
            "price_unit": float(figures.price_unit),
            "discount": float(figures.discount),
            "product_uom_id": line.product_id.uom_id.id,
            **self._prepare_invoice_line_taxes(line),
            "analytic_distribution": line.analytic_distribution or False,
            "subscription_id": self.id,
            "subscription_charge_id": charge.id,
            "subscription_period_start": charge.period_start,
            "subscription_period_end": charge.period_end,
        }

    def _get_invoice_line_name(self, charge):
        """The text of the invoice line: what, and for which days, in the customer's language."""
        lang = self.partner_invoice_id.lang or self.env.lang
        env = self.with_context(lang=lang).env
        name = charge.line_id.with_context(lang=lang)._get_invoice_name()
        parts = [name, self._get_service_period_text(env, charge)]
        localized = charge.with_context(lang=lang)
        if self.explain_amounts:
            parts.append(localized._explain())
        else:
            parts += localized._get_invoice_details()
        return "\n".join(parts)

    def _get_service_period_text(self, env, charge):
        """The time of service that an invoice has to state, in the language of ``env``."""
        start, end = (format_date(env, day) for day in (charge.period_start, charge.period_end))
        if start == end:
            return env._("Service date %(day)s", day=start)
        return env._("Service period %(start)s - %(end)s", start=start, end=end)

    def _get_credited_invoices(self, charges):
        """The posted invoices that the days of the credits among ``charges`` were charged on."""
        credits = charges.filtered(lambda charge: charge.sign < 0)
        return self.charge_ids.filtered(
            lambda charge: (
                charge.sign > 0
                and any(
                    charge.line_id == credit.line_id
                    and charge.period_start <= credit.period_end
                    and credit.period_start <= charge.period_end
                    for credit in credits
                )
            )
        ).move_line_ids.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
