"""Invented names. Nobody and nothing here exists, and every e-mail address ends in example.com."""

from __future__ import annotations

# Written name, and how it reads in an e-mail address.
_FIRST = (
    "Ana", "Björn", "Chloé", "Daniel", "Elif", "Farid", "Grace", "Hanna", "Ivo", "Jana", "Kofi", "Lúcia", "Mateo",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Siobhán", "Tomasz", "Ulrike", "Viktor", "Wei", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Silva", "Brandt", "O'Neill", "Kaya", "Novák", "Okafor", "Lindqvist", "Marino", "Dubois", "Haddad", "Weber", "Tanaka",
    "Varga", "Moreau", "Rossi", "Jensen", "Ortega", "Petrov", "Quist", "Sørensen", "Ueda", "Nguyen", "Wójcik", "Xu", "Young",
)  # fmt: skip
_PLAIN = str.maketrans("áéíóúöëøñç", "aeiouoeonc", "'")

_HEAD = (
    "Alder", "Birch", "Cobalt", "Dorn", "Elm", "Fjord", "Granit", "Hasel", "Iris", "Jura", "Kestrel", "Larch", "Mistral",
    "Nord", "Onyx", "Pine", "Quarz", "Rowan", "Söder", "Tarn", "Umbra", "Velo", "Weiß", "Yarrow", "Zephyr", "Amber", "Cliff",
)  # fmt: skip
_TAIL = (
    "berg", "bridge", "dale", "field", "gate", "haven", "land", "mark", "mere", "mont", "point", "ridge", "stone", "strand",
    "thal", "vale", "ville", "ware", "well", "wick", "wood", "works", "yard",
)  # fmt: skip
_FORM = ("GmbH", "Ltd", "SA", "AG", "Inc", "BV", "Oy", "& Sons", "S.p.A.")
# Names that break careless quoting: CSV, SOQL and JSON each have one.
_AWKWARD = ("Brandt, Sohn & Co", 'The "Blue" Mill', "O'Hara's Yard", "Société Générique d'Essai", "100% Vale\\Field")

INDUSTRIES = ("Manufacturing", "Software", "Retail", "Finance", "Healthcare", "Energy", "Logistics", "Education")
COUNTRIES = {
    "EMEA": ("Germany", "France", "United Kingdom", "Netherlands", "Sweden", "Spain"),
    "AMER": ("United States", "Canada", "Mexico", "Brazil"),
    "APAC": ("Japan", "Australia", "Singapore", "India"),
}
TEAMS = {
    "EMEA": ("DACH", "Middle East", "Nordics", "France", "UK and Ireland", "Benelux", "Iberia"),
    "AMER": ("East Coast", "West Coast", "Midwest", "Canada", "Latin America"),
    "APAC": ("Oceania", "Southeast Asia", "Japan", "India"),
}
PRODUCTS = ("Platform", "Licences", "Analytics", "Support plan", "Migration", "Add-on seats", "Training days")
SOURCES = ("Web", "Referral", "Partner", "Event", "Outbound", "Advertisement")
NEXT_STEPS = (
    "Send the proposal",
    "Call the sponsor",
    "Security review",
    "Agree on terms",
    "Book a demo",
    "Wait for budget",
)
TRAININGS = ("Discovery calls", "Negotiation", "Product update", "Data protection", "Forecasting", "Story telling")


def person(at: int) -> tuple[str, str]:
    """The name and the e-mail address of the person of that number; all differ."""
    first = _FIRST[at % len(_FIRST)]
    last = _LAST[(at * 7 + at // len(_FIRST)) % len(_LAST)]
    turn = at // (len(_FIRST) * len(_LAST))
    number = str(turn + 1) if turn else ""
    address = f"{first}.{last}{number}".lower().translate(_PLAIN)
    return f"{first} {last}{' ' + 'I' * (turn + 1) if turn else ''}", f"{address}@example.com"


def account(at: int) -> str:
    """The name of the account of that number; all differ."""
    if at % 1000 < len(_AWKWARD):
        return _AWKWARD[at % 1000] + (f" {at // 1000 + 1}" if at >= 1000 else "")
    turn, rest = divmod(at, len(_HEAD) * len(_TAIL))
    name = _HEAD[rest % len(_HEAD)] + _TAIL[rest // len(_HEAD)]
    series, form = divmod(turn, len(_FORM))
    return f"{name} {_FORM[(form + rest) % len(_FORM)]}" + (f" {series + 1}" if series else "")
