"""What a customer sees of a subscription: its state in words, its dates, prices and invoices."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from .subscription_offset import OPEN

SHOWN_STATES = ("pending", "trial", "active", "paused", "suspended", "closed")
STATE_CLASSES = {
    "pending": "info",
    "trial": "info",
    "active": "success",
    "paused": "warning",
    "suspended": "danger",
    "closed": "secondary",
}


class SubscriptionSubscription(models.Model):
    """A customer reaches the subscription in the portal, or with a link that holds its token."""

    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "portal.mixin"]

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for subscription in self:
            subscription.access_url = f"/my/subscriptions/{subscription.id}"
        return result

    def action_preview_portal(self):
        """Open the page that the customer sees."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "target": "self", "url": self.get_portal_url()}

    @api.model
    def _get_portal_domain(self, user):
        """The subscriptions that belong to the user of a portal: those of the own company, too.

        Drafts are none yet, and what has been archived is not shown any more.

        :param user: a ``res.users`` record that has logged in.
        """
        customer = user.partner_id.commercial_partner_id
        return (
            Domain("partner_id.commercial_partner_id", "=", customer.id)
            & Domain("company_id", "in", user.company_ids.ids)
            & Domain("state", "in", SHOWN_STATES)
        )

    def _is_visible_to(self, user):
        """Whether the subscription is one of those that :meth:`_get_portal_domain` finds."""
        self.ensure_one()
        return bool(
            self.active
            and not user._is_public()
            and self.filtered_domain(self._get_portal_domain(user))
        )

    def _get_portal_status(self):
        """The state in words, and the Bootstrap colour for it.

        :return: such as ``("Free trial until 14 May 2026", "info")``
        :rtype: tuple[str, str]
        """
        self.ensure_one()
        colour = STATE_CLASSES.get(self.state, "secondary")
        if self.state == "active" and self.date_end:
            colour = "warning"
        return self._get_status_text(), colour

    def _get_status_text(self):
        def day(value):
            return format_date(self.env, value)

        match self.state:
            case "pending" if self.waiting_for == "payment":
                return self.env._("Waiting for your payment")
            case "pending" if self.waiting_for:
                return self.env._("Being prepared")
            case "pending":
                return self.env._("Starts on %s", day(self.date_start))
            case "paused" | "suspended":
                return self._get_rest_text()
            case "closed" if self._is_undone() or not self.date_end:
                return self.env._("Cancelled")
            case "closed":
                return self.env._("Ended on %s", day(self.date_end))
        if self.date_end:
            return self.env._("Ends on %s", day(self.date_end))
        if self.state == "trial":
            return self.env._("Free trial until %s", day(self.date_trial_end))
        return self.env._("Active")

    def _get_rest_text(self):
        last = self._get_pause(self._get_today()).date_end
        if self.state == "suspended":
            return self.env._("Suspended")
        if last:
            return self.env._("Paused until %s", format_date(self.env, last))
        return self.env._("Paused")

    def _get_portal_last_day(self):
        """The last day that is certain: of the subscription, else of its contract term."""
        self.ensure_one()
        return self.date_end or self.date_term_end

    def _get_remaining_days(self):
        """Days up to :meth:`_get_portal_last_day`, today included; ``None`` without such a day."""
        self.ensure_one()
        last = self._get_portal_last_day()
        if not last or self.state == "closed":
            return None
        return max((last - self._get_today()).days + 1, 0)

    def _get_portal_lines(self):
        """The lines that run today, or on the first day, and those that are still to come."""
        self.ensure_one()
        today = self._get_today()
        if self.state == "closed" and self.date_end:
            today = min(today, self.date_end)
        return self.line_ids.filtered(
            lambda line: line._is_current(today) or line.date_start > today
        ).filtered(lambda line: not line.date_end or line.date_end >= line.date_start)

    def _get_portal_moves(self):
        """The posted invoices and credit notes that state something about the subscription.

        :rtype: account.move
        """
        self.ensure_one()
        moves = self.env["account.move"].sudo()
        return moves.search(
            [
                ("line_ids.subscription_id", "=", self.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ],
            order="invoice_date desc, id desc",
        )

    def _get_portal_open_amount(self, moves):
        """What the customer is still to pay of own invoices, less what own credit notes leave.

        :param moves: invoices and credit notes of the subscription.
        :return: negative when the customer gets money.
        :rtype: float
        """
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        own = moves.filtered(
            lambda move: (
                move.payment_state in OPEN
                and move.commercial_partner_id == customer
                and move.currency_id == self.currency_id
            )
        )
        amounts = own.mapped(lambda move: -move.direction_sign * move.amount_residual)
        return self.currency_id.round(sum(amounts))

    def _get_portal_invoices(self):
        """The next invoice; none while the first one waits for the customer's payment."""
        self.ensure_one()
        if self.waiting_for == "payment":
            return ()
        return self._get_invoice_outlook(count=1)

    def _get_open_consents(self):
        """The changes of terms that the customer has to answer."""
        return self.migration_ids.filtered(lambda migration: migration.state == "requested")

    def _get_portal_documents(self):
        """Documents of the subscription other than invoices: pro-forma invoices of the customer.

        :return: dicts of ``title``, ``name``, ``date``, ``date_due``, ``amount`` and ``amount_due``
            (formatted, with taxes), ``url``, ``is_open`` (it waits for the customer) and
            ``lapses`` (so does the order, where it is not paid).
        :rtype: list[dict]
        """
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        own = self.proforma_ids.filtered(
            lambda proforma: proforma.partner_id.commercial_partner_id == customer
        )
        return [
            {
                "title": self.env._("Pro-forma invoice %s", proforma.name),
                "name": proforma.name,
                "date": proforma.date,
                "date_due": proforma.date_due,
                "amount": proforma.currency_id.format(proforma.amount_total),
                "amount_due": proforma.currency_id.format(proforma.amount_due),
                "url": proforma.get_portal_url(),
                "is_open": proforma._can_be_paid(),
                "lapses": True,
            }
            for proforma in own
        ]


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_open_invoice(self):
        """Whether the customer is to pay (more) for the invoice."""
        self.ensure_one()
        return self.move_type == "out_invoice" and self.payment_state in OPEN

    def _is_partly_open(self):
        """Whether something of the document is settled, but not all of it."""
        self.ensure_one()
        is_begun = self.currency_id.compare_amounts(self.amount_residual, self.amount_total)
        return self.payment_state in OPEN and bool(is_begun)

    def _get_portal_explanations(self, subscription):
        """How the amounts of a subscription on the invoice came about.

        :return: what, for which days, the amount as the ledger states it, and the sentence.
        :rtype: list[tuple[str, str, str, str]]
        """
        self.ensure_one()
        lines = self.sudo().invoice_line_ids.filtered(
            lambda line: line.subscription_id == subscription and line.subscription_charge_id
        )
        charges = lines.subscription_charge_id
        return [
            (
                charge.line_id._get_invoice_name(),
                charge._get_period_text(),
                charge.currency_id.format(charge.amount),
                charge._explain(),
            )
            for charge in charges.sorted(charges._get_invoice_order)
        ]

    def _may_be_opened_from(self, subscription, by_token):
        """Whether a visitor of the subscription's page may be led on to the invoice.

        An invoice of somebody else is none of the customer's business, and the token of one
        subscription does not open what is invoiced together with others.

        :param bool by_token: the visitor has nothing but the token of the subscription.
        """
        self.ensure_one()
        customer = subscription.partner_id.commercial_partner_id
        is_own = self.partner_id.commercial_partner_id == customer
        return is_own and not (by_token and self.subscription_ids - subscription)


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_portal_period(self):
        """Since when, or until when, the line counts, where that is not always; for customers.

        :rtype: str
        """
        self.ensure_one()
        today = self.subscription_id._get_today()
        if self.date_start > max(today, self.subscription_id.date_start):
            return self.env._("from %s", format_date(self.env, self.date_start))
        if self.charge_type in ("setup", "one_time") and (charges := self.sudo().charge_ids):
            day = min(charges.mapped("due_date"))
            return self.env._("charged on %s", format_date(self.env, day))
        if self.date_end and self.date_end != self.subscription_id.date_end:
            return self.env._("until %s", format_date(self.env, self.date_end))
        return ""
