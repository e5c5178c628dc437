"""Pictures of our own pages about a contract's life: quotes, endings, payments, provisioning."""

from . import life
from .kinds import Picture

FORM = ".o_form_view .o_form_sheet"
DIALOG = ".modal .o_form_view"


def tab(name):
    return f".o_notebook .nav-link[name='{name}']"


def listed(name, find):
    return Picture(name, find, ".o_list_view .o_data_row", view="list")


def _wizard(name, find, button, *clicks):
    return Picture(name, find, FORM, clicks=(f"button[name='{button}']", *clicks))


PICTURES = (
    Picture("subscription-individual", life.individual, f"{FORM} .o_data_row"),
    Picture("subscription-history", life.individual, FORM, clicks=(tab("history"),)),
    Picture("subscription-terminated", life.terminated, f"{FORM} .o_data_row"),
    Picture("subscription-waiting", life.waiting, f"{FORM} .o_data_row"),
    Picture("upsell", life.upsell, f"{FORM} .o_data_row"),
    _wizard("quote-wizard", life.consumer, "action_quote"),
    _wizard("close-wizard", life.consumer, "action_open_close_wizard"),
    Picture(
        "withdrawal-wizard",
        life.consumer,
        FORM,
        clicks=(".o_cp_action_menus .dropdown-toggle", "=Record a Withdrawal"),
    ),
    listed("declaration-list", life.declarations),
    Picture("declaration", life.declaration, FORM),
    Picture("withdrawal", life.withdrawal, FORM),
    listed("proforma-list", life.proformas),
    Picture("proforma", life.proforma, f"{FORM} .o_data_row"),
    listed("payment-attempts", life.attempts),
    Picture("payment-attempt", life.failed_attempt, FORM),
    listed("failed-actions", life.failed_actions),
    Picture("plan-actions", life.prepaid_plan, f"{FORM} .o_data_row", clicks=(tab("actions"),)),
    Picture(
        "plan-legal",
        life.prepaid_plan,
        FORM,
        clicks=(tab("terms"),),
        show="[name='prepayment_days']",
    ),
    Picture(
        "plan-messages",
        life.hosting_plan,
        FORM,
        clicks=(tab("messages"),),
        show="[name='message_rule_ids']",
    ),
    Picture(
        "plan-self-service",
        life.hosting_plan,
        FORM,
        clicks=(tab("self_service"),),
        show="[name='allow_self_address']",
    ),
    Picture(
        "settings",
        life.settings,
        "[data-key='subscription_base'] .o_setting_box",
        show="#allow_self_address",
    ),
    Picture(
        "settings-legal",
        life.settings,
        "[data-key='subscription_base'] .o_setting_box",
        show="#subscription_button_offline_since",
    ),
    listed("history-list", life.history),
    listed("message-list", life.messages),
    listed("invoice-list", life.invoices),
)
