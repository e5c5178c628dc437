"""What must not be changed: telling a change from a value written again, and showing it."""


def changed_fields(record, vals, names):
    """Names among ``names`` to which ``vals`` would give another value on ``record``.

    :rtype: list[str]
    """
    return [
        name
        for name in sorted(names & vals.keys())
        if (field := record._fields[name]).convert_to_cache(vals[name], record)
        != field.convert_to_cache(record[name], record)
    ]


def lock_fields(arch, names, condition):
    """Show fields of a form or list read-only where they cannot be changed.

    :param arch: the view, changed in place.
    :param names: names of fields of the view's own model.
    :param str condition: the view's expression that locks them.
    """
    for node in arch.xpath(".//field[not(ancestor::field)]"):
        own = node.get("readonly")
        if node.get("name") in names and own not in ("1", "True"):
            node.set("readonly", f"({own}) or {condition}" if own else condition)
