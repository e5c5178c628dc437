"""Names of the kinds of balances (``subscription.wallet``)."""

#: The kinds that are money in the books, with the company's field for their account.
PAID_KINDS = {
    "credit": "subscription_credit_account_id",
    "service": "subscription_service_account_id",
    "deposit": "subscription_deposit_account_id",
}
#: What pays for invoices by itself.
SPENDABLE_KINDS = ("credit", "service")
#: In which order kinds of balances are used for an invoice.
BURN_ORDERS = [
    ("bonus,service,credit", "Bonus, service credit, credit"),
    ("bonus,credit,service", "Bonus, credit, service credit"),
    ("service,bonus,credit", "Service credit, bonus, credit"),
    ("service,credit,bonus", "Service credit, credit, bonus"),
    ("credit,bonus,service", "Credit, bonus, service credit"),
    ("credit,service,bonus", "Credit, service credit, bonus"),
    ("service,credit", "Service credit, credit, and no bonus"),
    ("credit,service", "Credit, service credit, and no bonus"),
]
