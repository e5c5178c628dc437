"""Which fields of a subscription and its parts are audited."""

from odoo import models

from .subscription_line_pricing import FIELDS as PRICE_FIELDS
from .subscription_terms_mixin import TERM_FIELDS


class SubscriptionSubscription(models.Model):
    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "subscription.audited.mixin"]

    def _get_audited_subscription(self):
        return self

    def _get_audited_fields(self):
        return super()._get_audited_fields() | {
            "name", "active", "state", "waiting_for", "company_id", "currency_id", "partner_id",
            "partner_invoice_id", "partner_shipping_id", "client_order_ref", "user_id", "plan_id",
            "sale_order_id", "date_start", "date_end", "close_reason_id", "payment_term_id",
            "fiscal_position_id", "payment_token_id", "customer_kind", "date_concluded",
            "date_term_end", "date_trial_end", "termination_kind", "date_notice",
            "special_termination_until", "affirmed_on", "affirm_trigger", "is_uncharged",
            "invoice_policy", "invoice_lead_days", "invoice_grouping",
            "invoice_collection", "minimum_invoice_amount", "invoice_journal_id", "max_catch_up",
            "affirmed_by", "release_policy", "release_debit", "return_window_days",
            "prepayment_days", "date_release", "date_instructed", "date_goods_received",
            "early_start_requested", "date_digital_consent", "trial_price_shown", "date_terms_from",
            "billed_elsewhere_until",
            *TERM_FIELDS,
        }  # fmt: skip


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _inherit = ["subscription.line", "subscription.audited.mixin"]

    def _get_audited_fields(self):
        return super()._get_audited_fields() | {
            "name", "component_id", "plan_id", "product_id", "charge_type", "timing",
            "pricing_model", "quantity", "included_qty", "price_unit", "discount", "date_start",
            "date_end", "billed_from", "billed_until", "meter_id", "schedule_type",
            *PRICE_FIELDS,
        }  # fmt: skip

    def _get_audit_predecessor(self):
        return self.previous_line_id

    def _get_audit_event_type(self, name):
        return self._get_change_type([name]) or "changed"


class SubscriptionLineTier(models.Model):
    _name = "subscription.line.tier"
    _inherit = ["subscription.line.tier", "subscription.audited.mixin"]

    def _get_audited_fields(self):
        return super()._get_audited_fields() | {
            "up_to", "price_unit", "flat_amount", "package_size",
        }  # fmt: skip

    def _get_audited_subscription(self):
        return self.line_id.subscription_id

    def _get_audit_event_type(self, name):
        return "price"


class SubscriptionPause(models.Model):
    _name = "subscription.pause"
    _inherit = ["subscription.pause", "subscription.audited.mixin"]

    def _get_audited_fields(self):
        return super()._get_audited_fields() | {
            "kind", "date_start", "date_end", "is_charged", "reason",
        }  # fmt: skip


class SubscriptionMigration(models.Model):
    _name = "subscription.migration"
    _inherit = ["subscription.migration", "subscription.audited.mixin"]

    def _get_audited_fields(self):
        return super()._get_audited_fields() | {"plan_to_id", "date_switch", "state"}
