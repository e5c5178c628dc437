"""What the packages of a contract cost its customer, and whether the balance is enough."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import models

from ..prepaid import monthly, saving


@dataclass(frozen=True)
class PackageOffer:
    """A package as a customer sees it; amounts in the currency of the contract.

    :param package: ``subscription.package`` record.
    :param date_to: the new expiry.
    :param untaxed: price without taxes.
    :param total: price with taxes.
    :param monthly: ``total`` for 30 days.
    :param saving: by how much the bonus makes ``total`` lower.
    :param missing: what the balance lacks; 0.0 when it is enough.
    """

    package: models.Model
    date_to: date
    untaxed: float
    total: float
    monthly: float
    saving: float
    missing: float

    @property
    def is_affordable(self):
        return not self.missing


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_package_offers(self, packages=None):
        """The packages that the contract can be extended by, shortest first.

        :param packages: only these; all that the plan offers when left out.
        :rtype: list[PackageOffer]
        """
        self.ensure_one()
        contract = self.sudo()
        packages = contract.plan_id.package_ids if packages is None else packages.sudo()
        if contract._get_extension_obstacle():
            return []
        return [contract._get_package_offer(package) for package in packages.sorted()]

    def _get_package_offer(self, package):
        currency = self.currency_id
        untaxed, total = self._preview_extension(package)
        price, bonus = Decimal(str(total)), Decimal(str(package.bonus))
        return PackageOffer(
            package=package,
            date_to=self._get_extended_expiry(package),
            untaxed=untaxed,
            total=total,
            monthly=currency.round(float(monthly(price, package._get_length()))),
            saving=currency.round(float(saving(price, bonus))),
            missing=max(currency.round(total - self._get_paid_in()), 0.0),
        )

    def _get_paid_in(self):
        """What the customer has paid already that the next package can be paid with."""
        return self._get_spendable_balance() + self.advance_left

    def _get_top_up_path(self, missing):
        """Where the customer pays in what the balance lacks, and comes back from to extend.

        :param float missing: in the contract's currency.
        """
        self.ensure_one()
        amount = max(missing, self.company_id._get_least_top_up(self.currency_id))
        if self._is_topped_up_by_advance():
            return f"/my/subscriptions/{self.id}/advance?amount={amount:.2f}"
        return f"/my/balance?amount={amount}&extend={self.id}"
