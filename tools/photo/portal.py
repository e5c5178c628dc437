"""What customers see: their pages, each step of the self-service, and what needs no login."""

from datetime import timedelta
from urllib.parse import urlencode

from odoo.fields import Command

from .records import of_demo

LOGIN = "portal"
PAUSE = timedelta(days=14)


def _subscription(env):
    """A consumer's hosting with an add-on, among several subscriptions; its customer can log in."""
    plan = env.ref("subscription_base.demo_plan_hosting_monthly")
    found = env["subscription.subscription"].search(
        [
            ("plan_id", "=", plan.id),
            ("state", "=", "active"),
            ("date_end", "=", False),
            ("next_billing_date", ">", "today"),
        ],
        order="id",
    )

    def interest(one):
        others = one.partner_id.subscription_ids.filtered(lambda s: s.state != "closed")
        return bool(one._get_self_removable_lines()), min(len(others), 2), one.date_start

    best = of_demo(found.sorted(interest, reverse=True), "customer with web hosting")
    _let_log_in(env, best)
    return best


def _let_log_in(env, subscription):
    partner = subscription.partner_id
    (partner | partner.child_ids).lang = env.lang
    if not partner.user_ids:
        quiet = env["res.users"].with_context(no_reset_password=True)
        quiet.create(
            {
                "partner_id": partner.id,
                "login": LOGIN,
                "password": LOGIN,
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
        )
        _save_cards(env, subscription)
        address = {"parent_id": partner.id, "type": "invoice", "name": "Office"}
        env["res.partner"].create(
            address
            | {"street": "Hafenstr. 12", "zip": "20457", "city": "Hamburg"}
            | {"country_id": partner.country_id.id}
        )


def _save_cards(env, subscription):
    """Two saved methods, the first of which pays."""
    known = env["payment.token"].search([("demo_simulated_state", "=", "done")], limit=1)
    copied = ("provider_id", "payment_method_id")
    values = {name: of_demo(known, "payment method")[name].id for name in copied}
    values |= {"partner_id": subscription.partner_id.id, "demo_simulated_state": "done"}
    tokens = env["payment.token"].create(
        [
            values | {"provider_ref": f"photo-{number}", "payment_details": number}
            for number in ("4242", "1881")
        ]
    )
    subscription.payment_token_id = tokens[0]


def home(env):
    _subscription(env)
    return "/my"


def subscriptions(env):
    _subscription(env)
    return "/my/subscriptions"


def subscription(env):
    return f"/my/subscriptions/{_subscription(env).id}"


def invoice(env):
    moves = _subscription(env)._get_invoices().filtered(lambda move: move.state == "posted")
    return of_demo(moves, "invoice of the customer").get_portal_url()


def step(action, choose=None):
    """The page of an action; with `choose(subscription)`, what this choice would mean."""

    def find(env):
        chosen = _subscription(env)
        query = f"?{urlencode(choose(chosen))}" if choose else ""
        return f"/my/subscriptions/{chosen.id}/do/{action}{query}"

    return find


def other_plan(action):
    return lambda chosen: {"plan": chosen._get_self_plans(action)[:1].id}


def more(chosen):
    line = chosen._get_self_quantity_lines()[:1]
    return {"line": line.id, "quantity": int(line.quantity) + 2}


def add_on(chosen):
    return {"option": chosen._get_self_options()[:1].id}


def removed(chosen):
    return {"line": chosen._get_self_removable_lines()[:1].id}


def pause(chosen):
    begin = chosen._get_today() + PAUSE
    return {"date_start": begin, "date_end": begin + PAUSE}


def other_card(chosen):
    saved = chosen.env["payment.token"].search([("partner_id", "=", chosen.partner_id.id)])
    return {"token": (saved - chosen.payment_token_id)[:1].id}


def other_address(chosen):
    office = chosen.partner_id.child_ids[:1]
    return {"partner_invoice_id": office.id, "partner_shipping_id": chosen.partner_id.id}


def termination(chosen):
    reason = chosen.env.ref("subscription_base.close_reason_competitor")
    return {"step": "preview", "reason": reason.id}


def with_token(record, suffix=""):
    record.partner_id.lang = record.env.lang
    return record.get_portal_url(suffix=suffix)


def _search(env, what, *domain):
    found = env["subscription.subscription"].search(list(domain), order="id desc", limit=1)
    return of_demo(found.with_context(lang=env.lang), what)


def terminated(env):
    return _search(
        env,
        "terminated subscription",
        ("termination_kind", "=", "ordinary"),
        ("state", "=", "active"),
    )


def ended(env):
    return _search(
        env,
        "ended subscription",
        ("termination_kind", "=", "extraordinary"),
        ("state", "=", "closed"),
    )


def paused(env):
    return _search(env, "paused subscription", ("state", "=", "paused"))


def waiting(env):
    return _search(env, "subscription that waits", ("waiting_for", "=", "payment"))


def moving(env):
    """A subscription that goes to a larger plan, as its customer has chosen."""
    planned = env["subscription.migration"].search([("kind", "=", "plan")], limit=1)
    if planned:
        return planned.subscription_id
    own = _subscription(env)
    other = env["subscription.subscription"].search(
        [("plan_id", "=", own.plan_id.id), ("state", "=", "active"), ("date_end", "=", False)],
        order="id desc",
    )
    chosen = of_demo(other - own, "second customer with web hosting")
    chosen._confirm_self("plan", *_look(chosen, "plan", other_plan("plan")(chosen)))
    return chosen


def _look(chosen, action, values):
    choice = chosen._choose_self(action, {name: str(value) for name, value in values.items()})
    _preview, key = chosen._preview_self(action, choice)
    return choice, key


def page_of(find, suffix=""):
    """The page of the subscription that `find(env)` gives, for whoever follows its link."""
    return lambda env: with_token(find(env), suffix)


def proforma(state):
    def find(env):
        found = env["subscription.proforma"].search([("state", "=", state)], limit=1)
        return with_token(of_demo(found, f"{state} pro-forma invoice"))

    return find


def interval_quotation(env):
    """A quotation on which the customer chooses how the product is billed."""
    customer = _subscription(env).partner_id
    plan = env.ref("subscription_base.demo_plan_hosting_monthly")
    line = {
        "product_id": plan.main_component_id.product_id.id,
        "subscription_plan_id": plan.id,
    }
    order = env["sale.order"].create(
        {
            "partner_id": customer.id,
            "can_choose_interval": True,
            "order_line": [Command.create(line)],
        }
    )
    order.action_quotation_sent()
    return order.get_portal_url()


def upsell_order(env):
    """An upsell quotation in the language of the picture: for more seats, with a discount."""
    known = env["sale.order"].search([("subscription_order_kind", "=", "upsell")], limit=1)
    origin = of_demo(known, "upsell quotation").origin_subscription_id
    origin.partner_id.lang = env.lang
    order = origin.with_context(lang=env.lang)._create_quote("upsell")
    for line, demo_line in zip(order.order_line, known.order_line, strict=False):
        line.write({"product_uom_qty": demo_line.product_uom_qty, "discount": demo_line.discount})
    order.action_quotation_sent()
    return order


def migration(env):
    """A change of the terms to which a consumer is asked to agree, in the customer's language."""
    model = env["subscription.migration"]
    if not model.search([("state", "=", "requested")], limit=1):
        drafts = [("state", "=", "draft"), ("version_audience", "=", "all")]
        version = of_demo(env["subscription.plan"].search(drafts, order="id"), "draft of a version")
        customers = version.previous_version_id.subscription_ids.partner_id.sorted("id")
        customers[::2].lang, customers[1::2].lang = "en_US", "de_DE"
        _sell_to_businesses(env, version.previous_version_id)
        version._publish()
    asked = model.search(
        [("state", "=", "requested"), ("partner_id.lang", "=", env.lang)], order="id", limit=1
    )
    of_demo(asked, "request for consent").sudo()._request_consent()  # others change languages
    return asked


def _sell_to_businesses(env, plan):
    """The plan runs for a business in each language: it gets notice instead of being asked."""
    known = env["res.partner"].search([("is_company", "=", True), ("vat", "=like", "DE%")])
    customers = (known - env.company.partner_id).sorted("id")[:2]
    for customer, lang in zip(customers, ("en_US", "de_DE"), strict=True):
        customer.lang = lang
        subscription = env["subscription.subscription"].create(
            {
                "partner_id": customer.id,
                "plan_id": plan.id,
                "user_id": env["res.users"].search([("login", "=", "sales")]).id,
            }
        )
        subscription.line_ids = [
            Command.create(values) for values in subscription._prepare_plan_lines()
        ]
        subscription.action_start()


def consent(env):
    return migration(env)._get_share_url()


def legal_page(kind):
    """The public page to terminate or to withdraw, in the language of the picture."""
    return lambda env: env.company._get_legal_button_path(kind)


def declaration(env, kind="termination"):
    """What a consumer has declared on the public page; received in the language of the picture."""
    own, email = _subscription(env), f"{kind}.{env.lang[:2]}@example.com"  # few to each address
    received = env["subscription.declaration"].search(
        [("kind", "=", kind), ("lang", "=", env.lang), ("email", "=", email)],
        limit=1,
    )
    return received or env["subscription.declaration"].sudo()._receive(
        {
            "kind": kind,
            "declarant": own.partner_id.name,
            "contract": "Web hosting" if env.lang == "en_US" else "Webhosting",
            "email": email,
            "lang": env.lang,
            "company_id": env.company.id,
            **({"termination_kind": "ordinary"} if kind == "termination" else {}),
        },
        submission=f"photo {kind} {env.lang}",
    )


def receipt(kind):
    return lambda env: declaration(env, kind)._get_page_url()
