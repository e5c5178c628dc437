"""The language of what no person does: that of the company, as its dates and numbers are."""


def in_house_language(records, force=False):
    """Records in whose language texts for the history are written.

    Jobs have no language: their texts would be English with the formats of the company.

    :param records: of one company, with a ``company_id``.
    :param bool force: also where the language of a person is known, because a rule decides.
    :return: the records in the language of their company; as they are where a person acts.
    """
    env = records.env
    lang = (records.company_id[:1] or env.company).sudo().partner_id.lang
    if not lang or (env.context.get("lang") and not force):
        return records
    return records.with_context(lang=lang)
