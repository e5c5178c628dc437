from . import crm_lead, sale_order, subscription_subscription
