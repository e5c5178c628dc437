"""The records that the tests of isolation plant: of two customers, and of another company.

What belongs to the customer who is attacked carries :data:`MARK` or :data:`PRICE` in what can be
read; what belongs to the other company carries :data:`ABROAD` or :data:`PRICE_ABROAD`.
"""

from importlib import import_module, util

from odoo.fields import Command
from odoo.tests import new_test_user

from .payment_common import SubscriptionPaymentCommon

MARK = "QXVB"
PRICE = 7391.57
ABROAD = "ZWKJ"
PRICE_ABROAD = 6183.42
DAY = "2026-03-10"


class IsolationRecords(SubscriptionPaymentCommon):
    """Gives a customer a record of every kind that the suite knows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.subscription_sells_to_consumers = True

    @classmethod
    def _create_login(cls, login, groups, company, **values):
        return new_test_user(
            cls.env,
            f"isolation_{login.lower()}",
            groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            **values,
        )

    @classmethod
    def _create_customer(cls, name, company):
        user = cls._create_login(name.split()[-1], "base.group_portal", company, name=name)
        email = f"{name.split()[-1].lower()}@example.com"
        user.partner_id.write({"email": email, "company_id": company.id})
        return user

    @classmethod
    def _plant(cls, partner, product, price, mark="Mine"):
        """Give a customer a record of every kind; returns those that routes may name.

        A new kind of record is planted here, or in an override.
        """
        components = [
            {"product_id": product.id, "price_unit": price},
            {"product_id": cls.traffic.id, "charge_type": "usage", "included_qty": 1.0},
            {"product_id": cls.domain.id, "is_optional": True, "is_self_service": True},
            {
                "product_id": cls.setup_fee.id,
                "pricing_model": "volume",
                "is_self_quantity": True,
                "self_max_quantity": 9.0,
                "tier_ids": [Command.create({"price_unit": price})],
            },
        ]
        feature = cls.env["subscription.feature"].create({"name": f"Access of {partner.id}"})
        plan = cls._create_plan(
            f"{mark} plan",
            components,
            entitlement_ids=[Command.create({"feature_id": feature.id})],
            self_plan_ids=[Command.set(cls.flat_plan.ids)],
            allow_self_pause="allow",
        )
        cls.env["subscription.meter"].create(
            {"name": f"{mark} meter", "handle": f"{mark.lower()}-meter"}
        )
        cls.env["subscription.message.rule"].create({"kind": "welcome", "plan_id": plan.id})
        order = cls._plant_order(partner, product, price, mark)
        subscription = cls._create_subscription(
            plan,
            "2026-01-01",
            partner_id=partner.id,
            client_order_ref=f"{mark} reference",
            sale_order_id=order.id,
            note=f"{mark} note",
        )
        subscription.name = f"{mark}-SUB"
        subscription._portal_ensure_token()
        line = subscription.line_ids[0]
        line.name = f"{mark} line"
        usage = cls.env["subscription.usage"].create(
            {
                "line_id": subscription.line_ids[1].id,
                "quantity": 2.0,
                "date": "2026-01-05",
                "key": f"{mark} key",
            }
        )
        move = cls._bill(subscription, "2026-03-01")
        move._portal_ensure_token()
        pause = subscription._pause("2026-05-01", "2026-05-31", reason=f"{mark} pause")
        migration = (
            cls.env["subscription.migration"]
            .sudo()
            .create(
                {
                    "subscription_id": subscription.id,
                    "plan_from_id": plan.id,
                    "plan_to_id": cls.flat_plan.id,
                    "date_switch": "2026-06-01",
                    "state": "requested",
                    "consent_text": f"{mark} consent",
                }
            )
        )
        migration._portal_ensure_token()
        token = cls._create_saved_method(partner, payment_details=f"{mark} card")
        attempt = cls._plant_attempt(token, move, mark)
        return {
            "attempt": attempt,
            "transaction": attempt.transaction_id,
            "token": token,
            "proforma": cls._plant_proforma(subscription, mark),
            "declaration": cls._plant_declaration(subscription, mark),
            "withdrawal": cls._plant_withdrawal(subscription, mark),
            "run": cls._plant_action_run(subscription, mark),
            "plan": plan,
            "subscription": subscription,
            "line": line,
            "usage": usage,
            "invoice": move,
            "pause": pause,
            "migration": migration,
            "order": order,
            "partner": partner,
            "product": product,
            **cls._plant_for_modules(partner, product, price, mark),
        }

    @classmethod
    def _plant_for_modules(cls, partner, product, price, mark):
        """What other modules add; each plants it by ``plant`` in its ``tests/isolation.py``."""
        planted = {}
        for module in sorted(cls.env.registry._init_modules):
            place = f"odoo.addons.{module}.tests"
            if not module.startswith("subscription_") or module == "subscription_base":
                continue
            if util.find_spec(place) and util.find_spec(f"{place}.isolation"):
                planter = import_module(f"{place}.isolation")
                planted |= planter.plant(cls, partner, product, price, mark)
        return planted

    @classmethod
    def _plant_attempt(cls, token, move, mark):
        """A failed try to collect an invoice."""
        transaction = cls.env["payment.transaction"].create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "amount": move.amount_residual,
                "currency_id": move.currency_id.id,
                "partner_id": token.partner_id.id,
                "operation": "offline",
                "invoice_ids": [Command.set(move.ids)],
                "reference": f"{mark}-PAYMENT",
            }
        )
        attempt = cls.Attempt.sudo().create(
            {
                "move_id": move.id,
                "number": 1,
                "transaction_id": transaction.id,
                "subscription_ids": [
                    Command.set(move.invoice_line_ids.subscription_id.ids),
                ],
            }
        )
        transaction._set_error(f"{mark} no funds")
        return attempt

    @classmethod
    def _plant_proforma(cls, subscription, mark):
        proformas = cls.env["subscription.proforma"].sudo()
        proforma = proformas._request(subscription, subscription._preview_prepayment())
        proforma.write({"name": f"{mark}-PROFORMA", "date_due": "2099-12-31"})
        return proforma

    @classmethod
    def _plant_declaration(cls, subscription, mark):
        """A termination that a person is to look at."""
        return (
            cls.env["subscription.declaration"]
            .sudo()
            .create(
                {
                    "kind": "termination",
                    "termination_kind": "extraordinary",
                    "grounds": f"{mark} grounds",
                    "declarant": f"{mark} declarant",
                    "contract": subscription.name,
                    "email": f"{mark.lower()}@example.com",
                    "company_id": subscription.company_id.id,
                    "subscription_id": subscription.id,
                    "state": "matched",
                }
            )
        )

    @classmethod
    def _plant_withdrawal(cls, subscription, mark):
        return (
            cls.env["subscription.withdrawal"]
            .sudo()
            .create(
                {
                    "subscription_id": subscription.id,
                    "received_at": DAY,
                    "declared_by": f"{mark} declarant",
                    "content": f"{mark} content",
                    "user_id": cls.env.uid,
                    "refund_deadline": "2026-03-24",
                }
            )
        )

    @classmethod
    def _plant_action_run(cls, subscription, mark):
        """An action of the plan that the first event of the subscription has started."""
        action = cls.env["subscription.plan.action"].create(
            {"name": f"{mark} action", "plan_id": subscription.plan_id.id, "trigger": "any"}
        )
        return (
            cls.env["subscription.action.run"]
            .sudo()
            .create(
                {
                    "event_id": subscription.event_ids.sorted("id")[:1].id,
                    "action_id": action.id,
                    "subscription_id": subscription.id,
                    "state": "failed",
                    "error": f"{mark} error",
                }
            )
        )

    @classmethod
    def _plant_order(cls, partner, product, price, mark):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "client_order_ref": f"{mark} order",
                "require_signature": True,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": price}),
                ],
            }
        )
        order.name = f"{mark}-ORDER"
        order._portal_ensure_token()
        order.action_quotation_sent()
        return order

    @classmethod
    def _plant_elsewhere(cls):
        """A subscription of another company; its own are looked for by its partner, too."""
        env = cls.env(
            user=cls.attackers["stranger"], context={"allowed_company_ids": cls.other_company.ids}
        )
        partner = env["res.partner"].sudo().create({"name": f"{ABROAD} customer"}).sudo(False)
        product = (
            env["product.product"]
            .sudo()
            .create(
                {
                    "name": f"{ABROAD} service",
                    "type": "service",
                    "list_price": PRICE_ABROAD,
                    "company_id": cls.other_company.id,
                }
            )
        )
        plan = env["subscription.plan"].create(
            {
                "name": f"{ABROAD} plan",
                "component_ids": [
                    Command.create({"product_id": product.id, "price_unit": PRICE_ABROAD})
                ],
            }
        )
        plan.action_activate()
        subscription = env["subscription.subscription"].create(
            {"partner_id": partner.id, "plan_id": plan.id, "date_start": "2026-01-01"}
        )
        subscription.line_ids = [
            Command.create(values) for values in subscription._prepare_plan_lines()
        ]
        subscription.name = f"{ABROAD}-SUB"
        subscription.action_start()
        subscription._portal_ensure_token()
        env["subscription.billing.run"].create({"company_id": cls.other_company.id, "date": DAY})
        return {"subscription": subscription, "plan": plan, "partner": partner}
