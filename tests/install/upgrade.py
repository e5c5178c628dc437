"""A database as version 19.0.1.0.0 left it, and what comes of it after the update; prints JSON.

python upgrade.py before|after   (the database is named by SUITE_DATABASE)
"""

import json
import sys
from datetime import date

from demo import provider as demo_provider
from payment_faults import DATABASE, Provider, charges, run
from usage_race import START

from odoo.fields import Command

from suite.odoo_env import open_env

LATER = date(2026, 2, 2)
ANSWERS = ("done", "refused", "silent", "pending")
#: Takes away what the version lacked; the update computes it anew.
OLD_SHAPE = """
    ALTER TABLE payment_transaction
      ADD COLUMN subscription_run_id integer, ADD COLUMN subscription_asked timestamp;
    UPDATE payment_transaction transaction
       SET subscription_run_id = attempt.run_id, subscription_asked = attempt.date_asked
      FROM subscription_payment_attempt attempt WHERE attempt.transaction_id = transaction.id;
    DROP TABLE subscription_payment_attempt, subscription_payment_attempt_rel,
               subscription_message CASCADE;
    ALTER TABLE subscription_subscription
     DROP COLUMN affirmed_on CASCADE, DROP COLUMN affirm_trigger CASCADE,
     DROP COLUMN release_policy, DROP COLUMN release_debit, DROP COLUMN return_window_days,
     DROP COLUMN prepayment_days, DROP COLUMN recurring_change_date, DROP COLUMN withdrawal_until;
    ALTER TABLE account_move DROP COLUMN subscription_date_paid;
    ALTER TABLE subscription_event
     DROP COLUMN movement CASCADE, DROP COLUMN movement_date CASCADE,
     DROP COLUMN subscription_state;
    DELETE FROM mail_activity;
    DELETE FROM mail_message WHERE model = 'subscription.subscription';
    UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = 'subscription_base';
"""


class Moody(Provider):
    """A provider that answers each customer in another way."""

    def charge(self, transaction):
        match transaction.partner_id.name:
            case "refused":
                transaction._set_error("Declined")
            case "pending":
                transaction._set_pending()
            case "silent":
                self.fault = silence
                super().charge(transaction)
            case _:
                self.fault = None
                super().charge(transaction)


def silence(_transaction):
    raise TimeoutError("Read timed out.")


def make_plan(env):
    product = env["product.product"].create(
        {"name": "Hosting", "type": "service", "list_price": 10.0}
    )
    plan = env["subscription.plan"].create(
        {"name": "Hosting", "component_ids": [Command.create({"product_id": product.id})]}
    )
    plan.action_activate()
    return plan


def subscribe(env, saved, plan, answer, number):
    """A subscription whose customer has saved a payment method."""
    partner = env["res.partner"].create({"name": answer, "email": f"{answer}@example.com"})
    token = env["payment.token"].create(demo_provider.token_values(saved, partner, "done", number))
    subscription = env["subscription.subscription"].create(
        {
            "partner_id": partner.id,
            "plan_id": plan.id,
            "date_start": START,
            "payment_token_id": token.id,
        }
    )
    subscription.line_ids = [Command.create(vals) for vals in subscription._prepare_plan_lines()]
    subscription.action_start()


def before(env):
    """Bill a first time, and take away what the new version has added."""
    saved, plan = demo_provider.enable(env, env.company), make_plan(env)
    for number, answer in enumerate(ANSWERS):
        subscribe(env, saved, plan, answer, number)
    env.cr.commit()
    run(Moody(), START)
    env.cr.rollback()
    env.invalidate_all()
    found = describe(env)
    env.cr.execute(OLD_SHAPE)
    env.cr.commit()
    return found


def after(env):
    """What the update has made of it, and whether billing goes on without a second charge."""
    found = describe(env)
    messages = env["subscription.message"].search_count([]) + env["mail.message"].search_count(
        [("model", "=", "subscription.subscription")]
    )
    activities = env["mail.activity"].search_count([])
    run(Provider(), date(2026, 1, 2))
    env.cr.rollback()
    charged_again = charges()
    run(Provider(), LATER)
    env.cr.rollback()
    env.invalidate_all()
    return found | {
        "messages": messages,
        "activities": activities,
        "charged_again": charged_again,
        "later": describe(env),
    }


def describe(env):
    """By customer: what a user sees of the subscription."""
    return {
        subscription.partner_id.name: {
            "next": str(subscription.next_billing_date),
            "invoices": len(subscription._get_invoices()),
            "attempts": env["subscription.payment.attempt"]
            .search([("subscription_ids", "in", subscription.ids)], order="id")
            .mapped("state"),
            "binding": bool(subscription.affirmed_on),
            "movements": subscription.event_ids.filtered("movement").mapped("movement"),
            "recurring": subscription.recurring_monthly,
            "recorded": sum(subscription.event_ids.mapped("recurring_delta")),
        }
        for subscription in env["subscription.subscription"].search([], order="id")
    }


def main(name):
    with open_env(DATABASE) as env:
        found = {"before": before, "after": after}[name](env)
        found["charged"] = list(charges())
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
