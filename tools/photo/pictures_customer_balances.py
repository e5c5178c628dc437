"""Pictures of packs, advances, automatic top-ups and receipts, as customers see them."""

from . import customer_balances as found
from . import documents, portal
from .pictures_documents import mailed, papers
from .pictures_portal import PAGE, pages


def _mail(name, xml_id, find):
    return mailed(name, documents.mail(f"subscription_prepaid.mail_template_{xml_id}", find))


PICTURES = (
    *pages("packs", found.packs, ".o_subscription_packs", "", True),
    *pages("pack-summary", found.pack_summary, ".o_subscription_preview"),
    *pages("advance", found.advance, "form[method='post']", portal.LOGIN),
    *pages("recharge-consent", found.recharge_consent, "form[method='post']", portal.LOGIN),
    *pages("recharge", found.recharge, "form[method='post']", portal.LOGIN),
    *pages("deposit", found.deposit_page, PAGE),
    *_mail("extended", "extended", found.extended),
    *_mail("top-up", "top_up_receipt", found.top_up),
    *_mail("recharge-given-up", "recharge_given_up", found.agreement),
    *_mail("deposit-request", "deposit_request", found.deposit_request),
    *_mail("pack-added", "pack_added", found.contract_with_pack),
    *_mail("pack-used", "pack_used", found.contract_with_pack),
    *_mail("pack-expiring", "pack_expiring", found.contract_with_pack),
    *papers("top-up-receipt", found.top_up_receipt),
    *papers("advance", found.advance_invoice),
    *papers("deposit-request", found.deposit_request_paper),
    *papers("settlement-balances", found.settled_contract),
)
