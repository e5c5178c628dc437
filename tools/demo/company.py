"""The selling company: currency rates, a salesperson, the taxes of the catalogue."""

from demo import catalogue, keys, logo, provider

LOGIN = "sales"
TIMEZONE = "Europe/Berlin"
RATES = ("1.0850", "1.0910", "1.0785", "1.0820", "1.0960", "1.1040", "1.1125", "1.1080", "1.1190",
         "1.1235", "1.1160", "1.1205")  # fmt: skip


def prepare(env, year):
    """Everything that is there before the first customer; what exists already stays."""
    company = env.company
    if company.chart_template not in ("de_skr03", "de_skr04") or company.currency_id.name != "EUR":
        raise SystemExit("the main company must be German with a German chart of accounts")
    company.partner_id.lang = "en_US"  # its people read English, as the pictures of the guide are
    company.subscription_instructs = True
    env.user.tz = TIMEZONE
    env.ref("base.group_user")._apply_group(env.ref("sale.group_discount_per_so_line"))
    if company.uses_default_logo:
        company.logo = logo.draw()
    catalogue.load(env)
    catalogue.reduce_taxes(env, company)
    provider.enable(env, company)
    _rates(env, company, year)
    return _salesperson(env, company)


def _rates(env, company, year):
    """US dollars for a euro, on the first of each month."""
    dollar = env.ref("base.USD")
    keys.ensure(
        env,
        "res.currency.rate",
        {
            f"rate_{month}": {
                "currency_id": dollar.id,
                "company_id": company.id,
                "name": year.day(month, 1),
                "company_rate": float(rate),
            }
            for month, rate in enumerate(RATES)
        },
    )


def _salesperson(env, company):
    """A user who may sell, and nothing else."""
    values = {
        "name": "Sam Sales",
        "login": LOGIN,
        "password": LOGIN,
        "email": "sales@example.com",
        "lang": "en_US",
        "tz": TIMEZONE,
        "company_id": company.id,
        "company_ids": [(6, 0, company.ids)],
        "group_ids": [
            (6, 0, (env.ref("base.group_user") + env.ref("sales_team.group_sale_salesman")).ids)
        ],
    }
    quiet = env(context={**env.context, "no_reset_password": True})
    return keys.ensure(quiet, "res.users", {"salesperson": values})["salesperson"]
