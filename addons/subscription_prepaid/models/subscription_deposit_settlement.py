"""What becomes of a deposit: offset, kept for damage, paid back (SM-20, LAW-46)."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ..prepaid import settle_deposit

SETTLED_TEMPLATE = "subscription_prepaid.mail_template_deposit_settled"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_deposit_claims(self):
        """The open invoices of the subscription that its deposit may be offset with.

        :rtype: account.move
        """
        self.ensure_one()
        owner = self._get_deposit_wallet().partner_id
        moves = (
            self.sudo()
            ._get_invoices()
            .filtered(
                lambda move: (
                    move.move_type == "out_invoice"
                    and move.state == "posted"
                    and move.commercial_partner_id == owner
                    and move.currency_id == self.currency_id
                    and move.amount_residual > 0
                )
            )
        )
        return moves.sorted(lambda move: (move.invoice_date_due, move.id))

    def _plan_deposit(self, invoices, kept=0.0):
        """What would become of the deposit.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.DepositReturn
        """
        claims = [(move, Decimal(str(move.amount_residual))) for move in invoices]
        held = Decimal(str(max(self.deposit_held, 0.0)))
        return settle_deposit(held, claims, Decimal(str(kept)))

    def _settle_deposit(
        self, invoices=None, kept=0.0, reason="", *, account=None, journal=None, pay_out=True
    ):
        """Settle the deposit that is held: keep, offset, pay back; nothing the second time.

        :param invoices: what to offset, those that fall due first; all open invoices of the
            subscription when left out.
        :param float kept: what is kept for true damage, without VAT.
        :param str reason: what for; needed where something is kept.
        :param account: income account of what is kept; that of the company when left out.
        :param journal: from which the rest is paid; the first bank when left out.
        :param bool pay_out: whether the rest is paid back; else it is still held.
        :return: what became of it; ``None`` when nothing was held.
        :rtype: ~odoo.addons.subscription_prepaid.prepaid.DepositReturn | None
        :raises UserError: when more is to be kept than is held, or without a reason.
        """
        self.ensure_one()
        wallet = self._get_deposit_wallet()
        if wallet:
            wallet._lock()
        self._check_deposit_kept(kept, reason)
        if not wallet or self.currency_id.compare_amounts(self.deposit_held, 0.0) <= 0:
            return None
        claims = self._get_deposit_claims() if invoices is None else invoices.sudo()
        for invoice in claims:
            wallet._check_may_settle(invoice)
        plan = self._plan_deposit(
            claims.sorted(lambda move: (move.invoice_date_due, move.id)), kept
        )
        for invoice, amount in plan.offsets:
            wallet._pay(invoice, float(amount))
        if plan.kept:
            wallet._keep(float(plan.kept), account or self._get_kept_account(), reason)
        if plan.rest and pay_out:
            partner = self.partner_invoice_id
            text = wallet._in_language_of(partner).env._("Deposit of %s", self.name)
            wallet._return(float(plan.rest), text, journal)
        self._report_deposit(plan, reason, pay_out)
        return plan

    def _check_deposit_kept(self, kept, reason):
        if self.currency_id.compare_amounts(kept, max(self.deposit_held, 0.0)) > 0:
            raise UserError(
                self.env._(
                    "%(kept)s cannot be kept: only %(held)s of the deposit are held.",
                    kept=self.currency_id.format(kept),
                    held=self.currency_id.format(max(self.deposit_held, 0.0)),
                )
            )
        if kept < 0:
            raise UserError(self.env._("What is kept of a deposit cannot be negative."))
        if kept and not (reason or "").strip():
            raise UserError(
                self.env._(
                    "Say for which damage a part of the deposit is kept; the letter says so."
                )
            )

    def _get_kept_account(self):
        if account := self.company_id._get_kept_account():
            return account
        raise UserError(
            self.env._(
                "Choose the account of kept deposits in the settings of the company %s first.",
                self.company_id.name,
            )
        )

    def _report_deposit(self, plan, reason, pay_out):
        """Record the settlement, and tell the customer."""
        rows = self._get_deposit_rows(plan, reason, pay_out, self.env.lang)
        text = ", ".join(f"{label}: {amount}" for label, amount in rows)
        self._log_event("deposit_settled", description=text)
        if not self.partner_invoice_id.email:
            return
        lang = self.partner_invoice_id.lang or self.env.lang
        rows = self._get_deposit_rows(plan, reason, pay_out, lang)
        template = self.env.ref(SETTLED_TEMPLATE).sudo()
        template.with_context(deposit_rows=rows).send_mail(self.id)

    def _get_deposit_rows(self, plan, reason, pay_out, lang):
        """The settlement line by line, in a language.

        :return: texts and formatted amounts; they add up to the first.
        :rtype: list[tuple[str, str]]
        """
        env, money = self.with_context(lang=lang).env, self.currency_id.with_context(lang=lang)
        held = plan.offset + plan.kept + plan.rest
        rows = [(env._("Deposit held"), held)]
        rows += [
            (env._("Offset with %s", invoice.name), -amount) for invoice, amount in plan.offsets
        ]
        if plan.kept:
            rows.append((env._("Kept: %s", reason), -plan.kept))
        if plan.rest:
            rows.append((env._("Paid back") if pay_out else env._("Still held"), plan.rest))
        return [(text, money.format(float(amount))) for text, amount in rows]
