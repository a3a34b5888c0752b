"""Closing: the one number that the sentence behind an answer phrase states, or why it states none.

Behind a chain of `=` the last side counts; units, currency and bracketed remarks are passed over. Where the sentence
offers two values (`5 or 6`, `12 apples and 3 oranges`, `2 hours 30 minutes`) none is taken: a guess that is wrong half
of the time is worth less than saying so. Only digits count as numbers.
"""

from collections.abc import Iterator

from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.plain_text import plain
from runtime.solver.expressions.printing import print_value
from runtime.solver.expressions.tokens import Token
from runtime.solver.expressions.tree import Name, Number, Rational
from runtime.solver.sentences.prose import BREAK, STOP, Prose, scan
from runtime.solver.sentences.runs import MEASURES, with_operators
from runtime.solver.sentences.stated import Stated, remark, stated

_OPERATORS = frozenset("+-*/^")
_DENIALS = frozenset(("not", "n't", "isn't", "never"))
# From these on a sentence explains its number and offers no second one.
_EXPLAINING = frozenset(
    ("if", "because", "since", "so", "when", "where", "as", "which", "given", "not", "but")
)
_JOINING = frozenset(("and", "or", "to"))
# Words between a number and the sign or the second number that belongs to it: `48 clips in May + 24`.
_UNIT_WORDS = 3


def closing_number(window: str) -> Rational:
    """The number that the text behind an answer phrase states; `25%` is 25.

    Raises Failure: `not_numeric` for no number, a denied or an irrational one, `ambiguous` for several, `no_solution`
    for a division by zero; OverBudget for a number too long.
    """
    prose = _sentence(with_operators(scan(window)))
    if isinstance(prose.tokens[0], Name) and prose.tokens[0].name.lower() in _DENIALS:
        raise Failure("not_numeric", f"the answer phrase denies a number: {quoted(window.strip())}")
    place = _last_side(prose)
    if place is None:
        raise Failure("not_numeric", f"no number follows the answer phrase, but {quoted(window.strip())}")
    start, index = place
    number = stated(prose, index, start)
    for other in _second_values(prose, number.end):
        if not number.agrees(other):
            both = f"{print_value(number.value)} and {print_value(other.value)}"
            raise Failure("ambiguous", f"the answer phrase is followed by several numbers: {both}")
    return -number.value if _opens_with_dash(window) else number.value


def _opens_with_dash(window: str) -> bool:
    """Whether the phrase's own line goes on `- 5`, where prose sees the mark of a list."""
    start = plain(window[:20]).lstrip(" $:")
    return start[:2] == "- " and start[2:].lstrip(" $")[:1].isdigit()


def _sentence(prose: Prose) -> Prose:
    """The first sentence that says anything; a letter with a full stop (`B. 18`) is the label of a choice."""
    tokens, size = prose.tokens, len(prose.tokens)
    start = 0
    while start < size - 1 and (tokens[start] in (STOP, BREAK) or _labels(tokens, start)):
        start += 1
    end = start
    while end < size and tokens[end] != STOP:
        end += 1
    percents = {index - start for index in prose.percents}
    return Prose([*tokens[start:end], STOP], [*prose.spaced[start:end], True], percents)


def _labels(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    return isinstance(token, Name) and len(token.name) == 1 and tokens[index + 1] == STOP


def _last_side(prose: Prose) -> tuple[int, int] | None:
    """Where the side of the sentence starts that counts, and where its number is: the last of a chain of `=`."""
    start, found, place = 0, None, None
    for index, token in enumerate(prose.tokens):
        if token == "=":
            start, found = index + 1, None
        elif isinstance(token, Number):
            if found is None:
                found, place = index, (start, index)
        elif found is not None and _ends_clause(prose, index):
            break
    return place


def _ends_clause(prose: Prose, index: int) -> bool:
    token = prose.tokens[index]
    if isinstance(token, Name):
        return token.name.lower() in _EXPLAINING | _JOINING
    return token in (STOP, BREAK) or remark(prose, index)


def _second_values(prose: Prose, end: int) -> Iterator[Stated]:
    """The numbers that the sentence offers beside its first, which ends at `end`."""
    tokens = prose.tokens
    index = _behind_units(tokens, end)
    if tokens[index] in _OPERATORS and isinstance(tokens[index + 1], Number):
        raise Failure("ambiguous", "the answer phrase is followed by a calculation that is not worked out")
    if isinstance(tokens[index], Number) and tokens[index - 1] == Name("than"):
        raise Failure("ambiguous", "the answer is worked out in words: one number more or less than another")
    if isinstance(tokens[index], Number) and _is_measure(tokens[index - 1]):
        yield stated(prose, index, index)
    for index in range(end, len(tokens) - 1):
        if _joins(tokens[index], index - end):
            place = _joined_number(prose, index + 1)
            if place is not None:
                yield stated(prose, place, index + 1)
        elif tokens[index] == "=" or _ends_clause(prose, index):
            return


def _joins(token: Token, distance: int) -> bool:
    """Whether a second value may follow; `to` makes a range only near its first number."""
    if isinstance(token, Name):
        word = token.name.lower()
        return word in _JOINING and (word != "to" or distance <= _UNIT_WORDS)
    return token == BREAK


def _joined_number(prose: Prose, index: int) -> int | None:
    """The number right behind `or`, behind one word more (`or about 6`), or behind a name of its own (`and y = 3`)."""
    while prose.tokens[index] == ")":
        index += 1
    following = prose.tokens[index : index + 3]
    if isinstance(following[0], Number):
        return index
    if len(following) > 1 and isinstance(following[0], Name) and prose.tokens[index - 1] != BREAK:
        if isinstance(following[1], Number):
            return index + 1
        if following[1] == "=" and isinstance(following[-1], Number):
            return index + 2
    return None


def _behind_units(tokens: list[Token], index: int) -> int:
    """The index behind the few words that follow a number."""
    end = index
    while end < index + _UNIT_WORDS and isinstance(token := tokens[end], Name):
        if token.name.lower() in _EXPLAINING | _JOINING:
            break
        end += 1
    return end


def _is_measure(token: Token) -> bool:
    return isinstance(token, Name) and token.name.lower().removesuffix("s") in MEASURES
