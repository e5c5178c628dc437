"""Invoices by our bulk writer, in the two steps of a billing run."""


class BillingRun:
    name = "billing run"

    def __init__(self, scenario):
        self.scenario = scenario
        self.moves = None

    def prepare(self, _number):
        self.scenario.env.invalidate_all()
        self.values = self.scenario.get_invoice_values()

    def run(self):
        self.moves = self.scenario.env["account.move"]._create_bulk(self.values)
        self.moves._post_bulk()
        self.scenario.env.cr.commit()
