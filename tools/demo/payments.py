"""Payments by bank transfer: the statement is imported, and each line finds its invoice."""

from demo import keys

PAYING_LATE = "late transfer"
PAYERS = ("transfer", PAYING_LATE)


def import_statement(env, customers, partners, last):
    """Import the bank statement of the month that ends with `last`, unless it is there.

    :return: how many lines were reconciled.
    """
    key = f"statement_{last:%Y_%m}"
    if keys.find(env, "account.bank.statement", [key]):
        return 0
    invoices = _expected(env, customers, partners, last)
    lines = _import(env, invoices, last)
    statement = env["account.bank.statement"].create(
        {"name": f"{last:%Y-%m}", "line_ids": [(6, 0, lines.ids)]}
    )
    _reconcile(lines, invoices)
    keys.remember(statement, [key])
    return len(lines)


def _expected(env, customers, partners, last):
    """Open invoices that arrive in the month: at once, or a month late."""
    first = last.replace(day=1)
    payers = {
        partners[customer.key]: customer.paying
        for customer in customers
        if customer.paying in PAYERS
    }
    invoices = env["account.move"].search(
        [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", ("not_paid", "partial")),
            ("partner_id", "in", [partner.id for partner in payers]),
            ("invoice_date", "<=", last),
        ],
        order="invoice_date, name",
    )
    return invoices.filtered(
        lambda move: payers[move.partner_id] != PAYING_LATE or move.invoice_date < first
    )


def _import(env, invoices, last):
    """The lines as the bank sends them: date, amount, and the number that the customer wrote."""
    journal = env["account.journal"].search(
        [("company_id", "=", env.company.id), ("type", "=", "bank")], limit=1
    )
    euro = env.company.currency_id
    vals_list = []
    for move in invoices:
        amount = move.amount_residual
        vals = {
            "journal_id": journal.id,
            "date": last,
            "payment_ref": move.name,
            "partner_id": move.commercial_partner_id.id,
            "amount": amount,
        }
        if move.currency_id != euro:
            vals |= {
                "amount": move.currency_id._convert(amount, euro, env.company, last),
                "foreign_currency_id": move.currency_id.id,
                "amount_currency": amount,
            }
        vals_list.append(vals)
    return env["account.bank.statement.line"].create(vals_list)


def _reconcile(lines, invoices):
    """Put the receivable in place of the suspense account, and match it with the invoice."""
    by_name = {move.name: move for move in invoices}
    pairs = []
    for account, moves in invoices.grouped(_receivable).items():
        names = set(moves.mapped("name"))
        chosen = lines.filtered(lambda line, names=names: line.payment_ref in names)
        counterparts = chosen.move_id.line_ids.filtered(
            lambda line: line.account_id == line.journal_id.suspense_account_id
        )
        counterparts.account_id = account
        for counterpart in counterparts:
            move = by_name[counterpart.move_id.statement_line_id.payment_ref]
            pairs.append(counterpart + _receivable_lines(move))
    invoices.env["account.move.line"]._reconcile_plan(pairs)


def _receivable_lines(move):
    return move.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
    )


def _receivable(move):
    return _receivable_lines(move).account_id
