"""Pictures of the pages that customers see, in English and in German."""

from . import portal, records
from .kinds import PHONE, PORTAL, Picture

STEP = ".o_subscription_self form"
PREVIEW = ".o_subscription_self form[method='post']"
PAGE = ".o_subscription_page"


def pages(name, find, selector, login="", phone=False):
    """The page in both languages; on a phone, too, if it is one of the main ones."""
    options = {"login": login, "tall": True}
    return [
        Picture(f"portal-{name}", find, selector, size=PORTAL, **options),
        Picture(f"portal-{name}-german", find, selector, size=PORTAL, lang="de_DE", **options),
    ] + [Picture(f"portal-{name}-phone", find, selector, size=PHONE, **options)] * phone


def _step(action, choose=None, phone=False):
    """What a customer chooses, and what the choice means."""
    name = action.replace("_", "-")
    return [
        *pages(name, portal.step(action), STEP, portal.LOGIN),
        *pages(f"{name}-preview", portal.step(action, choose), PREVIEW, portal.LOGIN, phone),
    ]


PICTURES = (
    *pages("home", portal.home, ".o_portal_docs", portal.LOGIN),
    *pages("subscriptions", portal.subscriptions, ".o_portal_my_doc_table", portal.LOGIN, True),
    *pages("subscription", portal.subscription, PAGE, portal.LOGIN, True),
    *pages("invoice", portal.invoice, ".o_portal_sidebar", portal.LOGIN),
    *_step("plan", portal.other_plan("plan"), phone=True),
    *_step("interval", portal.other_plan("interval")),
    *_step("quantity", portal.more),
    *_step("add", portal.add_on),
    *_step("remove", portal.removed),
    *_step("pause", portal.pause),
    *_step("payment", portal.other_card),
    *_step("address", portal.other_address),
    *_step("terminate", portal.termination, phone=True),
    *pages("keep", portal.page_of(portal.terminated, "/do/keep"), PREVIEW),
    *pages("resume", portal.page_of(portal.paused, "/do/resume"), PREVIEW),
    *pages("cancel-change", portal.page_of(portal.moving, "/do/cancel_change"), PREVIEW),
    *pages("terminated", portal.page_of(portal.terminated), PAGE),
    *pages("ended", portal.page_of(portal.ended), PAGE),
    *pages("waiting", portal.page_of(portal.waiting), PAGE),
    *pages("usage", records.portal_usage, ".o_subscription_usage"),
    *pages("proforma", portal.proforma("open"), ".o_subscription_proforma", phone=True),
    *pages("proforma-paid", portal.proforma("paid"), ".o_subscription_proforma"),
    *pages("interval-quotation", portal.interval_quotation, "#sales_order_table"),
    *pages(
        "upsell-quotation",
        lambda env: portal.with_token(portal.upsell_order(env)),
        "#sales_order_table",
    ),
    *pages("consent", portal.consent, "main form"),
    *pages("terminate-contract", portal.legal_page("termination"), ".o_legal_form", phone=True),
    *pages("withdraw-contract", portal.legal_page("withdrawal"), ".o_legal_form"),
    *pages("terminate-receipt", portal.receipt("termination"), ".o_legal_receipt"),
    *pages("withdraw-receipt", portal.receipt("withdrawal"), ".o_legal_receipt"),
)
