"""External keys: what the job has made already is found again, whenever it was interrupted."""

PREFIX = "subscription_demo"


def find(env, model, names):
    """The records of `model` that exist for `names`.

    :rtype: dict[str, recordset]
    """
    names = list(names)
    data = env["ir.model.data"].search(
        [("module", "=", PREFIX), ("model", "=", model), ("name", "in", names)]
    )
    ids = {row.name: row.res_id for row in data}
    records = env[model].browse(ids.values()).exists()
    return {name: env[model].browse(ids[name]) for name in names if ids.get(name) in records.ids}


def remember(records, names):
    """Give each of the records its key; part of the transaction that made them."""
    records.env["ir.model.data"].sudo()._update_xmlids(
        [
            {"xml_id": f"{PREFIX}.{name}", "record": record, "noupdate": True}
            for record, name in zip(records, names, strict=True)
        ]
    )


def ensure(env, model, values):
    """Create in one go what is missing.

    :param dict values: values of the record for each key.
    :return: the records by key.
    """
    found = find(env, model, values)
    missing = [name for name in values if name not in found]
    if missing:
        created = env[model].create([values[name] for name in missing])
        remember(created, missing)
        found.update(zip(missing, created, strict=True))
    return {name: found[name] for name in values}
