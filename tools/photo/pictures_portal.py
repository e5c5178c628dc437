"""Pictures of the pages that customers see, in English and in German."""

from . import portal, records
from .kinds import PHONE, PORTAL, Picture

STEP = ".o_subscription_self form"
PREVIEW = ".o_subscription_self form[method='post']"
PAGE = ".o_subscription_page"


def _page(name, find, selector, login="", phone=False):
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
        *_page(name, portal.step(action), STEP, portal.LOGIN),
        *_page(f"{name}-preview", portal.step(action, choose), PREVIEW, portal.LOGIN, phone),
    ]


PICTURES = (
    *_page("home", portal.home, ".o_portal_docs", portal.LOGIN),
    *_page("subscriptions", portal.subscriptions, ".o_portal_my_doc_table", portal.LOGIN, True),
    *_page("subscription", portal.subscription, PAGE, portal.LOGIN, True),
    *_page("invoice", portal.invoice, ".o_portal_sidebar", portal.LOGIN),
    *_step("plan", portal.other_plan("plan"), phone=True),
    *_step("interval", portal.other_plan("interval")),
    *_step("quantity", portal.more),
    *_step("add", portal.add_on),
    *_step("remove", portal.removed),
    *_step("pause", portal.pause),
    *_step("payment", portal.other_card),
    *_step("address", portal.other_address),
    *_step("terminate", portal.termination, phone=True),
    *_page("keep", portal.page_of(portal.terminated, "/do/keep"), PREVIEW),
    *_page("resume", portal.page_of(portal.paused, "/do/resume"), PREVIEW),
    *_page("cancel-change", portal.page_of(portal.moving, "/do/cancel_change"), PREVIEW),
    *_page("terminated", portal.page_of(portal.terminated), PAGE),
    *_page("ended", portal.page_of(portal.ended), PAGE),
    *_page("waiting", portal.page_of(portal.waiting), PAGE),
    *_page("usage", records.portal_usage, ".o_subscription_usage"),
    *_page("proforma", portal.proforma("open"), ".o_subscription_proforma", phone=True),
    *_page("proforma-paid", portal.proforma("paid"), ".o_subscription_proforma"),
    *_page("interval-quotation", portal.interval_quotation, "#sales_order_table"),
    *_page(
        "upsell-quotation",
        lambda env: portal.with_token(portal.upsell_order(env)),
        "#sales_order_table",
    ),
    *_page("consent", portal.consent, "main form"),
    *_page("terminate-contract", portal.legal_page("termination"), ".o_legal_form", phone=True),
    *_page("withdraw-contract", portal.legal_page("withdrawal"), ".o_legal_form"),
    *_page("terminate-receipt", portal.receipt("termination"), ".o_legal_receipt"),
    *_page("withdraw-receipt", portal.receipt("withdrawal"), ".o_legal_receipt"),
)
