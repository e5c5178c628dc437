{
    "name": "Subscription Prepaid",
    "summary": "Packages and customer balances in the general ledger (skeleton, no features yet)",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscription Suite contributors",
    "license": "LGPL-3",
    "depends": ["subscription_base"],
}
