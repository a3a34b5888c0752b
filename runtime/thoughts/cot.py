"""Chains of thought: sentences, ending `The answer is N.`

The answer is what the sentences say. A false `a op b = c` on the way does not make a chain unsolved, because a scorer
must take the answer as given; `wrong_arithmetic` is a check of its own, for whoever selects rationales.
"""

from fractions import Fraction

from runtime.equations.exact import NotExact, evaluate
from runtime.equations.failure import Failure, quoted
from runtime.equations.limits import MAX_CHARACTERS
from runtime.equations.numerals import whole
from runtime.equations.parser import Parser
from runtime.equations.prose import BREAK, STOP, Prose, scan
from runtime.equations.statements import statements
from runtime.equations.tokens import END, Line, Token
from runtime.equations.tree import Name, Number, Rational
from runtime.meter import Meter, OverBudget
from runtime.outcome import Outcome

TAG = "Steps:"
EXEMPLAR = "Natalia sold 48 / 2 = 24 clips in May. She sold 48 + 24 = 72 clips altogether. The answer is 72."
# What may stand before the final number, in lower case. The last of them in the text counts.
PHRASES = ("answer is", "answer:", "answer =", "answer**:", "####", "\\boxed{")
# Characters after the phrase in which the number must stand.
_WINDOW = 1_000
_COST_PER_CHARACTER = 4
_SIGNS = frozenset("+-*/^(")
_INSIDE = _SIGNS | {")"}


def solve(text: str, target: str | None, meter: Meter) -> Outcome:
    """The final number of a chain. `target` is accepted for every thought alike and means nothing here."""
    try:
        meter.spend(len(text) * _COST_PER_CHARACTER)
        _check_size(text)
        return Outcome("solved", Fraction(_final_number(text)))
    except Failure as failure:
        return Outcome(failure.status, reason=failure.reason)
    except OverBudget as verdict:
        return Outcome("over_budget", reason=str(verdict))


def wrong_arithmetic(text: str) -> tuple[str, ...]:
    """The statements `a op b = c` of a text that are false, as they would be printed; empty when all hold."""
    if len(text) > MAX_CHARACTERS:
        return (f"a text of {len(text):,} characters",)
    try:
        return tuple(str(statement) for statement in statements(scan(text)) if not statement.true)
    except (Failure, OverBudget) as verdict:
        return (str(verdict),)


def canonical(text: str) -> str | None:
    """The chain's true content: its computations in sorted order and its answer; None without an answer."""
    try:
        _check_size(text)
        answer = _final_number(text)
        computed = sorted(str(statement) for statement in statements(scan(text)))
    except (Failure, OverBudget):
        return None
    return "; ".join([*computed, f"ans = {answer}"])


def finished(text: str) -> bool:
    """Whether a growing chain already holds its answer, with the full stop or line end that closes it."""
    start = _after_phrase(text)
    if start is None:
        return False
    tail = text[start : start + _WINDOW]
    digits = False
    for index, character in enumerate(tail):
        if character.isdecimal():
            digits = True
        elif digits and (character == "\n" or (character in ".}" and tail[index + 1 : index + 2].isspace())):
            return True
    return False


def _check_size(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise OverBudget(f"a text of {len(text):,} characters; allowed: up to {MAX_CHARACTERS:,}")


def _after_phrase(text: str) -> int | None:
    """The index behind the last answer phrase, or None when there is none."""
    lowered = text.lower() if text.isascii() else "".join(map(_lower, text))
    places = [lowered.rfind(phrase) + len(phrase) for phrase in PHRASES if phrase in lowered]
    return max(places, default=None)


def _lower(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


def _final_number(text: str) -> Rational:
    if not text.strip():
        raise Failure("no_thought", "the text is empty")
    start = _after_phrase(text)
    if start is None:
        raise Failure("no_solution", "the chain does not say 'The answer is' and a number")
    window = text[start : start + _WINDOW]
    if start + _WINDOW < len(text) and (space := window.rfind(" ")) > 0:
        window = window[:space]  # a number cut in two would be another number
    prose = scan(window)
    number = _first_number(prose)
    if number is None:
        raise Failure("not_numeric", f"no number follows the answer phrase, but {quoted(window.strip())}")
    return number


def _first_number(prose: Prose) -> Rational | None:
    """The number of the first sentence that has one: behind its last `=`, percent and units dropped."""
    tokens = prose.tokens
    if isinstance(tokens[0], Name) and tokens[0].name.lower() == "not":
        return None
    start = 0
    found: int | None = None
    for index, token in enumerate(tokens):
        if token == "=":
            start, found = index + 1, None
        elif isinstance(token, Number):
            found = index if found is None else found
        elif found is not None and token in (STOP, BREAK):
            break
    return None if found is None else _number_at(prose, found, start)


def _number_at(prose: Prose, index: int, start: int) -> Rational:
    """The number at a token with its sign, as a fraction or a short sum where it is one, and `25%` as 25."""
    tokens = prose.tokens
    first = index
    while first > start and tokens[first - 1] == "(":
        first -= 1
    if first > start and tokens[first - 1] == "-" and not prose.spaced[first]:
        first -= 1
    last = index
    while isinstance(tokens[last], Number) or tokens[last] in _INSIDE:
        if tokens[last] == "-" and not prose.spaced[last] and last > index:
            raise Failure("ambiguous", "the answer phrase is followed by a range of numbers")
        last += 1
    while tokens[last - 1] in _SIGNS or (tokens[last - 1] == ")" and _unbalanced(tokens[first:last])):
        last -= 1
    value = _computed(prose, first, last)
    if value is None:
        value = _literal(prose, index)
    elif not prose.percents.isdisjoint(range(first, last)):
        value = whole(Fraction(value * 100))
    return value


def _unbalanced(tokens: list[Token]) -> bool:
    return tokens.count(")") > tokens.count("(")


def _computed(prose: Prose, first: int, last: int) -> Rational | None:
    """The value of some tokens as one expression, or None when they are none."""
    line = Line(0, [*prose.tokens[first:last], END], [*prose.spaced[first:last], True])
    try:
        return evaluate(Parser(line, ()).expression(), {})
    except (Failure, NotExact, OverBudget):
        return None


def _literal(prose: Prose, index: int) -> Rational:
    token = prose.tokens[index]
    assert isinstance(token, Number)
    return whole(Fraction(token.value * 100)) if index in prose.percents else token.value
