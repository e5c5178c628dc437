"""Methods for other systems: plain values and ISO dates in, ids and plain values out.

They are documented in docs/api.md and may be called by JSON-2 and XML-RPC. Each checks the rights
of its user again, refuses with a sentence that says what is wrong, and acts on one subscription.
"""

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Command, Domain

REFERENCE_INDEX = "subscription_subscription_external_reference_uniq"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    external_reference = fields.Char(
        copy=False,
        help="The name of the subscription in another system; unique in the company. Creating it "
        "again by the API with the same reference creates nothing.",
    )
    _external_reference_uniq = models.UniqueIndex(
        "(company_id, external_reference) WHERE external_reference IS NOT NULL",
        "Another subscription of this company has this external reference already.",
    )

    @api.model
    def subscribe(
        self,
        partner_id,
        plan,
        date_start=None,
        quantity=None,
        price_unit=None,
        options=None,
        external_reference=None,
        start=True,
    ):
        """Create a subscription to a plan, and start it.

        :param int partner_id: the customer.
        :param plan: the handle of the plan; its active version is taken. Or its id.
        :param str date_start: first day, ISO; today when left out.
        :param float quantity: of the plan's main component; as the plan proposes when left out.
        :param float price_unit: of the main component, where it differs from the plan's.
        :param list options: add-ons, ``{"component_id": id, "quantity": number}`` each.
        :param str external_reference: makes the call repeatable: if the plan's company has a
            subscription with this reference already, its id is returned and nothing is created.
        :param bool start: let it run; otherwise it stays a draft.
        :return: the id of the subscription.
        :rtype: int
        :raise UserError: when the plan is unknown, or the reference belongs to another customer
            or plan.
        """
        self.check_access("create")
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise UserError(self.env._("There is no customer with the id %s.", partner_id))
        plan = self._find_plan(plan)
        if known := self._find_by_external_reference(external_reference, plan.company_id):
            known._check_same_contract(partner, plan)
            return known.id
        subscription = self._create_by_reference(
            {
                "company_id": plan.company_id.id,
                "partner_id": partner.id,
                "plan_id": plan.id,
                "date_start": fields.Date.to_date(date_start)
                or self.env["subscription.billing.run"]._get_today(plan.company_id),
                "external_reference": external_reference or False,
            }
        )
        subscription.line_ids = [
            Command.create(values) for values in subscription._prepare_plan_lines()
        ]
        main = subscription.line_ids.filtered(
            lambda line: line.component_id == plan.main_component_id
        )
        given = {"quantity": quantity, "price_unit": price_unit}
        main.write({name: value for name, value in given.items() if value is not None})
        for option in options or ():
            subscription._add_drafted_option(option)
        if start:
            subscription.action_start()
        return subscription.id

    @api.model
    def _find_plan(self, plan):
        """The plan with an id or a handle."""
        if isinstance(plan, int):
            found = self.env["subscription.plan"].browse(plan).exists()
        else:
            found = self.env["subscription.plan"].search(
                Domain("handle", "=", plan)
                & Domain("state", "=", "active")
                & Domain("company_id", "=", (self.company_id or self.env.company).id)
            )
        if not found:
            raise UserError(self.env._("There is no active plan with the handle %s.", plan))
        return found

    @api.model
    def _find_by_external_reference(self, reference, company):
        if not reference:
            return self.browse()
        return self.with_context(active_test=False).search(
            [("external_reference", "=", reference), ("company_id", "=", company.id)]
        )

    @api.model
    def _create_by_reference(self, values):
        """Create a subscription whose reference is new.

        :raises ConcurrencyError: when another call is creating it at this moment, so that Odoo
            tries once more and finds it.
        """
        try:
            with self.env.cr.savepoint():
                return self.create(values)
        except UniqueViolation as error:
            reference = values["external_reference"]
            company = self.env["res.company"].browse(values["company_id"])
            is_new = not self.sudo()._find_by_external_reference(reference, company)
            if error.diag.constraint_name != REFERENCE_INDEX or not is_new:
                raise
            raise ConcurrencyError("the same subscription is being created") from error

    def _check_same_contract(self, partner, plan):
        """Refuse a reference that was used for something else."""
        if self.partner_id != partner or self.plan_id.handle != plan.handle:
            raise UserError(
                self.env._(
                    "The external reference %(reference)s belongs to %(subscription)s, a "
                    "subscription of %(customer)s to %(plan)s.",
                    reference=self.external_reference,
                    subscription=self.name,
                    customer=self.partner_id.display_name,
                    plan=self.plan_id.display_name,
                )
            )

    def _add_drafted_option(self, option):
        component = self._find_option(option["component_id"])
        self.line_ids = [
            Command.create(
                component._prepare_subscription_line_values()
                | {
                    "price_unit": component._get_price(self.currency_id, self.date_start),
                    "quantity": option.get("quantity", component.default_quantity or 1.0),
                }
            )
        ]

    def _find_option(self, component_id):
        component = self.plan_id.component_ids.filtered(
            lambda component: component.id == component_id and component.is_optional
        )
        if not component:
            raise UserError(
                self.env._(
                    "The plan %(plan)s has no add-on with the id %(id)s.",
                    plan=self.plan_id.display_name,
                    id=component_id,
                )
            )
        return component

    def _find_line(self, line_id, on):
        """The line with an id; without one the main line of the day."""
        if not line_id:
            return self._get_main_line(on)
        line = self.line_ids.filtered(lambda line: line.id == line_id)
        if not line:
            raise UserError(self.env._("%(name)s has no line with the id %(id)s.",
                                       name=self.name, id=line_id))  # fmt: skip
        return line

    def _begin_call(self, on=None):
        """Check what every call that changes something needs.

        :return: the day of the change; today when none is given.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state in ("draft", "closed"):
            raise UserError(self.env._("%s is not running.", self.name))
        return fields.Date.to_date(on) or self._get_today()

    def change_quantity(self, quantity, on=None, line_id=None):
        """Change the quantity of a line from a day on.

        :param float quantity: the new quantity.
        :param str on: first day of it, ISO; today when left out. In the past, the difference is
            billed next.
        :param int line_id: the line; the main one when left out.
        :return: the id of the line that begins then.
        :rtype: int
        """
        on = self._begin_call(on)
        line = self._find_line(line_id, on)
        return line._change(on, quantity=quantity, **self._get_change_policy()).id

    def change_price(self, price_unit=None, discount=None, on=None, line_id=None):
        """Change the price or the discount of a line from a day on, for this customer only.

        :param float price_unit: price of one unit without discount; as before when left out.
        :param float discount: percent; as before when left out.
        :param str on: first day of it, ISO; today when left out.
        :param int line_id: the line; the main one when left out.
        :return: the id of the line that begins then.
        :rtype: int
        """
        on = self._begin_call(on)
        given = {"price_unit": price_unit, "discount": discount}
        values = {name: value for name, value in given.items() if value is not None}
        if not values:
            raise UserError(self.env._("Give a price or a discount."))
        line = self._find_line(line_id, on)
        return line._change(on, **values, **self._get_change_policy()).id

    def change_plan(self, plan, on=None):
        """Change to another plan, at once or on a later day.

        :param plan: the handle of the plan, or its id.
        :param str on: first day under it, ISO; the end of the current billing period when left
            out. On a later day it takes the place of what was planned before.
        :return: ``state`` (``planned`` or ``done``), ``date``, ``plan`` and ``recurring_amount``
            per period then.
        :rtype: dict
        """
        day = self._begin_call(on)
        migration = self._plan_change(self._find_plan(plan), on and day)
        done = migration.state == "done"
        return {
            "state": migration.state,
            "date": fields.Date.to_string(migration.date_switch),
            "plan": migration.plan_to_id.handle,
            "recurring_amount": self.recurring_amount if done else migration.recurring_after,
        }

    def cancel_plan_change(self):
        """Stay on the plan: give up the change that is planned."""
        return self.action_cancel_plan_change()

    def add_option(self, component_id, quantity=1.0, on=None, price_unit=None):
        """Let an add-on of the plan run from a day on.

        :param int component_id: the add-on; :meth:`get_summary` lists them.
        :param float quantity: how many.
        :param str on: first day, ISO; today when left out.
        :param float price_unit: where it differs from the plan's.
        :return: the id of the line.
        :rtype: int
        """
        on = self._begin_call(on)
        values = {"quantity": quantity}
        if price_unit is not None:
            values["price_unit"] = price_unit
        charge = self._get_change_policy()["charge"]
        return self._add_option(self._find_option(component_id), on, charge, **values).id

    def remove_option(self, line_id, on=None):
        """End an add-on.

        :param int line_id: its line.
        :param str on: first day without it, ISO; today when left out.
        """
        on = self._begin_call(on)
        line = self._find_line(line_id, on)
        if line.component_id and not line.component_id.is_optional:
            raise UserError(self.env._("%s is no add-on: change the plan instead.", line.name))
        line._end(on, self._get_change_policy()["credit"])
        return True

    def pause(self, on=None, until=None, reason=None):
        """Let the subscription rest at the customer's wish.

        :param str on: first day, ISO; today when left out.
        :param str until: last day, ISO; open when left out.
        :return: the id of the pause.
        :rtype: int
        """
        return self._rest("pause", on, until, reason)

    def suspend(self, on=None, until=None, reason=None):
        """Hold the service back, for instance for an open debt; as :meth:`pause`."""
        return self._rest("suspension", on, until, reason)

    def _rest(self, kind, on, until, reason):
        on = self._begin_call(on)
        until = fields.Date.to_date(until) or False
        return self._pause(on, until, kind, reason=reason or False).id

    def resume(self, on=None):
        """Let the subscription run again.

        :param str on: first day, ISO; today when left out.
        """
        self._resume(self._begin_call(on))
        return True

    def terminate(self, date_end=None, date_notice=None, reason_id=None, description=None):
        """Terminate with notice, not before the terms allow it.

        :param str date_end: last day that is wished for, ISO; the earliest when left out.
        :param str date_notice: day on which notice was given, ISO; today when left out.
        :param int reason_id: a ``subscription.close.reason``.
        :return: the last day of the subscription, ISO.
        :rtype: str
        :raise UserError: when ``date_end`` is too early; it names the earliest day.
        """
        self._begin_call()
        reason = self.env["subscription.close.reason"].browse(reason_id or ())
        self._terminate(date_end, date_notice, reason, description)
        return fields.Date.to_string(self.date_end)

    def withdraw_termination(self):
        """Let the subscription go on although it was terminated, while it still runs."""
        self._begin_call()
        return self.action_withdraw_termination()
