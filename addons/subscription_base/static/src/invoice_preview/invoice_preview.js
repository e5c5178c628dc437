import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The next invoices of a subscription, a plan or a quotation, as billing would make them. */
export class InvoicePreview extends Component {
    static template = "subscription_base.InvoicePreview";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ invoices: [], isManual: false, dateStart: "" });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((nextProps) => this.load(nextProps));
    }

    /** Only a plan has no start yet: the reader chooses one. */
    get choosesStart() {
        return this.props.record.resModel === "subscription.plan";
    }

    async load({ record }) {
        const options = this.state.dateStart ? { date_start: this.state.dateStart } : {};
        const preview = record.resId
            ? await this.orm.call(record.resModel, "get_invoice_preview", [[record.resId]], options)
            : { invoices: [], is_manual: false };
        this.state.invoices = preview.invoices;
        this.state.isManual = preview.is_manual;
    }

    async onChangeStart(ev) {
        this.state.dateStart = ev.target.value;
        await this.load(this.props);
    }
}

registry.category("view_widgets").add("subscription_invoice_preview", {
    component: InvoicePreview,
});
