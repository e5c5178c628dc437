"""Telling a change from a value that is written again."""


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
