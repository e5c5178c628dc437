import { registry } from "@web/core/registry";

const PATIENCE = 60000; // ms; pages with previews take their time on a busy machine

/**
 * From the customer's home page to an action of the only subscription, its choice and the
 * confirmation.
 *
 * @param {string} action name of the action, as in the address
 * @param {Object[]} choose steps that fill the form in
 * @param {string} seen what the page says about the terms before they are confirmed
 * @param {string} done what the page says afterwards
 */
function selfService(action, choose, seen, done) {
    const steps = [
        {
            content: "Open the subscriptions",
            trigger: ".o_portal_my_home a[href='/my/subscriptions']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the subscription",
            trigger: ".o_subscription_table a.fw-bold",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The messages are there: leaving while they load is an error",
            trigger: "#chatterRoot:shadow .o-mail-Chatter",
        },
        {
            content: "Choose the action",
            trigger: `.o_subscription_actions a[data-action='${action}']`,
            run: "click",
            expectUnloadPage: true,
        },
        ...choose,
        {
            content: "Look at the exact terms",
            trigger: ".o_subscription_self form[method='get'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The terms are shown before anything is changed",
            trigger: `.o_subscription_self:contains('${seen}')`,
        },
        {
            content: "Confirm",
            trigger: ".o_subscription_self form[method='post'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is done",
            trigger: `.alert-success:contains('${done}')`,
        },
        {
            content: "The messages are there again",
            trigger: "#chatterRoot:shadow .o-mail-Chatter",
        },
    ];
    return () => steps.map((step) => ({ timeout: PATIENCE, ...step }));
}

function choosePlan(name) {
    return [{ content: `Choose ${name}`, trigger: `label:contains('${name}')`, run: "click" }];
}

/** The helpers cannot write into an empty date field. */
function enterDay(trigger, day) {
    return {
        content: `Enter ${day}`,
        trigger,
        run: ({ anchor }) => {
            anchor.value = day;
        },
    };
}

const tours = {
    subscription_upgrade: ["plan", choosePlan("Web Pro"), "$ 69.00", "your change is planned"],
    subscription_downgrade: ["plan", choosePlan("Web Basic"), "$ 34.50", "your change is planned"],
    subscription_pause: [
        "pause",
        [
            enterDay("#date_start", "2027-08-11"),
            enterDay("#date_end", "2027-08-20"),
        ],
        "08/11/2027",
        "Your pause has been entered",
    ],
    subscription_cancel: [
        "terminate",
        [{ content: "Tell more", trigger: "#text", run: "edit We are moving" }],
        "09/30/2027",
        "Your subscription has been terminated",
    ],
};

for (const [name, parameters] of Object.entries(tours)) {
    registry.category("web_tour.tours").add(name, { steps: selfService(...parameters) });
}
