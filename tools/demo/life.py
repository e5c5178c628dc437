"""Single cases of a contract's life, as people come across them: each is made once."""

import contextlib
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command, Datetime

from demo import catalogue, keys

PAID, OPEN = "vpn_paid", "vpn_open"
EXTRA_SEATS = 5
TRIED_FOR_DAYS = 3


def tell(env, sales, partners, subscriptions, today, salesperson):
    """Make what is missing, then let the scheduled jobs do what they would do by themselves.

    :param env: an environment in which customers get messages.
    """
    cases = Cases(env, sales, partners, subscriptions, today, salesperson)
    cases.prepayments()
    cases.withdrawal()
    with receipts_on_request(env):
        cases.terminations()
        cases.declarations()
    env.cr.postcommit.clear()  # there is no mail server: what is to be sent stays in the outbox
    cases.upsell()
    cases.expiring_method()
    run_actions(env)
    for model, job in (
        ("payment.token", "_remind_of_expiry"),
        ("subscription.message", "_cron_send"),
    ):
        getattr(env[model], job)()


def run_actions(env):
    """Do what the plans ask for; what fails is tried again until it is given up."""
    runs = env["subscription.action.run"]
    runs._cron_execute()
    while waiting := runs.search([("state", "=", "pending"), ("attempts", ">", 0)]):
        waiting.next_try = Datetime.now()
        runs._cron_execute()


@contextlib.contextmanager
def receipts_on_request(env):
    """Leave the printing of receipts to the first who asks for one: no server runs meanwhile."""
    model = env.registry["subscription.declaration"]
    original = model._make_receipt
    model._make_receipt = lambda self: None
    try:
        yield
    finally:
        model._make_receipt = original


