import { SaleOrderLineListRenderer } from "@sale/js/sale_order_line_field/sale_order_line_field";
import { patch } from "@web/core/utils/patch";

patch(SaleOrderLineListRenderer.prototype, {
    /** The duplicate of a plan line brings the lines of its components by itself. */
    shouldDuplicateSectionItem(record) {
        return (
            super.shouldDuplicateSectionItem(record) && !record.data.subscription_component_id
        );
    },
});
