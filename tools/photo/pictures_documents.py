"""Pictures of the e-mails and the printed documents, in English and in German."""

from . import documents, portal
from .kinds import Mail, Paper

LANGUAGES = (("", "en_US"), ("-german", "de_DE"))


def papers(name, find):
    return [Paper(f"{name}-pdf{suffix}", find, lang=lang) for suffix, lang in LANGUAGES]


def mailed(name, find):
    return [Mail(f"mail-{name}{suffix}", find, lang=lang) for suffix, lang in LANGUAGES]


PICTURES = (
    *papers("quotation", documents.quotation),
    *papers("proforma", documents.proforma),
    *papers("invoice", documents.invoice),
    *papers("credit-note", documents.credit_note),
    *papers("termination", documents.termination),
    *papers("settlement", documents.settlement),
    *papers("declaration", documents.declaration),
    *(
        picture
        for kind in documents.KINDS
        for picture in mailed(kind.replace("_", "-"), documents.message(kind))
    ),
    *mailed("invoice", documents.invoice_mail(documents.invoice)),
    *mailed("credit-note", documents.invoice_mail(documents.credit_note)),
    *mailed("proforma", documents.mail("mail_template_proforma", documents.open_proforma)),
    *mailed(
        "card-expiring", documents.mail("mail_template_card_expiring", documents.expiring_card)
    ),
    *mailed("consent", documents.mail("mail_template_version_consent", portal.migration)),
    *mailed("notice", documents.mail("mail_template_version_notice", documents.notice)),
    *mailed("declaration", documents.mail("mail_template_declaration", portal.declaration)),
    *mailed(
        "withdrawal-declaration",
        documents.mail(
            "mail_template_declaration", lambda env: portal.declaration(env, "withdrawal")
        ),
    ),
    *mailed("action-company", documents.action_mail("mail_template_action_company")),
    *mailed("action-partner", documents.action_mail("mail_template_action_fulfilment")),
)
