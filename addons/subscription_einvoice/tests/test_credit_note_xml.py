from lxml import etree

from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
@freeze_time("2026-03-01")
class TestCreditNoteXml(SubscriptionCommon):
    """What a program reads on an invoice correction: that it is one, and of which invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        germany = cls.env.ref("base.de")
        cls.company.write({"country_id": germany.id, "vat": "DE462612124"})
        cls.partner_a.country_id = germany
        subscription = cls._create_subscription(date_start="2026-01-01")
        cls.invoice = cls._bill(subscription, "2026-02-01")
        subscription._close("2026-02-14")
        cls.credit = cls._bill(subscription, "2026-03-01")

    def _export(self, format_name, move):
        content, _errors = self.env[f"account.edi.xml.{format_name}"]._export_invoice(move)
        return etree.fromstring(content)

    def _texts(self, tree, path):
        return [node.text for node in tree.findall(path)]

    @shows("LAW-40")
    def test_it_is_of_type_381_and_names_the_invoice(self):
        self.assertEqual((self.credit.move_type, self.credit.state), ("out_refund", "posted"))
        expected = ([self.invoice.name], ["2026-02-01"])
        for format_name in ("ubl_bis3", "ubl_de"):
            tree = self._export(format_name, self.credit)
            self.assertEqual(self._texts(tree, "{*}CreditNoteTypeCode"), ["381"])
            reference = "{*}BillingReference/{*}InvoiceDocumentReference"
            found = [self._texts(tree, f"{reference}/{{*}}{name}") for name in ("ID", "IssueDate")]
            self.assertEqual(tuple(found), expected, format_name)
        tree = self._export("cii", self.credit)
        self.assertEqual(self._texts(tree, "{*}ExchangedDocument/{*}TypeCode"), ["381"])
        reference = ".//{*}ApplicableHeaderTradeSettlement/{*}InvoiceReferencedDocument"
        self.assertEqual(self._texts(tree, f"{reference}/{{*}}IssuerAssignedID"), expected[0])
        day = f"{reference}/{{*}}FormattedIssueDateTime/{{*}}DateTimeString"
        self.assertEqual(self._texts(tree, day), ["20260201"])

    def test_an_invoice_refers_to_none(self):
        for format_name in ("ubl_bis3", "cii"):
            content = etree.tostring(self._export(format_name, self.invoice)).decode()
            self.assertNotIn("BillingReference", content)
            self.assertNotIn("InvoiceReferencedDocument", content)
