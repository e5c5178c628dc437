"""The tax of services to businesses elsewhere in the Union: they owe it themselves."""

from odoo.fields import Command

NOTE = "Reverse charge: the recipient of the service owes the tax."
GERMAN_NOTE = "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge)."


def service_position(env, company):
    """The fiscal position for services to businesses with a VAT number.

    The chart of accounts has it, and its tax, but both are meant for goods at first: the tax is
    archived, and replaces none.
    """
    chart = env["account.chart.template"].with_company(company)
    suffix = company.chart_template.removeprefix("de_")
    position = chart.ref(f"fiscal_position_eu_vat_id_partner_service_{suffix}")
    tax = chart.ref(f"tax_free_eu_{suffix}")
    if not tax.active:
        domestic = [chart.ref(f"tax_ust_{rate}_{suffix}").id for rate in (19, 7)]
        tax.write(
            {
                "active": True,
                "original_tax_ids": [Command.set(domestic)],
                "fiscal_position_ids": [Command.set(position.ids)],
            }
        )
        position.note = f"<p>{NOTE}</p>"
        position.update_field_translations("note", {"de_DE": {NOTE: GERMAN_NOTE}})
    return position
