"""The list of pictures: one entry for each file in docs/images."""

from . import (
    pictures_balances,
    pictures_customer_balances,
    pictures_documents,
    pictures_life,
    pictures_portal,
    pictures_prepaid,
    records,
)
from .kinds import PHONE, Picture
from .pictures_life import FORM, tab


def _portal_quotation(name, **options):
    return Picture(name, records.portal_quotation, "#sales_order_table", login="", **options)


OWN_PICTURES = (
    Picture(
        "quotation",
        records.quotation,
        f"{FORM} .o_field_one2many .o_data_row",
        show=".oe_subtotal_footer",
    ),
    _portal_quotation("portal-quotation"),
    _portal_quotation("portal-quotation-german", lang="de_DE"),
    _portal_quotation("portal-quotation-phone", size=PHONE, show=".o_subscription_summary"),
    Picture("subscription", records.subscription, f"{FORM} .o_data_row"),
    Picture(
        "subscription-charges",
        records.subscription,
        f"{FORM} .o_data_row",
        clicks=(tab("charges"),),
    ),
    Picture(
        "subscription-next-invoices",
        records.subscription,
        FORM,
        clicks=(tab("next_invoices"),),
        show=".o_subscription_invoice_preview tbody",
    ),
    Picture(
        "subscription-usage",
        records.metered_subscription,
        f"{FORM} .o_data_row",
        clicks=(tab("usage"),),
    ),
    Picture(
        "subscription-change",
        records.seats,
        f"{FORM} .o_data_row",
        clicks=(
            "button[name='action_open_change_wizard']",
            (".modal [name='quantity'] input", "20"),
            ".modal button[name='action_preview']",
        ),
        show=".modal [name='preview'] table",
    ),
    Picture("subscription-kanban", records.subscriptions, ".o_kanban_record", view="kanban"),
    Picture("subscription-list", records.subscriptions, ".o_data_row", view="list"),
    Picture(
        "plan", records.tutorial_plan, f"{FORM} .o_data_row", show="[name='component_ids'] tfoot"
    ),
    Picture(
        "plan-tiers",
        records.plan,
        f"{FORM} .o_data_row",
        clicks=(".o_data_row:nth-child(3) .o_list_record_open_form_view .btn",),
        show="[name='tier_ids'] .o_data_row",
    ),
    Picture(
        "plan-terms",
        records.plan,
        FORM,
        clicks=(tab("terms"),),
        show=".o_subscription_timeline",
    ),
    Picture(
        "plan-terms-phone",
        records.plan,
        FORM,
        size=PHONE,
        clicks=(tab("terms"),),
        show=".o_subscription_timeline",
    ),
    Picture(
        "plan-version",
        records.version,
        f"{FORM} .o_data_row",
        clicks=("button[name='action_publish_version']",),
        show=".modal .o_data_row",
    ),
    Picture(
        "plan-list",
        records.plans,
        ".o_data_row",
        view="list",
        clicks=(".o_searchview_dropdown_toggler",),
    ),
    Picture("invoice", records.invoice, f"{FORM} .o_data_row"),
    Picture(
        "charge-list",
        records.varied_subscription,
        ".o_data_row",
        clicks=("button[name='action_view_charges']",),
    ),
    Picture("charge-pivot", records.charges, ".o_pivot table tbody tr", view="pivot"),
)
#: The one that changes most of its database comes last.
PICTURES = (
    *OWN_PICTURES,
    *pictures_life.PICTURES,
    *pictures_portal.PICTURES,
    *pictures_documents.PICTURES,
    *pictures_prepaid.PICTURES,
    *pictures_balances.PICTURES,
    *pictures_customer_balances.PICTURES,
    Picture("billing-run", records.billing_run, FORM),
)
