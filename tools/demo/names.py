"""Made-up customers: names, addresses, and tax numbers whose check digits are right."""

FIRST_NAMES = (
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hannes", "Ida", "Jonas", "Klara",
    "Leon", "Mia", "Noah", "Olivia", "Paul", "Romy", "Simon", "Tilda", "Uwe", "Vera", "Willi",
)  # fmt: skip
LAST_NAMES = (
    "Ahorn", "Birkner", "Dorfmeister", "Eichinger", "Feldhaus", "Grünwald", "Heidkamp", "Immental",
    "Kiefer", "Lindenau", "Moosbach", "Nordhoff", "Ostermoor", "Quellmann", "Rosenau", "Seeberg",
    "Talmann", "Ulmer", "Wiesner",
)  # fmt: skip
COMPANY_WORDS = (
    "Alster", "Bodensee", "Donau", "Elbe", "Fichtel", "Harz", "Isar", "Jade", "Kocher", "Leine",
    "Main", "Neckar", "Oder", "Peene", "Rhön", "Saale", "Trave", "Unstrut", "Weser",
)  # fmt: skip
TRADES = (
    "Technik", "Logistik", "Beratung", "Druck", "Medien", "Bau", "Optik", "Werkzeuge", "Pflege",
    "Handel",
)  # fmt: skip
FORMS = ("GmbH", "KG", "AG", "OHG", "GmbH & Co. KG")
STREETS = ("Lindenweg", "Hauptstraße", "Am Markt", "Gartenstraße", "Bahnhofstraße", "Ringstraße")
GERMAN_CITIES = (
    ("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("01067", "Dresden"),
    ("80331", "München"), ("28195", "Bremen"), ("04109", "Leipzig"), ("70173", "Stuttgart"),
)  # fmt: skip
AUSTRIAN_CITIES = (("1010", "Wien"), ("5020", "Salzburg"), ("8010", "Graz"), ("6020", "Innsbruck"))
AMERICAN_CITIES = (("10001", "New York"), ("60601", "Chicago"), ("98101", "Seattle"))
LOWEST_VAT = 100_000_000


def person(number):
    first, last = len(FIRST_NAMES), len(LAST_NAMES)
    return f"{FIRST_NAMES[number % first]} {LAST_NAMES[number * 7 % last]}"


def company(number, form=None):
    word = COMPANY_WORDS[number % len(COMPANY_WORDS)]
    trade = TRADES[number * 3 % len(TRADES)]
    return f"{word} {trade} {form or FORMS[number % len(FORMS)]}"


def german_vat(number):
    """A well-formed German VAT number: the ninth digit checks the others (ISO 7064, mod 11,10)."""
    digits = str((LOWEST_VAT + number * 104_729) % (9 * LOWEST_VAT) + LOWEST_VAT)[:8]
    product = 10
    for digit in digits:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return f"DE{digits}{(11 - product) % 10}"


def austrian_vat(number):
    """A well-formed Austrian VAT number: the eighth digit checks the others."""
    digits = f"{(number * 7919 + 1_234_567) % 10_000_000:07}"
    total = 0
    for place, digit in enumerate(map(int, digits)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled // 10 + doubled % 10
    return f"ATU{digits}{(96 - total) % 10}"


def address(number, cities):
    zip_code, city = cities[number % len(cities)]
    street = STREETS[number % len(STREETS)]
    return {"street": f"{street} {number % 80 + 1}", "zip": zip_code, "city": city}
