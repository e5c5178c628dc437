"""Names and numbers as people write them, made comparable."""

import re
import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_TITLES = {"herr", "frau", "mr", "mrs", "ms", "dr", "prof"}
_MAX_NUMBERS = 20


def name_key(name):
    """The parts of a name, whatever their order, case, accents and titles.

    >>> name_key("Dr. Jürgen Groß") == name_key("GROSS, Juergen")
    True

    :rtype: frozenset[str]
    """
    text = unicodedata.normalize("NFC", name or "").casefold().translate(_GERMAN)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(char for char in text if not unicodedata.combining(char))
    return frozenset(re.findall(r"\w+", text)) - _TITLES


def contract_numbers(text):
    """What may be a number of a contract, an order, an invoice or a customer in a free text.

    :rtype: set[str]
    """
    words = (word.strip(".:#()[]'\"") for word in re.split(r"[\s,;]+", text or ""))
    numbers = [word for word in words if any(char.isdigit() for char in word)][:_MAX_NUMBERS]
    return {form for number in numbers for form in (number, number.upper())}


def has_link(text):
    """Whether a mail program would make a link of some part of the text."""
    return bool(re.search(r"://|\bwww\.|\w\.[a-z]{2,}\b|@", text or "", re.IGNORECASE))
