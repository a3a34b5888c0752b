"""Words that point at something said before, and what they point at where only one thing can be meant."""

import re
from collections.abc import Iterator

from benchmarks.annotations.text.words import EITHER, STOP, VERBS, spread
from benchmarks.rewriting.lists import pronouns
from benchmarks.rewriting.words.people import named

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NO_NOUN = re.compile(
    r"\bhow many (?:is|are|was|were|will|do|does|did|has|have|had|can|would|in|more (?:did|does|do|will|is|are))\b",
    re.IGNORECASE,
)
THIRD = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}
POINTS_BACK = spread(
    """it its they them their theirs this that these those such then too also same other others another rest remaining
    remainder else both former latter so himself herself themselves itself afterwards later instead it's they're"""
)
# What only goes on from other sentences of the story.
_GOES_ON = spread(
    """first second third fourth last finally but however and than twice half double triple times as more less fewer each
    everyone everybody together all total only already even yesterday today tomorrow if when while until once there
    still again before after next now i we our us you your one ones"""
)
CONTINUES = POINTS_BACK | THIRD.keys() | _GOES_ON
RELATIVES = spread(
    """brother sister mother father mom dad mum friend cousin aunt uncle wife husband son daughter grandmother
    grandfather grandma grandpa boss teacher neighbor man woman boy girl mrs mr ms dr lady gentleman boyfriend
    girlfriend"""
)
_PRONOUN = re.compile(rf"\b({'|'.join([*THIRD, 'they', 'their'])})\b")
_SUBJECT = re.compile(r"(?:A|An) (?P<noun>[a-z]+(?: [a-z]+)?) (?P<verb>[a-z]+)")
_COUPLE = re.compile(r"(?P<couple>[A-Z][a-z]+ and [A-Z][a-z]+) (?P<verb>[a-z]+)")
_LEADING = re.compile(r"(?P<name>[A-Z][a-z]+) (?P<verb>[a-z]+)")
_BE = spread("is was has had are were have can will wants needs decides likes goes would")
_VERBAL = VERBS | EITHER | _BE


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def points_back(text: str) -> set[str]:
    """The words of a text that point back, but for he and she; `how many` without a noun counts as one."""
    found = POINTS_BACK.intersection(words_of(text))
    return {*found, "how many"} if _NO_NOUN.search(text) else set(found)


def with_antecedent(asking: str, story: str) -> str | None:
    """A question that is understood before its story; None where it points at what cannot be told."""
    if points_back(asking) - {"they", "their"}:
        return None
    match = _PRONOUN.search(asking)
    if match is None:
        return asking
    if match[1] in THIRD and any(
        pronouns()[one] == THIRD[match[1]] for one in named(asking[: match.start()])
    ):
        return asking
    return _said_as(asking, match, _meant(match[1], story))


def _meant(pronoun: str, story: str) -> str:
    """The only one in a story that a pronoun may mean, empty where there is none or several."""
    words = set(words_of(story))
    if pronoun in ("they", "their"):
        couple = _COUPLE.match(story)
        several = len(named(story)) > 2 or not RELATIVES.isdisjoint(words)
        return couple["couple"] if couple and couple["verb"] in _VERBAL and not several else ""
    meant = [one for one in named(story) if pronouns()[one] == THIRD[pronoun]]
    if meant or not RELATIVES.isdisjoint(words):
        return meant[0] if len(meant) == 1 and RELATIVES.isdisjoint(words) else ""
    return next(_leading(story), "") if not named(story) else ""


def _leading(story: str) -> Iterator[str]:
    """Whom a story without any name that we know begins with: `Jebediah buys`, or `A farmer has`."""
    if (match := _LEADING.match(story)) and match["verb"] in _VERBAL and match["name"].lower() not in STOP:
        yield match["name"]
    if (match := _SUBJECT.match(story)) and match["verb"] in _VERBAL:
        yield f"the {match['noun']}"


def _said_as(asking: str, match: re.Match[str], meant: str) -> str | None:
    """The question with its first pronoun replaced."""
    if not meant:
        return None
    if match[1] in ("he", "she", "they"):
        said = meant
    elif match[1] in ("his", "their") or (match[1] == "her" and re.match(r" [a-z]+", asking[match.end() :])):
        said = f"{meant}'s"
    else:
        return None
    return f"{asking[: match.start()]}{said}{asking[match.end() :]}"
