"""Invoices by plain Odoo: one ``create`` and one ``_post`` a batch, tracking switched off."""


class PlainOdoo:
    name = "plain Odoo"

    def __init__(self, scenario):
        self.scenario = scenario
        self.moves = None

    def prepare(self, _number):
        self.scenario.env.invalidate_all()
        self.values = self.scenario.get_invoice_values()

    def run(self):
        moves = self.scenario.env["account.move"].with_context(tracking_disable=True)
        self.moves = moves.create(self.values)
        self.moves._post(soft=False)
        self.scenario.env.cr.commit()
