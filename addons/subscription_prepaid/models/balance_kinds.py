"""Names of the kinds of balances (``subscription.wallet``)."""

#: The kinds that are money in the books, with the company's field for their account.
PAID_KINDS = {
    "credit": "subscription_credit_account_id",
    "service": "subscription_service_account_id",
    "deposit": "subscription_deposit_account_id",
}
#: What pays for invoices by itself.
SPENDABLE_KINDS = ("credit", "service")
