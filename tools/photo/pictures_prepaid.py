"""Pictures of prepaid contracts and balances: the portal, the forms and the e-mails."""

from . import documents, life, portal, prepaid
from .kinds import Picture
from .pictures_documents import mailed
from .pictures_life import FORM, listed, tab
from .pictures_portal import PAGE, pages

SETTINGS = "[data-key='subscription_base'] .o_setting_box"

PICTURES = (
    Picture("plan-packages", prepaid.plan, FORM, clicks=(tab("packages"),)),
    Picture("subscription-prepaid", prepaid.contract, f"{FORM} .o_data_row"),
    Picture(
        "extend-wizard",
        prepaid.contract,
        FORM,
        clicks=("button[name='action_open_extend_wizard']", ".modal .o_radio_input"),
    ),
    listed("extension-list", prepaid.of_action("subscription_extension_action")),
    Picture("balance", prepaid.wallet, f"{FORM} .o_data_row"),
    listed("balance-list", prepaid.of_action("subscription_wallet_action")),
    listed("balance-tie-out", prepaid.of_action("subscription_wallet_action_tie_out")),
    Picture("settings-balances", life.settings, SETTINGS, show="[name='subscription_wallet_low']"),
    *pages("prepaid", prepaid.page(), PAGE, portal.LOGIN, True),
    *pages("extend", prepaid.page("/extend"), ".o_subscription_packages", portal.LOGIN),
    *pages("extend-summary", prepaid.summary, ".o_subscription_preview", portal.LOGIN, True),
    *pages("balance", prepaid.own_balance(), ".o_balance_entries", portal.LOGIN, True),
    *pages("top-up", prepaid.own_balance("?amount=25"), "#o_payment_form", portal.LOGIN),
    *mailed(
        "expiring",
        documents.mail("subscription_prepaid.mail_template_expiring", prepaid.expiring),
    ),
    *mailed(
        "low-balance",
        documents.mail("subscription_prepaid.mail_template_low_balance", prepaid.low),
    ),
)
