import { registry } from "@web/core/registry";

/** A salesperson quotes a plan to a customer and sends it. */
registry.category("web_tour.tours").add("subscription_quote", {
    steps: () => [
        {
            content: "Begin a quotation",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Look for the customer",
            trigger: "[name='partner_id'] input.o_input",
            run: "edit Carla Customer",
        },
        {
            content: "Choose the customer",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Carla Customer')",
            run: "click",
        },
        {
            content: "Add a line",
            trigger: ".o_field_x2many_list_row_add button[name='add_product_control'], .o_field_x2many_list_row_add a:contains('Add a product')",
            run: "click",
        },
        {
            content: "Look for the product",
            trigger: ".o_selected_row [name='product_template_id'] input, .o_selected_row [name='product_id'] input",
            run: "edit Hosting",
        },
        {
            content: "Choose the product",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Hosting')",
            run: "click",
        },
        {
            content: "Look for the plan",
            trigger: ".o_selected_row [name='subscription_plan_id'] input",
            run: "edit Web Basic",
        },
        {
            content: "Choose the plan",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Web Basic')",
            run: "click",
        },
        {
            content: "The summary names what recurs",
            trigger: "[name='subscription_summary']:contains('30.00')",
        },
        {
            content: "Save the quotation",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_form_saved, .o_form_status_indicator_buttons.invisible",
        },
        {
            content: "Write to the customer",
            trigger: ".o_form_view .o_statusbar_buttons button[name='action_quotation_send']",
            run: "click",
        },
        {
            content: "Send it",
            trigger: ".modal button[name='action_send_mail'], .modal .o_mail_send",
            run: "click",
        },
        {
            content: "It is sent",
            trigger: ".o_form_view:not(:has(.modal)) [name='state'] .o_arrow_button_current:contains('Quotation Sent')",
        },
    ],
});
