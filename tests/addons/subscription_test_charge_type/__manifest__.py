{
    "name": "Subscription Test Charge Type",
    "summary": "A charge type in one file, for the tests: six instalments, one every 30 days",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Subscription Suite contributors",
    "license": "LGPL-3",
    "depends": ["subscription_base"],
}
