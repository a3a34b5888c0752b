"""Evidence: how well a literal of a step agrees with an earlier result, or with a number of the question.

What weighs: the nouns after the literal and where the sentence says the number before the expression; currency signs;
what else the sentence speaks of; whether the question tells the number in digits; conversions such as minutes of an hour;
and steps of one shape, which repeat their literals (`16 / 4`, then `24 / 4`) and do not rest on each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from benchmarks.annotations.text.arithmetic import (
    Number,
    Operation,
    Tree,
    leaves,
    literals,
    operator_at,
    shape,
)
from benchmarks.annotations.text.mentions import NOTHING, Mention
from benchmarks.annotations.text.numbers import QuestionNumbers
from benchmarks.annotations.text.words import spread

# Weights: set by hand on training problems that were read one by one, then tuned on 176 readings of them.
NOUN, RESTATED, TOPIC, SIGN = 3.0, 0.25, 0.25, 1.7
TOLD_IN_WORDS, CONVERSION, REPEATED, SAME_SHAPE, JUST_BEFORE = 0.5, 1.7, 1.0, 0.9, 0.3
PER, DIVIDED, NEVER_ADDED, SUMMED, PARALLEL, LATEST = 2.0, 0.3, 6.0, 0.7, 1.0, 0.2
MAX_NOUNS, MAX_TOPICS = 2, 3
# Factors up to this one (feet of an animal, days of a week) are as likely common knowledge as an earlier result.
EVERYDAY = 12
UNITS = {
    Fraction(60): spread("minute hour second"),
    Fraction(7): spread("week day"),
    Fraction(12): spread("year month dozen feet foot inch"),
    Fraction(24): spread("day hour"),
    Fraction(100): spread("dollar cent"),
    Fraction(16): spread("ounce pound"),
    Fraction(3): spread("yard feet foot"),
    Fraction(4): spread("quarter month week"),
    Fraction(365): spread("year day"),
    Fraction(52): spread("week year"),
    Fraction(30): spread("month day"),
    Fraction(10): spread("dime"),
}
PERCENT = spread("percent percentage")


@dataclass(slots=True)
class Draft:
    """A step before it has a name.

    `shown` is its value as printed; `counts` is what the result counts, `topic` the other words of its sentence, `money`
    whether a currency sign stands before it, `per` what it is counted by (`pages` of cents per page). `mentions` are the
    literals in the expression's own text, by position, `restated` the numbers that the sentence says outside of it,
    `span` the line, where the expression begins, and where its result does. `links` is filled by `linking.link`.
    """

    tree: Tree
    shown: Fraction
    counts: frozenset[str] = NOTHING
    topic: frozenset[str] = NOTHING
    money: bool = False
    mentions: dict[int, Mention] = field(default_factory=dict)
    restated: dict[Fraction, Mention] = field(default_factory=dict)
    per: frozenset[str] = NOTHING
    span: tuple[int, int, int] = (0, 0, 0)
    links: dict[int, int] = field(default_factory=dict)

    @property
    def words(self) -> frozenset[str]:
        """Everything that the sentence says."""
        return self.counts | self.topic


@dataclass(frozen=True, slots=True)
class Told:
    """What the question says about its numbers: all of them, and what is said around each that stands in digits."""

    numbers: QuestionNumbers
    mentions: dict[Fraction, Mention]


def for_result(draft: Draft, position: int, value: Fraction, source: Draft, told: Told) -> float:
    """How much speaks for a literal being the result of an earlier step."""
    own = _overlap(draft, position, value, source.counts, source.words)
    score = own + _signs(draft, position, source.money, told.mentions.get(value))
    if value in told.numbers.values and _is_beside(draft.tree, position, source.tree, told):
        score -= SAME_SHAPE
    return score + _divides(draft, position, source) + _totals(draft, told)


def _is_beside(tree: Tree, position: int, other: Tree, told: Told) -> bool:
    """Whether two steps do the same with numbers of the question, and the later does not go on from the earlier.

    `6 + 9` stands beside `4 + 5`; `7 - 2` goes on from `9 - 2`.
    """
    if shape(tree) != shape(other):
        return False
    values = _values(tree)
    goes_on = position == 0 and values[1:] == _values(other)[1:]
    return not goes_on and all(value is not None and told.numbers.tells(value) for value in values)


def _totals(draft: Draft, told: Told) -> float:
    """A sum of three or more that holds a result for certain adds up results; one of told numbers only does not."""
    terms = literals(draft.tree)
    if len(terms) < 3 or set(shape(draft.tree)) - set("(_+)"):
        return 0.0
    return -SUMMED if all(term in told.numbers.values for term in terms) else SUMMED


def _divides(draft: Draft, position: int, source: Draft) -> float:
    """Cents per page are cents divided by pages."""
    tree = draft.tree
    if not isinstance(tree, Operation) or tree.operator != "/":
        return 0.0
    if position == 0:
        return DIVIDED if source.counts & draft.counts else 0.0
    return PER if source.counts & draft.per else 0.0


def for_question(drafts: list[Draft], index: int, position: int, value: Fraction, told: Told) -> float:
    """How much speaks for a literal being the question's own number, or what everybody knows."""
    draft = drafts[index]
    mention = told.mentions.get(value, Mention())
    score = _overlap(draft, position, value, mention.after, mention.around)
    restated = draft.restated.get(value)
    if restated is not None:
        score += TOPIC * min(MAX_TOPICS, len(restated.around & mention.around))
    if value not in told.numbers.digits:
        score -= _told_in_words(draft, position, value, told.numbers)
    if _converts(draft, position, value):
        score += CONVERSION
    if _repeats(drafts, index, position, value):
        score += REPEATED
    if value in told.numbers.values and _runs_beside(drafts, index, position):
        score += PARALLEL
    return score


