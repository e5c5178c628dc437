"""What a user types into a search box, as a domain: numbers, days, and ranges of them."""

import re
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.tools import get_lang

_DASH = re.compile(r"\s*(?:\.\.|[-\u2013])\s*")
_SPACED_DASH = re.compile(r"\s*\.\.\s*|\s+[-\u2013]\s+")


def number_domain(env, field, text):
    """The domain of ``text``: a number such as 30, or a range such as 20-40, both ends included.

    A range may be open: "20-" is 20 or more, "-40" is up to 40.

    :raise UserError: when it is neither.
    """
    lang = get_lang(env)

    def number(word):
        plain = word.replace(lang.thousands_sep or "\N{NO-BREAK SPACE}", "")
        return float(plain.replace(lang.decimal_point, "."))

    ends = _DASH.split(text.strip())
    try:
        if len(ends) == 1:
            return Domain(field, "=", number(ends[0]))
        low, high = ends
        if not low and not high:
            raise ValueError
        return Domain.AND(
            Domain(field, operator, number(word))
            for operator, word in ((">=", low), ("<=", high))
            if word
        )
    except ValueError:
        write = env["res.lang"].browse(lang.id).format
        example = write("%.2f", 20), write("%.2f", 40)
        raise UserError(
            env._(
                '"%(text)s" is not a number. Enter one such as %(low)s, or a range such as '
                "%(low)s-%(high)s.",
                text=text,
                low=example[0],
                high=example[1],
            )
        ) from None


def day_domain(env, field, text):
    """The domain of ``text``: a day or a range of days, both included, in the user's time zone.

    :raise UserError: when it is neither.
    """
    date_format = get_lang(env).date_format

    def day(word):
        try:
            return datetime.strptime(word, date_format).date()
        except ValueError:
            return Date.to_date(word) if re.fullmatch(r"\d{4}-\d\d-\d\d", word) else None

    ends = [day(word) for word in _SPACED_DASH.split(text.strip())]
    if None in ends or len(ends) > 2:
        today = Date.context_today(env["base"])
        raise UserError(
            env._(
                '"%(text)s" is not a day. Enter one such as %(day)s, or a range such as '
                "%(first)s - %(day)s.",
                text=text,
                day=today.strftime(date_format),
                first=today.replace(day=1).strftime(date_format),
            )
        )
    first, last = ends[0], ends[-1]
    return Domain(field, ">=", first) & Domain(field, "<", last + timedelta(days=1))


def any_text(operator, value, make):
    """The answer of a field's search method that looks for the typed text.

    :param make: ``make(text)``, the domain for one text.
    """
    if operator not in ("in", "ilike"):
        return NotImplemented
    texts = [value] if isinstance(value, str) else [text for text in value if text]
    return Domain.OR(make(text) for text in texts)
