"""Mails and papers of the demo database, in the language of the picture."""

from datetime import timedelta

from odoo.fields import Domain

from . import portal
from .records import of_demo

LAYOUT = "mail.mail_notification_layout"
TRIAL_PLAN = "subscription_base.demo_plan_storage"


def _invoice(env, move_type):
    """A posted document with several lines, whose customer reads the language."""
    moves = env["account.move"].search(
        Domain("move_type", "=", move_type)
        & Domain("state", "=", "posted")
        & Domain("invoice_line_ids.subscription_id", "!=", False),
        order="id",
        limit=200,
    )
    best = of_demo(moves.sorted(lambda move: -len(move.invoice_line_ids)), "document")
    best.partner_id.lang = env.lang
    return best


def invoice(env):
    return "account.account_invoices", _invoice(env, "out_invoice")


def credit_note(env):
    return "account.account_invoices", _invoice(env, "out_refund")


def _of_customer(record):
    record.partner_id.lang = record.env.lang
    return record


def proforma(env):
    found = env["subscription.proforma"].search([], order="id", limit=1)
    return "subscription_base.action_report_proforma", _of_customer(of_demo(found, "pro forma"))


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
    """A running subscription, whose customer reads the language."""
    found = env["subscription.subscription"].search(
        [("state", "=", "active"), ("date_end", "=", False), ("customer_kind", "=", "consumer")],
        order="id",
        limit=1,
    )
    return of_demo(found, "active subscription")


def _on_trial(env):
    """A subscription of the plan with a trial, as it was before its trial ended."""
    plan = env.ref(TRIAL_PLAN)
    partner = _running(env).partner_id
    subscription = env["subscription.subscription"].create(
        {"partner_id": partner.id, "plan_id": plan.id}
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


def _changed(env):
    """A running subscription with more seats than at first."""
    events = env["subscription.event"].search(
        [("event_type", "=", "quantity"), ("subscription_id.state", "=", "active")], limit=1
    )
    return of_demo(events, "change of a quantity").subscription_id


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
            day += timedelta(days=30)
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


def _sent(template, record):
    """The mail that a template makes of a record, in the layout that it has for customers."""
    layout = template.email_layout_xmlid or LAYOUT
    rendered = template.with_context(**record.env.context)
    mail_id = rendered.send_mail(record.id, email_layout_xmlid=layout)
    return record.env["mail.mail"].browse(mail_id)


def mail(xml_id, find, **context):
    """What sends the mail template to the customer of the record that `find(env)` gives."""

    def send(env):
        record = find(env).with_context(lang=env.lang, **context)
        return _sent(env.ref(f"subscription_base.{xml_id}"), record)

    return send


def invoice_mail(find):
    """The mail with which an invoice or a correction is sent."""

    def send(env):
        _report, move = find(env)
        return _sent(move._get_mail_template(), move)

    return send


def expiring_card(env):
    found = env["payment.token"].search([("expires_on", ">=", "today")], limit=1)
    return _of_customer(of_demo(found, "payment method that expires"))


def open_proforma(env):
    found = env["subscription.proforma"].search([("state", "=", "open")], limit=1)
    return _of_customer(of_demo(found, "open pro-forma invoice"))


def begun(env):
    """A subscription with a life-cycle action, in the language of the company's own people."""
    found = env["subscription.action.run"].search([("action_type", "=", "email")], limit=1)
    return of_demo(found, "life-cycle action").subscription_id
