"""Making a quotation for a running subscription: upsell, change or renewal."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .sale_origin import KINDS, REPLACING
from .subscription_plan_move import MOVED_TYPES


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    quotation_ids = fields.One2many("sale.order", "origin_subscription_id", "Quotations")
    quotation_count = fields.Integer(compute="_compute_quotation_count")

    @api.depends("quotation_ids")
    @api.depends_context("uid")
    def _compute_quotation_count(self):
        """The quotations that the user may open: salespeople may be limited to their own."""
        Order, counts = self.env["sale.order"], {}
        if Order.has_access("read"):
            counts = dict(
                Order._read_group(
                    [("origin_subscription_id", "in", self.ids)],
                    ["origin_subscription_id"],
                    ["__count"],
                )
            )
        for subscription in self:
            subscription.quotation_count = counts.get(subscription._origin, 0)

    def action_view_quotations(self):
        """The quotations that were made for the subscription while it ran."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "sale.action_quotations_with_onboarding"
            ),
            "domain": [("origin_subscription_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_quote(self):
        """Ask what the quotation is to offer, then make it."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_quote_wizard_action"
            ),
            "context": {"default_subscription_id": self.id},
        }

    def action_quote_upsell(self):
        """Open a new quotation for more of what runs, and for the add-ons of the plan."""
        return self._open_quote(self._create_quote("upsell"))

    def action_quote_change(self):
        """Open a new quotation for another plan, other prices or other terms."""
        return self._open_quote(self._create_quote("change"))

    def action_quote_renewal(self):
        """Open a new quotation for a further contract term."""
        return self._open_quote(self._create_quote("renewal"))

    @api.model
    def _open_quote(self, order):
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "form",
            "res_id": order.id,
        }

    def _create_quote(self, kind, plan=None, on=None):
        """Make a quotation that belongs to the subscription.

        :param str kind: ``upsell``, ``change`` or ``renewal``.
        :param plan: the ``subscription.plan`` that a change or renewal is about; its own one when
            left out.
        :param on: first day of what is offered, a date or its ISO form. When left out: the day of
            the confirmation for an upsell, the next billing period for a change, and the day
            after the contract term for a renewal.
        :return: the ``sale.order``, a draft.
        :raise UserError: when the subscription does not run.
        """
        self.ensure_one()
        if self.state in ("draft", "closed"):
            raise UserError(
                self.env._("%s is not running, so nothing can be added to it.", self.name)
            )
        on = fields.Date.to_date(on) or self._get_quote_start(kind)
        order = (
            self.env["sale.order"]
            .with_company(self.company_id)
            .create(self._prepare_quote(kind, on))
        )
        self._fill_quote(order, plan or self.plan_id)
        return order.with_env(self.env)

    def _get_quote_start(self, kind):
        """The day from which a quotation of a kind holds; ``False`` for its confirmation."""
        match kind:
            case "change":
                return self._get_plan_change_day()
            case "renewal":
                last = self.date_end or self.date_term_end
                return fields.Date.add(last, days=1) if last else self._get_plan_change_day()
            case _:
                return False

    def _prepare_quote(self, kind, on):
        """Values of the order; what was agreed for the invoices of the subscription holds on."""
        kinds = dict(KINDS)
        if kind not in kinds or kind == "new":
            raise UserError(self.env._("Choose upsell, change or renewal."))
        values = {
            "origin_subscription_id": self.id,
            "subscription_order_kind": kind,
            "origin_plan_id": self.plan_id.id,
            "origin_last_order_id": self._get_last_agreement().id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_invoice_id": self.partner_invoice_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "user_id": self.user_id.id or self.env.uid,
            "client_order_ref": self.client_order_ref,
            "payment_term_id": self.payment_term_id.id,
            "subscription_start_date": on,
            "origin": self.name,
            "require_payment": False,
        }
        if self.fiscal_position_id:
            values["fiscal_position_id"] = self.fiscal_position_id.id
        if self.currency_id != self.company_id.currency_id:
            values["pricelist_id"] = self._get_quote_pricelist().id
        return values

    def _get_last_agreement(self):
        """The order that has changed or renewed the whole subscription last."""
        self.ensure_one()
        return (
            self.sudo()
            .quotation_ids.filtered(
                lambda order: order.state == "sale" and order.subscription_order_kind in REPLACING
            )
            .sorted(lambda order: (order.date_order, order.id))[-1:]
        )

    def _get_quote_pricelist(self):
        pricelist = self.env["product.pricelist"].search(
            [
                ("currency_id", "=", self.currency_id.id),
                ("company_id", "in", (False, self.company_id.id)),
            ],
            limit=1,
        )
        if not pricelist:
            raise UserError(
                self.env._(
                    "A quotation in %s needs a pricelist in that currency.", self.currency_id.name
                )
            )
        return pricelist

    def _fill_quote(self, order, plan):
        """Give the quotation its lines."""
        day = order._get_subscription_start()
        running = self.line_ids.filtered(
            lambda line: (
                line.component_id and line.charge_type in MOVED_TYPES and line._is_current(day)
            )
        )
        if order.subscription_order_kind == "upsell":
            order.order_line = [
                Command.create(vals) for vals in self._prepare_upsell_lines(running, plan)
            ]
        else:
            self._fill_plan_lines(order, running, plan)

    def _prepare_upsell_lines(self, running, plan):
        """More of what is priced by the unit, and the add-ons; nothing is taken yet."""
        more = running.filtered(
            lambda line: line.charge_type == "recurring" and line.pricing_model == "per_unit"
        )
        add_ons = plan.component_ids.filtered(
            lambda component: (
                component.is_optional and component.charge_type not in ("setup", "usage")
            )
        )
        return [
            {
                "product_id": line.product_id.id,
                "subscription_component_id": line.component_id.id,
                "origin_line_id": line.id,
                "product_uom_qty": 0.0,
                "price_unit": line.price_unit,
                "discount": line.discount,
            }
            for line in more
        ] + [
            {
                "product_id": component.product_id.id,
                "subscription_component_id": component.id,
                "product_uom_qty": 0.0,
            }
            for component in add_ons - more.component_id
        ]

    def _fill_plan_lines(self, order, running, plan):
        """The plan with its components: of the same plan as they run, of another one as listed."""
        matches = plan._match_components(running.component_id)
        by_component = {}
        for line in running:
            if component := matches.get(line.component_id):
                by_component.setdefault(component, []).append(line)
        main = plan.main_component_id
        first = by_component.get(main, running.browse())[:1]
        order.order_line = [
            Command.create(
                {
                    "product_id": main.product_id.id,
                    "subscription_plan_id": plan.id,
                    "product_uom_qty": main.default_quantity or 1.0,
                    **(first[0]._prepare_quoted_values(plan) if first else {}),
                }
            )
        ]
        plan_line = order.order_line.filtered("subscription_plan_id")
        for line in plan_line._get_component_lines():
            self._fill_component_line(line, by_component, plan)
        for component, lines in by_component.items():
            for line in lines[1:]:
                values = plan_line._prepare_component_line_values(component)
                order.order_line.create(
                    values | {"order_id": order.id} | line._prepare_quoted_values(plan)
                )
        order._sort_component_lines()

    def _fill_component_line(self, line, by_component, plan):
        component = line.subscription_component_id
        if component.charge_type in ("setup", "one_time"):
            line.unlink()
        elif running := by_component.get(component):
            line.write(running[0]._prepare_quoted_values(plan))
        elif plan == self.plan_id and component.charge_type == "recurring":
            line.product_uom_qty = 0.0

    def _get_change_policy(self):
        """How a change within a period is settled unless it is decided otherwise."""
        return {"credit": self.plan_id.change_credit, "charge": self.plan_id.change_charge}

    def _log_quote(self, order):
        """Say on the subscription which order has changed it."""
        kinds = dict(order._fields["subscription_order_kind"]._description_selection(self.env))
        self._message_log(
            body=self.env._(
                "%(kind)s accepted: %(order)s",
                kind=kinds[order.subscription_order_kind],
                order=order.name,
            )
        )


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _prepare_quoted_values(self, plan):
        """Values of the quotation line that states the running line under ``plan``."""
        values = {"origin_line_id": self.id}
        if self.charge_type != "usage":
            values["product_uom_qty"] = self.quantity
        if self.plan_id == plan and self.component_id._has_unit_price():
            values |= {"price_unit": self.price_unit, "discount": self.discount}
        return values
