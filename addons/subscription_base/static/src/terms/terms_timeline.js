import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The dates that the terms make, one after the other: a list for readers, a line for the eye. */
export class TermsTimelineField extends Component {
    static template = "subscription_base.TermsTimelineField";
    static props = { ...standardFieldProps };

    get items() {
        return this.props.record.data[this.props.name] || [];
    }

    icon(item) {
        return {
            start: "fa-play",
            trial_end: "fa-gift",
            minimum_end: "fa-lock",
            notice_deadline: "fa-envelope",
            term_end: "fa-flag",
            renewal_end: "fa-refresh",
            open: "fa-arrow-right",
        }[item.kind];
    }
}

export const termsTimelineField = {
    component: TermsTimelineField,
    supportedTypes: ["json"],
};

registry.category("fields").add("subscription_terms_timeline", termsTimelineField);