class Cases:
    def __init__(self, env, sales, partners, subscriptions, today, salesperson):
        self.env, self.today, self.salesperson = env, today, salesperson
        self.partners = partners
        self.quiet = env(context={**env.context, "subscription_no_messages": True})
        self.consumers = [s.customer.key for s in sales if s.customer.kind == "consumer"]
        self.running = {}
        for sale in sales:
            subscription = subscriptions[sale.key].with_env(env)
            if subscription.state == "active" and not subscription.date_end:
                self.running.setdefault(sale.plan, []).append(subscription)

    def _is_new(self, model, key):
        return not keys.find(self.env, model, [key])

    def _sell(self, key, partner, plan, **values):
        """An order of today, confirmed by the salesperson.

        :return: its subscription.
        """
        seller = self.env(user=self.salesperson.id, su=False)
        line = {
            "product_id": plan.main_component_id.product_id.id,
            "subscription_plan_id": plan.id,
        }
        order = seller["sale.order"].create(
            {"partner_id": partner.id, "order_line": [Command.create(line)], **values}
        )
        order.action_confirm()
        keys.remember(order.sudo(), [key])
        return order.sudo().subscription_ids

    # ------------------------------------------------------------------ cases
    def prepayments(self):
        """Two orders that wait for their payment; one of them gets it."""
        plan = catalogue.plan(self.env, "vpn")
        for key, customer in zip((PAID, OPEN), self.consumers[-2:], strict=True):
            if self._is_new("sale.order", key):
                proforma = self._sell(key, self.partners[customer], plan).proforma_ids
                if key == PAID:
                    self._pay(proforma)
                    proforma._match_bank_lines()
                    proforma._follow()

    def _pay(self, proforma):
        """The customer's transfer arrives, with the number of the pro-forma invoice."""
        journal = self.env["account.journal"].search(
            [("company_id", "=", proforma.company_id.id), ("type", "=", "bank")], limit=1
        )
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.today,
                "payment_ref": proforma.name,
                "partner_id": proforma.partner_id.id,
                "amount": proforma.amount_total,
            }
        )

    def terminations(self):
        """One contract has been terminated with notice, another one at once for good cause."""
        if self._is_new("subscription.subscription", "terminated"):
            ordinary, immediate = (
                s.with_env(self.quiet) for s in self.running["hosting_monthly"][-2:]
            )
            reasons = [
                self.env.ref(f"subscription_base.close_reason_{name}")
                for name in ("competitor", "unsatisfied")
            ]
            ordinary._terminate(None, self.today, reasons[0], None)
            immediate._terminate_extraordinarily(
                self.today - timedelta(days=1), reasons[1], "The service was down for a week"
            )
            self._bill(immediate)
            immediate._follow_calendar(self.today)
            keys.remember(ordinary + immediate, ["terminated", "ended"])

    def _bill(self, subscription):
        """Bill what is due today, and post it; return the invoices."""
        run = subscription.env["subscription.billing.run"].create(
            {"company_id": self.env.company.id, "date": self.today}
        )
        moves = run._bill_subscriptions(subscription)
        moves.filtered(lambda move: move.state == "draft")._post_subscription_invoices()
        return moves

    def withdrawal(self):
        """A consumer who has asked for an early start, and paid, withdraws some days after it."""
        if not self._is_new("sale.order", "withdrawn"):
            return
        begun = self.today - timedelta(days=TRIED_FOR_DAYS)
        plan = catalogue.plan(self.env, "hosting_monthly")
        subscription = self._sell(
            "withdrawn", self.partners[self.consumers[1]], plan, subscription_start_date=begun
        )
        subscription.early_start_requested = True
        action = self._bill(subscription).action_register_payment()
        register = self.env["account.payment.register"].with_context(**action["context"])
        register.create({})._create_payments()
        subscription._revoke(
            received_at=Datetime.now(),
            content="I hereby withdraw from my contract about web hosting.",
            channel="email",
        )

    def declarations(self):
        """One declaration ends its contract by itself, two wait for a person."""
        if not self._is_new("subscription.declaration", "declaration_1"):
            return
        own, other = self.running["newspaper"][-1], self.running["newspaper"][0]
        stated = (
            {"declarant": own.partner_id.name, "contract": own.name, "email": own.partner_id.email},
            {
                "declarant": other.partner_id.name,
                "contract": "my newspaper, at Lindenweg 4",
                "email": "newspaper.reader@example.com",
            },
            {
                "declarant": "Peter Wendt",
                "contract": "gym",
                "email": "p.wendt@example.com",
                "termination_kind": "extraordinary",
                "grounds": "I am ill and may not do sports any more. The certificate follows.",
            },
        )
        for number, values in enumerate(stated, 1):
            declaration = self.quiet["subscription.declaration"]._receive(
                {
                    "kind": "termination",
                    "termination_kind": "ordinary",
                    "lang": "de_DE",
                    "company_id": self.env.company.id,
                    **values,
                },
                submission=f"demo {number}",
            )
            keys.remember(declaration, [f"declaration_{number}"])

    def upsell(self):
        """More seats are on offer, with a discount that was agreed with this customer."""
        if self._is_new("sale.order", "upsell"):
            subscription = self.running["team_planner"][0].with_user(self.salesperson)
            order = subscription._create_quote("upsell")
            seats = order.order_line.filtered("origin_line_id")[:1]
            seats.write({"product_uom_qty": EXTRA_SEATS, "discount": 10})
            order.action_quotation_sent()
            keys.remember(order.sudo(), ["upsell"])

    def expiring_method(self):
        """A saved card expires with this month, another one has expired."""
        tokens = self.env["payment.token"].search([("expires_on", "!=", False)], limit=1)
        if tokens:
            return
        used = self.env["subscription.subscription"].search(
            [("payment_token_id", "!=", False), ("state", "=", "active")], order="id"
        )
        working = used.payment_token_id.filtered(lambda t: t.demo_simulated_state == "done")
        working[0].expires_on = self.today
        working[1].expires_on = self.today - relativedelta(months=1)
