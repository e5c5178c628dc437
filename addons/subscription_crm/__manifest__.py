{
    "name": "Subscription CRM",
    "summary": "Opportunities, and the subscriptions that came of them",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscription Suite contributors",
    "license": "LGPL-3",
    "depends": ["subscription_base", "sale_crm"],
    "data": [
        "views/crm_lead_views.xml",
        "views/subscription_subscription_views.xml",
    ],
    "auto_install": True,
}
