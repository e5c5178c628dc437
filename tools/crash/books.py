"""The books after a run, in a form that two databases can be compared by."""

import json

CHARGES = """
    SELECT charge.subscription_id, charge.line_id, charge.period_start, charge.period_end,
           charge.revision, charge.sign, charge.quantity, charge.amount, charge.due_date,
           (SELECT COUNT(*) FROM account_move_line line
             WHERE line.subscription_charge_id = charge.id AND line.parent_state != 'cancel')
      FROM subscription_charge charge ORDER BY 1, 2, 3, 4, 5"""
INVOICES = """
    SELECT line.subscription_id, move.move_type, move.invoice_date, move.state,
           move.payment_state, move.amount_untaxed, move.amount_total, move.amount_residual,
           move.subscription_error IS NOT NULL,
           JSON_AGG(JSON_BUILD_ARRAY(
               line.name, line.quantity, line.price_unit, line.price_subtotal,
               line.subscription_charge_id IS NOT NULL, line.subscription_period_start,
               line.subscription_period_end, account.code_store,
               (SELECT JSON_AGG(tax.amount ORDER BY tax.id) FROM account_move_line_account_tax_rel r
                  JOIN account_tax tax ON tax.id = r.account_tax_id
                 WHERE r.account_move_line_id = line.id)
           ) ORDER BY line.name, line.price_subtotal),
           (SELECT JSON_AGG(JSON_BUILD_ARRAY(tx.state, tx.amount, tx.is_post_processed,
                   payment.state, payment.amount) ORDER BY tx.id)
              FROM account_invoice_transaction_rel tried
              JOIN payment_transaction tx ON tx.id = tried.transaction_id
              LEFT JOIN account_payment payment ON payment.payment_transaction_id = tx.id
             WHERE tried.invoice_id = move.id)
      FROM account_move move
      JOIN account_move_line line ON line.move_id = move.id
                                 AND line.subscription_id IS NOT NULL
      JOIN account_account account ON account.id = line.account_id
  GROUP BY line.subscription_id, move.id ORDER BY 1, 2, 3, 6"""
SUBSCRIPTIONS = """
    SELECT subscription.id, subscription.state, subscription.next_billing_date,
           SPLIT_PART(subscription.billing_error, E'\\n', 1),
           (SELECT COUNT(*) FROM mail_activity activity
             WHERE activity.res_model = 'subscription.subscription'
               AND activity.res_id = subscription.id)
      FROM subscription_subscription subscription ORDER BY 1"""
CHARGED_TWICE = """
    SELECT COUNT(*) FROM subscription_charge a JOIN subscription_charge b
        ON a.line_id = b.line_id AND a.id < b.id AND a.sign = b.sign
       AND a.period_start <= b.period_end AND b.period_start <= a.period_end"""
INVOICED_TWICE = """
    SELECT COUNT(*) FROM (SELECT FROM account_move_line
                           WHERE subscription_charge_id IS NOT NULL AND parent_state != 'cancel'
                        GROUP BY subscription_charge_id HAVING COUNT(*) > 1) twice"""
PAID_TWICE = """
    SELECT COUNT(*) FROM (
        SELECT FROM account_invoice_transaction_rel tried
          JOIN payment_transaction tx ON tx.id = tried.transaction_id
      GROUP BY tried.invoice_id HAVING COUNT(*) > 1) twice"""
PAYMENTS_TWICE = """
    SELECT COUNT(*) FROM (
        SELECT FROM account_payment WHERE payment_transaction_id IS NOT NULL
      GROUP BY payment_transaction_id HAVING COUNT(*) > 1) twice"""
NUMBER_GAPS = """
    SELECT COUNT(*) FROM (
        SELECT FROM account_move WHERE state = 'posted' AND sequence_number > 0
      GROUP BY journal_id, sequence_prefix
        HAVING MAX(sequence_number) != COUNT(*)
            OR COUNT(DISTINCT sequence_number) != COUNT(*)) series"""
ZERO = {
    "charged twice": CHARGED_TWICE,
    "invoiced twice": INVOICED_TWICE,
    "asked to pay twice": PAID_TWICE,
    "paid twice": PAYMENTS_TWICE,
    "number series with gaps": NUMBER_GAPS,
}


def read(env):
    """The books: charges, invoices and state of each subscription, and what must be zero."""
    books = {"subscriptions": {}, "zero": {}}
    for key, query in (("state", SUBSCRIPTIONS), ("charges", CHARGES), ("invoices", INVOICES)):
        env.cr.execute(query)
        for subscription, *row in json.loads(json.dumps(env.cr.fetchall(), default=str)):
            place = books["subscriptions"].setdefault(str(subscription), {})
            place.setdefault(key, []).append(row)
    for name, query in ZERO.items():
        env.cr.execute(query)
        books["zero"][name] = env.cr.fetchone()[0]
    ties = env["subscription.charge"]._get_tie_out(env.company)
    books["zero"]["tie-out differences"] = sum(1 for tie in ties if round(tie["difference"], 2))
    return books


def compare(books, reference):
    """How `books` differ from the `reference`.

    :return: counts by name, and a sentence for each difference.
    """
    counts = {"charged twice": 0, "missing": 0, "different": 0}
    told = []
    for subscription, expected in reference["subscriptions"].items():
        found = books["subscriptions"].get(subscription, {})
        slices, wanted = (
            {json.dumps(charge[:4]) for charge in side.get("charges", [])}
            for side in (found, expected)
        )
        counts["missing"] += len(wanted - slices)
        if found != expected:
            counts["different"] += 1
            told += [
                f"subscription {subscription}: {found.get(key)} instead of {expected.get(key)}"
                for key in expected.keys() | found.keys()
                if found.get(key) != expected.get(key)
            ]
    for name, count in books["zero"].items():
        if name == "charged twice":
            counts[name] += count
        elif count:
            counts["different"] += count
        if count:
            told.append(f"{name}: {count}")
    return counts, told
