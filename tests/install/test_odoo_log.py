"""The judgement on Odoo's log."""

from odoo_log import complaints

START = "2026-01-01 00:00:00,000 12 {} subscription_suite_x {}: {}"


def test_only_our_complaints_count():
    ours = [
        START.format("WARNING", "odoo.addons.subscription_base.models.plan", "careful"),
        START.format("ERROR", "odoo.modules.loading", "field subscription.plan.x is wrong"),
    ]
    log = [
        START.format("INFO", "odoo.modules.loading", "loading subscription_base/data.xml"),
        START.format("WARNING", "odoo.addons.mail", "database subscription_suite_x is slow"),
        ours[0],
        START.format("INFO", "odoo.modules", "done"),
        ours[1],
        "Traceback: somewhere",
    ]
    assert complaints("\n".join(log)) == [ours[0], ours[1] + "\nTraceback: somewhere"]
