{
    "name": "Subscription E-Invoice",
    "summary": "Electronic credit notes name the invoices that they correct",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscription Suite contributors",
    "license": "LGPL-3",
    "depends": ["subscription_base", "account_edi_ubl_cii"],
    "data": [
        "views/cii_templates.xml",
    ],
    "auto_install": True,
}
