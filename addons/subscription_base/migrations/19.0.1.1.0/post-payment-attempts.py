"""Payments that billing runs have asked for become payment attempts.

A run used to write on the transaction itself that it was its own and when the provider may have
been asked. That is taken over before Odoo drops the columns: an invoice that was tried is not
charged again by itself, and who may have been asked without an answer is looked up by a person.
What had come to an end has been told, and is not told again.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

#: The only provider that was asked again without a note of when it had been asked.
ASKED_WITHOUT_NOTE = "demo"


def migrate(cr, version):
    if not column_exists(cr, "payment_transaction", "subscription_run_id"):
        return
    cr.execute(
        SQL(
            """
            WITH tried AS (
                SELECT transaction.*, tried.invoice_id AS move_id, move.company_id AS move_company,
                       COALESCE(transaction.subscription_asked,
                                CASE WHEN transaction.state != 'draft' OR provider.code = %s
                                     THEN transaction.create_date END) AS asked
                  FROM payment_transaction transaction
                  JOIN payment_provider provider ON provider.id = transaction.provider_id
                  JOIN account_invoice_transaction_rel tried
                    ON tried.transaction_id = transaction.id
                  JOIN account_move move ON move.id = tried.invoice_id
                 WHERE transaction.subscription_run_id IS NOT NULL
                   AND NOT EXISTS (SELECT FROM subscription_payment_attempt attempt
                                    WHERE attempt.transaction_id = transaction.id)),
            judged AS (
                SELECT *,
                       CASE WHEN state = 'draft' AND asked IS NULL THEN 'scheduled'
                            WHEN state = 'draft' THEN 'unknown'
                            WHEN state = 'done' THEN 'succeeded'
                            WHEN state = 'error' THEN 'failed'
                            WHEN state = 'cancel' THEN 'cancelled'
                            ELSE state
                       END AS outcome
                  FROM tried)
            INSERT INTO subscription_payment_attempt (
                   move_id, transaction_id, number, idempotency_key, state, reported_state,
                   date_asked, is_unanswered, company_id, partner_id, provider_id, token_id,
                   currency_id, amount, run_id, user_id, create_uid, create_date, write_uid,
                   write_date)
            SELECT move_id, id, ROW_NUMBER() OVER (PARTITION BY move_id ORDER BY id), reference,
                   outcome,
                   CASE WHEN outcome NOT IN ('scheduled', 'unknown')
                         AND (outcome != 'succeeded' OR is_post_processed) THEN outcome END,
                   asked, outcome = 'unknown', move_company, partner_id, provider_id, token_id,
                   currency_id, amount, subscription_run_id, create_uid, create_uid, create_date,
                   write_uid, write_date
              FROM judged
            """,
            ASKED_WITHOUT_NOTE,
        )
    )
    cr.execute(
        """
        INSERT INTO subscription_payment_attempt_rel (attempt_id, subscription_id)
        SELECT DISTINCT attempt.id, line.subscription_id
          FROM subscription_payment_attempt attempt
          JOIN account_move_line line ON line.move_id = attempt.move_id
         WHERE line.subscription_id IS NOT NULL
            ON CONFLICT DO NOTHING
        """
    )
