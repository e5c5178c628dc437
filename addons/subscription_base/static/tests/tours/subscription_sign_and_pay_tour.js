import { registry } from "@web/core/registry";
import { redirect } from "@web/core/utils/urls";

/** A customer signs a quotation in the portal, pays it and saves the payment method. */
registry.category("web_tour.tours").add("subscription_sign_and_pay", {
    steps: () => [
        {
            content: "The page is ready",
            trigger: "body[is-ready=true]",
            timeout: 60000,
        },
        {
            content: "Read what is going to be billed",
            trigger: ".o_subscription_summary",
        },
        {
            content: "Sign",
            trigger: "a[data-bs-target='#modalaccept']:visible:first",
            run: "click",
        },
        {
            content: "Name",
            trigger: ".modal .o_web_sign_name_and_signature input",
            run: "fill Carla Customer",
        },
        {
            content: "The signature is drawn",
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            content: "Accept",
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Choose the payment method",
            trigger: ".modal.show input[name='o_payment_radio'][data-payment-method-code='demo']",
            timeout: 60000,
            run: "click",
        },
        {
            content: "Give its number",
            trigger: ".modal.show input#customer_input",
            run: "edit 4242",
        },
        {
            content: "Save it for the invoices to come",
            trigger: ".modal.show input[name='o_payment_tokenize_checkbox']",
            run: "check",
        },
        {
            content: "Pay",
            trigger: ".modal.show button[name='o_payment_submit_button']:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The order is confirmed once the payment has been processed",
            trigger: "#quote_content:contains('Thank You')",
            timeout: 60000,
            run: () => redirect("/my"),
            expectUnloadPage: true,
        },
        { trigger: "nav" },
    ],
});
