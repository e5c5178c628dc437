from odoo.fields import Command

from .common import SubscriptionCommon


class LegalCommon(SubscriptionCommon):
    """Plans that become binding with different triggers, and what was recorded about it."""

    @classmethod
    def _create_legal_plan(cls, trigger="order", **values):
        return cls._create_plan(
            f"Binding with {trigger}",
            [{"product_id": cls.hosting.id}],
            affirm_trigger=trigger,
            **values,
        )

    @classmethod
    def _confirm_order(cls, plan, product=None, **values):
        """A confirmed order for the plan.

        :return: the order and its subscription.
        """
        order = cls._draft_order(plan, product, **values)
        order.action_confirm()
        return order, order.subscription_ids

    @classmethod
    def _draft_order(cls, plan, product=None, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.partner_a.id,
                "require_signature": False,
                "require_payment": False,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or cls.hosting).id,
                            "subscription_plan_id": plan.id,
                        }
                    )
                ],
                **values,
            }
        )

    def _events(self, subscription, *types):
        """The types of the subscription's events, oldest first; only some of them when given."""
        events = subscription.event_ids.sorted("id").mapped("event_type")
        return [event for event in events if event in types] if types else events