def _runs_beside(drafts: list[Draft], index: int, position: int) -> bool:
    """Whether a step of this shape shares one of the question's numbers and differs here (`6 * 2`, then `6 * 3`)."""
    own = _values(drafts[index].tree)
    for _, theirs in _alike(drafts, index):
        same = [at for at, value in enumerate(theirs) if value == own[at] and at != position]
        if same and theirs[position] != own[position]:
            return True
    return False


def _alike(drafts: list[Draft], index: int) -> Iterator[tuple[int, list[Fraction | None]]]:
    """The other steps of a step's shape, each with the values of its leaves."""
    mine = shape(drafts[index].tree)
    for other, draft in enumerate(drafts):
        if other != index and shape(draft.tree) == mine:
            yield other, _values(draft.tree)


def _values(tree: Tree) -> list[Fraction | None]:
    """The values of a tree's leaves, None for names."""
    return [leaf.value if isinstance(leaf, Number) else None for leaf in leaves(tree)]


def _overlap(
    draft: Draft, position: int, value: Fraction, nouns: frozenset[str], around: frozenset[str]
) -> float:
    """Nouns that the literal's own words share, and topics that the sentence shares."""
    mention = draft.mentions.get(position, Mention())
    restated = draft.restated.get(value, Mention())
    shared = min(MAX_NOUNS, len(mention.after & nouns)) + 0.5 * min(1, len((mention.after & around) - nouns))
    again = min(MAX_NOUNS, len(restated.after & nouns)) + 0.5 * min(1, len((restated.after & around) - nouns))
    topics = min(MAX_TOPICS, len(draft.words & around))
    return NOUN * shared + RESTATED * again + TOPIC * topics


def _signs(draft: Draft, position: int, money: bool, question: Mention | None) -> float:
    """Currency signs speak only where the question's number is of the other kind, and the sentence writes some."""
    mention = draft.mentions.get(position)
    if mention is None or question is None or question.money == money:
        return 0.0
    if any(other.money for other in draft.mentions.values()):
        return SIGN if mention.money == money else -SIGN
    alike = operator_at(draft.tree, position) in ("+", "-")
    return -SIGN if money and alike and not draft.money else 0.0


def _told_in_words(draft: Draft, position: int, value: Fraction, numbers: QuestionNumbers) -> float:
    """What the question tells only in words, or nobody, is less likely its number; small factors may be anyone's."""
    factor = is_factor(draft, position, value)
    if value in numbers.values:
        return 0.0 if factor else 2 * TOLD_IN_WORDS
    if operator_at(draft.tree, position) in ("+", "-"):
        return NEVER_ADDED
    return TOLD_IN_WORDS


def is_factor(draft: Draft, position: int, value: Fraction) -> bool:
    """Whether a literal is a small factor, as feet of an animal or days of a week are."""
    return value <= EVERYDAY and operator_at(draft.tree, position) not in ("+", "-")


def _converts(draft: Draft, position: int, value: Fraction) -> bool:
    """Whether the literal is a unit's constant and the step's result or the other operand is in that unit."""
    if operator_at(draft.tree, position) not in ("*", "/"):
        return False
    share = value == 100 and PERCENT & draft.words
    return bool(share or UNITS.get(value, NOTHING) & draft.counts)


def _repeats(drafts: list[Draft], index: int, position: int, value: Fraction) -> bool:
    """Whether another step of the same shape has the same literal at this place, where no step before gave it."""
    for other, theirs in _alike(drafts, index):
        if theirs[position] == value:
            return all(earlier.shown != value for earlier in drafts[:other])
    return False
