"""English for the stories: people, plurals, articles, capitals and numbers in words."""

import re

from benchmarks.annotations.text import numbers

SHE = (
    "Mia Emma Olivia Ava Sofia Amelia Hannah Grace Lucy Nora Chloe Ella Zoe Lily Ruby Clara Alice Julia "
    "Maria Elena Rosa Priya Anika Leila Fatima Amina Yuki Mei Ingrid Freya Hana Naomi Esther Ruth Sarah "
    "Laura Megan Katie Molly Tina Wendy Carla Bianca Nadia Tara Diana Valerie Tanisha Keisha Monica"
)
HE = (
    "Liam Noah Ethan Oliver Jack Leo Henry Samuel Daniel David Adam Ben Tom Peter Paul Luke Jacob Ryan "
    "Kevin Brian Eric Victor Hugo Diego Carlo Mateo Rafael Omar Hassan Ali Arjun Ravi Sanjay Kenji Hiro "
    "Wei Sven Ivan Anton George Frank Martin Simon Oscar Felix Toby Jamal Darnell Emeka Pedro"
)
PEOPLE = (*((name, "she") for name in SHE.split()), *((name, "he") for name in HE.split()))
PRONOUNS = {
    "she": {"he": "she", "him": "her", "his": "her"},
    "he": {"he": "he", "him": "him", "his": "his"},
}

UNITS = (
    "year month week day hour minute second mile kilometer meter centimeter foot yard inch gram kilogram "
    "pound ounce liter milliliter gallon dollar cent degree point percent square page lap"
)
_PLURALS = {
    "child": "children",
    "person": "people",
    "man": "men",
    "woman": "women",
    "foot": "feet",
    "mouse": "mice",
    "goose": "geese",
    "calf": "calves",
    "loaf": "loaves",
    "shelf": "shelves",
    "leaf": "leaves",
    "half": "halves",
    "scarf": "scarves",
    "sheep": "sheep",
    "fish": "fish",
    "tomato": "tomatoes",
    "potato": "potatoes",
    "mango": "mangoes",
}
_SMALL, _TENS = tuple(numbers.UNITS), tuple(numbers.TENS)
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 8: "eighth", 10: "tenth"}

_SILENT = re.compile(r"(?:uni|use|eu|one\b|once\b)", re.IGNORECASE)
_VOWEL = re.compile(r"(?:[aeiou]|hour|heir|\$?8[\d,]*(?!\d)|\$?1[18](?!\d))", re.IGNORECASE)
_ARTICLE = re.compile(r"\b([Aa]) (?=(\S+))")
_SENTENCE = re.compile(r"(^|[.?!] )([a-z])")


def plural(noun: str) -> str:
    """The plural of a noun of one or more words; of `box of pens` the head, `boxes of pens`."""
    head, of, rest = noun.partition(" of ")
    before, space, last = head.rpartition(" ")
    return f"{before}{space}{_plural_word(last)}{of}{rest}"


def _plural_word(word: str) -> str:
    for single, several in _PLURALS.items():
        if word.endswith(single) and (word == single or single not in {"man", "leaf", "half"}):
            return word.removesuffix(single) + several
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def number_word(value: int) -> str | None:
    """`seven`, `forty-five`; None from a hundred on."""
    if not 0 <= value < 100:
        return None
    if value < 20:
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")


def part_words(numerator: int, denominator: int) -> str | None:
    """`half`, `a quarter`, `two thirds`; None where people would write digits."""
    name = _PARTS.get(denominator)
    if name is None or numerator >= denominator:
        return None
    if numerator == 1:
        return name if denominator == 2 else f"a {name}"
    return f"{_SMALL[numerator]} {name}s"


def polish(text: str) -> str:
    """Put `an` where it belongs and a capital at the start of every sentence."""
    text = _ARTICLE.sub(lambda match: match[1] + ("n " if _takes_an(match[2]) else " "), text)
    return _SENTENCE.sub(lambda match: match[1] + match[2].upper(), text)


def _takes_an(word: str) -> bool:
    return _VOWEL.match(word) is not None and _SILENT.match(word) is None


def snake(text: str) -> str:
    """A name for equations: `Tennis balls` becomes `tennis_balls`."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
