from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import new_test_user

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SubscriptionCommon


class SubscriptionPaymentCommon(SubscriptionCommon, AccountPaymentCommon):
    """A customer with a saved payment method, and a provider that answers as a test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls._create_saved_method()
        cls.Attempt = cls.env["subscription.payment.attempt"]

    @classmethod
    def _create_saved_method(cls, partner=None, **values):
        return cls.env["payment.token"].create(
            {
                "payment_details": "4242",
                "provider_id": cls.provider.id,
                "partner_id": (partner or cls.partner_a).id,
                "provider_ref": "saved",
                "payment_method_id": cls.payment_method_id,
                **values,
            }
        )

    def _subscribe(self, **values):
        return self._create_subscription(payment_token_id=self.token.id, **values)

    @contextmanager
    def _answers(self, answer):
        """Within it the provider answers each charge by ``answer(transaction)``.

        :return: the list of the transactions that it was asked for.
        """
        asked = []

        def ask(transaction):
            asked.append(transaction)
            return answer(transaction)

        Transaction = type(self.env["payment.transaction"])
        with self._commits_flush(), patch.object(Transaction, "_send_payment_request", ask):
            yield asked

    def _process(self, date, answer):
        """Process a run; return what the provider was asked for."""
        with self._answers(answer) as asked:
            self._create_run(date)._process()
        return asked

    def _follow_up(self):
        """Let the job that looks after payments run, as the system does."""
        with self._commits_flush():
            self.Attempt.sudo()._cron_follow_up()

    def _attempts(self, records):
        field = "move_id" if records._name == "account.move" else "subscription_ids"
        return self.Attempt.search([(field, "in", records.ids)], order="id")

    def _fail(self, subscription, date="2026-01-01"):
        """Bill and let the provider refuse; return the attempt."""
        self._process(date, lambda tx: tx._set_error("No funds"))
        return self._attempts(subscription)

    def _payment_events(self, subscription):
        """What was recorded about payments, oldest first."""
        return subscription.event_ids.sorted("id").filtered(
            lambda event: event.event_type.startswith(("payment_", "card_"))
        )

    def _event_types(self, subscription):
        return self._payment_events(subscription).mapped("event_type")

    @classmethod
    def _create_user(cls, login, groups):
        return new_test_user(
            cls.env, login, groups, company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)]
        )


def done(transaction):
    transaction._set_done()


def pending(transaction):
    transaction._set_pending()


def silence(transaction):
    raise TimeoutError("Read timed out.")
