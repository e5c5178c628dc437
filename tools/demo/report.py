"""What the job prints at the end: counted in the database, never remembered."""

PAID = ("paid", "in_payment", "reversed")
OPEN = ("not_paid", "partial")


def summary(env, year):
    """Lines of the table, and whether the books are right."""
    rows = [
        ("as of", f"{year.as_of}, billing since {year.first}"),
        ("customers", _count(env, "res.partner", [("subscription_ids", "!=", False)])),
        ("sales orders", _count(env, "sale.order", [("state", "=", "sale")])),
        ("subscriptions", _subscriptions(env)),
        ("usage records", _count(env, "subscription.usage")),
        ("billing runs", _runs(env)),
    ]
    invoices, failed = _invoices(env)
    rows += [*invoices, ("recurring a month", _recurring(env))]
    ties, different = _ties(env)
    width = max(len(name) for name, _value in rows) + 2
    lines = [f"{name:<{width}}{value}" for name, value in rows]
    return [*lines, "", *ties], not failed and not different


def _count(env, model, domain=()):
    return env[model].search_count(list(domain))


def _subscriptions(env):
    counts = dict(env["subscription.subscription"]._read_group([], ["state"], ["__count"]))
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{sum(counts.values())}  ({states})"


def _runs(env):
    counts = dict(env["subscription.billing.run"]._read_group([], ["state"], ["__count"]))
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _invoices(env):
    """Rows about the invoices, and how many subscriptions or invoices have failed."""
    moves = env["account.move"].search([("invoice_line_ids.subscription_id", "!=", False)])
    sales = moves.filtered(lambda move: move.move_type == "out_invoice")
    posted = sales.filtered(lambda move: move.state == "posted")
    failed = _count(env, "subscription.subscription", [("billing_error", "!=", False)])
    failed += len(moves.filtered("subscription_error"))
    drafts = len(moves.filtered(lambda move: move.state == "draft"))
    rows = [
        ("invoices", len(sales)),
        ("credit notes", len(moves - sales)),
        ("posted", len(moves.filtered(lambda move: move.state == "posted"))),
        ("paid", _amounts(posted.filtered(lambda move: move.payment_state in PAID))),
        ("open", _amounts(posted.filtered(lambda move: move.payment_state in OPEN))),
        ("failed", failed),
    ]
    return rows, failed + drafts


def _amounts(moves):
    sums = [
        f"{currency.name} {sum(chosen.mapped('amount_total')):,.2f}"
        for currency, chosen in moves.grouped("currency_id").items()
    ]
    return f"{len(moves)}  ({', '.join(sorted(sums)) or 'nothing'})"


def _recurring(env):
    groups = env["subscription.subscription"]._read_group(
        [("state", "in", ("pending", "trial", "active"))],
        ["currency_id"],
        ["recurring_monthly:sum"],
    )
    return ", ".join(sorted(f"{currency.name} {amount:,.2f}" for currency, amount in groups))


def _ties(env):
    """Charges, invoice lines and revenue accounts beside each other."""
    ties = env["subscription.charge"]._get_tie_out(env.company)
    columns = ("charges", "invoice_lines", "revenue", "difference")
    heads = "".join(f"{column.replace('_', ' '):>16}" for column in columns)
    lines = [f"{'tie-out':<9}{heads}"]
    for tie in ties:
        values = "".join(f"{tie[column]:>16,.2f}" for column in columns)
        lines.append(f"{tie['currency']:<9}{values}")
    return lines, any(round(tie["difference"], 2) for tie in ties) or not ties
