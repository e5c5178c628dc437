"""Exact, fast writing of customer invoices: plain Python classes, one task a file.

``guard``    may the fast way be used in this database?
``document`` header values of one invoice
``lines``    product lines: what plain Odoo would fill in
``amounts``  taxes, totals, payment terms
``writer``   rows of account.move and account.move.line
``posting``  checks, numbers and the columns that posting changes
"""
