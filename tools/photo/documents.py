"""Mails and papers of the demo database, in the language of the picture.

Texts that were written down when a document was made, such as those of its lines, are in the
language that its customer had then: such a document is one of a customer who reads the language.
"""

from datetime import timedelta

from odoo.fields import Command, Domain

from . import portal
from .records import of_demo

TRIAL_PLAN = "subscription_base.demo_plan_storage"
PREPAID_PLAN = "subscription_base.demo_plan_vpn"


def _invoice(env, move_type):
    """A posted document with several lines, whose customer reads the language."""
    moves = env["account.move"].search(
        Domain("move_type", "=", move_type)
        & Domain("state", "=", "posted")
        & Domain("invoice_line_ids.subscription_id", "!=", False)
        & Domain("partner_id.lang", "=", env.lang)
        & Domain("currency_id", "=", env.company.currency_id.id),
        order="id",
        limit=200,
    )
    is_invoice = move_type == "out_invoice"

    def interest(move):
        is_open = move.payment_state in ("not_paid", "partial") and not move._get_message_token()
        return is_invoice and is_open, len(move.invoice_line_ids)

    return of_demo(moves.sorted(interest, reverse=True), f"document in {env.lang}")


def invoice(env):
    return "account.account_invoices", _invoice(env, "out_invoice")


def credit_note(env):
    return "account.account_invoices", _invoice(env, "out_refund")


def _of_customer(record):
    record.partner_id.lang = record.env.lang
    return record


def open_proforma(env):
    """A pro-forma invoice that waits for its money; without one, that of a new order."""
    found = env["subscription.proforma"].search(
        [("state", "=", "open"), ("partner_id.lang", "=", env.lang)], order="id", limit=1
    )
    return found or _order_in_advance(env)


def _order_in_advance(env):
    plan = env.ref(PREPAID_PLAN)
    line = {"product_id": plan.main_component_id.product_id.id, "subscription_plan_id": plan.id}
    order = env["sale.order"].create(
        {
            "partner_id": _running(env).partner_id.id,
            "user_id": _salesperson(env).id,
            "order_line": [Command.create(line)],
        }
    )
    order.action_confirm()
    return of_demo(order.sudo().subscription_ids.proforma_ids, "pro-forma invoice of an order")


def _salesperson(env):
    return of_demo(env["res.users"].search([("login", "=", "sales")]), "salesperson")


def proforma(env):
    return "subscription_base.action_report_proforma", open_proforma(env)


def termination(env):
    return "subscription_base.action_report_termination", _of_customer(portal.terminated(env))


def settlement(env):
    return "subscription_base.action_report_settlement", _of_customer(portal.ended(env))


def declaration(env):
    return "subscription_base.subscription_declaration_report", portal.declaration(env)


def quotation(env):
    order = _of_customer(portal.upsell_order(env))
    return "sale.action_report_saleorder", order


# ------------------------------------------------------------------ mails
def _running(env):
    """A consumer's running subscription, whose customer reads the language."""
    found = env["subscription.subscription"].search(
        [
            ("state", "=", "active"),
            ("date_end", "=", False),
            ("customer_kind", "=", "consumer"),
            ("partner_id.lang", "=", env.lang),
        ],
        order="id",
        limit=1,
    )
    return of_demo(found, "active subscription")


def _on_trial(env):
    """A subscription of the plan with a trial, as it was before its trial ended."""
    plan = env.ref(TRIAL_PLAN)
    partner = _running(env).partner_id
    subscription = env["subscription.subscription"].create(
        {"partner_id": partner.id, "plan_id": plan.id, "user_id": _salesperson(env).id}
    )
    subscription.line_ids = [(0, 0, vals) for vals in subscription._prepare_plan_lines()]
    subscription.action_start()
    return subscription


def _paused(env):
    return portal.paused(env)


def _withdrawn(env):
    found = env["subscription.withdrawal"].search([], limit=1)
    return of_demo(found, "withdrawal").subscription_id


def _unpaid(env):
    """A subscription whose payment failed."""
    failed = env["subscription.payment.attempt"].search([("state", "=", "failed")], limit=1)
    return of_demo(failed, "failed payment").subscription_ids[:1]


