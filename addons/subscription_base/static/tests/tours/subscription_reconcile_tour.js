import { registry } from "@web/core/registry";

/** An accountant settles an invoice with a transfer, and follows it back to the contract. */
registry.category("web_tour.tours").add("subscription_reconcile", {
    steps: () => [
        {
            content: "The transfer is offered",
            trigger: "[name='invoice_outstanding_credits_debits_widget'] .outstanding_credit_assign",
            timeout: 60000,
            run: "click",
        },
        {
            content: "The invoice is paid",
            trigger: ".ribbon:contains('Paid'), .ribbon:contains('In Payment')",
        },
        {
            content: "Go to the subscription",
            trigger: "button[name='action_view_subscriptions']",
            run: "click",
        },
        {
            content: "See its charges",
            trigger: ".o_notebook .nav-link[name='charges']",
            run: "click",
        },
        {
            content: "Each is on an invoice",
            trigger: "[name='charge_ids'] .o_data_row:contains('60.00')",
        },
        {
            content: "See its history",
            trigger: ".o_notebook .nav-link[name='history']",
            run: "click",
        },
        {
            content: "All that happened is there",
            trigger: "[name='event_ids'] .o_data_row",
        },
    ],
});
