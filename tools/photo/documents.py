"""Mails and papers of the demo database, in the language of the picture."""

from odoo.fields import Domain

from .records import of_demo


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
    return "account.account_invoices", best


def invoice(env):
    return _invoice(env, "out_invoice")


def credit_note(env):
    return _invoice(env, "out_refund")


def _subscription(env):
    """A running subscription, whose customer reads the language."""
    found = env["subscription.subscription"].search([("state", "=", "active")], order="id", limit=1)
    of_demo(found, "active subscription").partner_id.lang = env.lang
    return found


def mail(xml_id, find=_subscription, **context):
    """What sends the mail template to the customer of the record that `find(env)` gives."""

    def send(env):
        record = find(env)
        template = env.ref(f"subscription_base.{xml_id}")
        mail_id = template.with_context(**context).send_mail(record.id)
        return env["mail.mail"].browse(mail_id)

    return send