def _change_of_quantity(env):
    """The latest change to more or fewer seats of a subscription that runs."""
    events = env["subscription.event"].search(
        [("event_type", "=", "quantity"), ("subscription_id.state", "=", "active")],
        order="date_effective desc, id desc",
        limit=1,
    )
    return of_demo(events, "change of a quantity")


def _changed(env):
    return _change_of_quantity(env).subscription_id


SUBSCRIPTION_OF_KIND = {
    "welcome": _on_trial,
    "trial_end": _on_trial,
    "paused": _paused,
    "terminated": portal.terminated,
    "voided": portal.waiting,
    "revoked": _withdrawn,
    "payment_failed": _unpaid,
    "ended": portal.ended,
    "changed": _changed,
}
KINDS = (
    "welcome", "trial_end", "renewal", "changed", "paused", "resumed", "terminated", "continued",
    "voided", "revoked", "payment_failed", "ended",
)  # fmt: skip


def message(kind):
    """The message of a kind as the scheduled job sends it, with Odoo's layout."""

    def send(env):
        subscription = _of_customer(SUBSCRIPTION_OF_KIND.get(kind, _running)(env))
        day = subscription._get_today()
        if kind == "renewal":
            day = subscription._get_renewal_day(day)
        elif kind == "changed":
            day = _change_of_quantity(env).date_effective
        elif kind == "trial_end":
            day = subscription.date_trial_end + timedelta(days=1)
        elif kind in ("terminated", "ended"):
            day = subscription.date_end
        told = (
            env["subscription.message"]
            .sudo()
            .create(
                {
                    "kind": kind,
                    "key": f"photo {env.lang}",
                    "subscription_id": subscription.id,
                    "date_about": day,
                }
            )
        )
        context = told._get_render_context()
        _is_sent, template = (
            env["subscription.message.rule"]
            .sudo()
            ._resolve(kind, subscription.plan_id, subscription.company_id)
        )
        return _sent(template, subscription.with_context(**context))

    return send


def _sent(template, record, **context):
    """The mail that a template makes of a record, in the layout that it has for customers."""
    from odoo.addons.subscription_base.models.subscription_message import LAYOUT_CONTEXT

    rendered = template.with_context(**record.env.context | LAYOUT_CONTEXT | context)
    return record.env["mail.mail"].browse(rendered.send_mail(record.id))


def mail(xml_id, find, **context):
    """What sends the mail template to the customer of the record that `find(env)` gives."""

    def send(env):
        record = find(env).with_context(lang=env.lang, **context)
        name = xml_id if "." in xml_id else f"subscription_base.{xml_id}"
        return _sent(env.ref(name), record)

    return send


def invoice_mail(find):
    """The mail with which Odoo sends an invoice or a correction, without its attachments."""

    def send(env):
        _report, move = find(env)
        sender = env["account.move.send"].with_context(mail_notify_force_send=False)
        move = move.with_env(sender.env)
        known = {"sending_methods": {"email"}, "mail_attachments_widget": []}
        settings = sender._get_default_sending_settings(move, **known)
        sender._send_mails({move: settings | known})
        written = Domain("mail_message_id", "in", move.message_ids.ids)
        return env["mail.mail"].sudo().search(written, order="id desc", limit=1)

    return send


def expiring_card(env):
    found = env["payment.token"].search([("expires_on", ">=", "today")], limit=1)
    return _of_customer(of_demo(found, "payment method that expires"))


def notice(env):
    """A business is told in time that its plan gets dearer."""
    portal.migration(env)
    found = env["subscription.migration"].search(
        [
            ("state", "=", "planned"),
            ("is_dearer", "=", True),
            ("subscription_id.customer_kind", "=", "business"),
            ("partner_id.lang", "=", env.lang),
        ],
        order="id",
        limit=1,
    )
    return of_demo(found, "business that gets notice")


def action_mail(xml_id):
    """What a life-cycle action writes to somebody who reads the language."""

    def send(env):
        found = env["subscription.action.run"].search([("action_type", "=", "email")], limit=1)
        run = of_demo(found, "life-cycle action")
        run.action_id._get_reader().lang = env.lang
        template = env.ref(f"subscription_base.{xml_id}")
        return _sent(template, run.subscription_id, **run._get_email_context())

    return send
