import { registry } from "@web/core/registry";

const PATIENCE = 60000; // ms; pages with previews take their time on a busy machine

const patient = (steps) => () => steps.map((step) => ({ timeout: PATIENCE, ...step }));

/** The summary of a package, its confirmation, and the page of the contract afterwards. */
function order(newExpiry) {
    return [
        {
            content: "The summary shows the new expiry before anything is ordered",
            trigger: `.o_subscription_preview:contains('${newExpiry}')`,
        },
        {
            content: "Order",
            trigger: "button:contains('Order with obligation to pay')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is done",
            trigger: ".alert-success:contains('has been extended')",
        },
        {
            content: "The contract shows the new expiry",
            trigger: `section[aria-labelledby='o_subscription_expiry']:contains('${newExpiry}')`,
        },
        {
            content: "The messages are there: leaving while they load is an error",
            trigger: "#chatterRoot:shadow .o-mail-Chatter",
        },
    ];
}

function choose(name) {
    return {
        content: `Choose ${name}`,
        trigger: `.o_subscription_packages a.btn-primary:contains('${name}')`,
        run: "click",
        expectUnloadPage: true,
    };
}

/** From the link in the warning, without a login: choose, look, order. */
registry.category("web_tour.tours").add("subscription_extend", {
    steps: patient([
        {
            content: "The page is ready",
            trigger: "body[is-ready=true]",
        },
        choose("30 days"),
        ...order("04/30/2026"),
    ]),
});

/** The balance is not enough: top up by card, come back, order. */
registry.category("web_tour.tours").add("subscription_top_up_and_extend", {
    steps: patient([
        {
            content: "The page is ready",
            trigger: "body[is-ready=true]",
        },
        {
            content: "A package that the balance does not pay for cannot be chosen",
            trigger: ".o_subscription_packages .card:contains('90 days') span.disabled",
        },
        {
            content: "Top up what is missing",
            trigger: ".o_subscription_packages .card:contains('90 days') a:contains('Top up')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The amount that is missing is to be paid",
            trigger: "#o_balance_pay:contains('87.45')",
        },
        {
            content: "Choose the payment method",
            trigger: "input[name='o_payment_radio'][data-payment-method-code='demo']",
            run: "click",
        },
        {
            content: "Give its number",
            trigger: "input#customer_input",
            run: "edit 4242",
        },
        {
            content: "Pay",
            trigger: "button[name='o_payment_submit_button']:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The balance has it, and the way back is shown",
            trigger: ".o_balance_extend a",
            run: "click",
            expectUnloadPage: true,
        },
        choose("90 days"),
        ...order("07/29/2026"),
    ]),
});
