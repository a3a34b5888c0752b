"""Calculations in a written solution: the marked ones (`<<48/2=24>>`) and plain `a op b = c` between words.

Grade-school solutions mark most of their calculations. Some marks hold only the result (`<<28=28>>`), some steps have
none; there the sentence itself is read: `450 days x $100/day = $45,000`. A plain statement counts only when it is true.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from benchmarks.annotations.text.arithmetic import (
    SPELLINGS,
    NoArithmetic,
    Number,
    Operation,
    Token,
    Tree,
    evaluate,
    parse,
    parse_tokens,
    tokenize,
)

Reading = Callable[[list[Token]], list[Token]]
OPEN, CLOSE = "<<", ">>"
FINAL = "####"
UNIT_WORDS = 4


@dataclass(frozen=True, slots=True)
class Calculation:
    """One computed number of a sentence.

    `tree` is None when only the result is written. `start` is where the expression begins and `place` where the result
    does, both in the sentence without marks; `end` is the end of the result.
    """

    tree: Tree | None
    value: Fraction
    start: int
    place: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a solution without its marks, its tokens, and what it computes, in order."""

    text: str
    tokens: tuple[Token, ...]
    calculations: tuple[Calculation, ...]


def sentences(solution: str) -> Iterator[Sentence]:
    """The lines of a solution before `####`."""
    for line in solution.split("\n"):
        if line.startswith(FINAL):
            return
        text, marks = _unmarked(line)
        if text.strip():
            tokens = tuple(tokenize(text))
            yield Sentence(text, tokens, tuple(_calculations(tokens, marks)))


def _unmarked(line: str) -> tuple[str, dict[int, str]]:
    """The line without its marks, and each mark by the place where its result stands."""
    pieces: list[str] = []
    marks: dict[int, str] = {}
    length = 0
    while True:
        before, opened, rest = line.partition(OPEN)
        pieces.append(before)
        length += len(before)
        if not opened:
            return "".join(pieces), marks
        mark, closed, line = rest.partition(CLOSE)
        if closed:
            marks[length] = mark


def _calculations(tokens: tuple[Token, ...], marks: dict[int, str]) -> Iterator[Calculation]:
    plain = {found.place: found for found in _plain_calculations([*spoken_operators(tokens)])}
    for place in sorted({*marks, *plain}):
        if place not in marks:
            yield plain[place]
            continue
        marked = _marked_calculation(marks[place], place, tokens)
        if marked is None:
            continue
        if marked.tree is None and place in plain:
            yield plain[place]
        elif place in plain:
            yield replace(marked, start=plain[place].start)
        else:
            yield marked


SPOKEN = {"plus": "+", "minus": "-", "times": "*", "multiplied": "*", "divided": "/", "equals": "="}


def spoken_operators(tokens: Sequence[Token]) -> Iterator[Token]:
    """`8 minus 6 equals 2` and `12 divided by 4` as operators; the `by` goes."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if token.text == "by" and before is not None and before.text in ("multiplied", "divided"):
            continue
        if token.kind == "word" and token.text in SPOKEN and before is not None:
            sign = SPOKEN[token.text]
            yield Token("=" if sign == "=" else "operator", sign, token.start, token.end)
        else:
            yield token


def _marked_calculation(mark: str, place: int, tokens: tuple[Token, ...]) -> Calculation | None:
    written, _, result = mark.rpartition("=")
    try:
        tree, value = parse(written), evaluate(parse(result), {})
    except (NoArithmetic, ZeroDivisionError):
        return None
    shown = next((token for token in tokens if token.start >= place), None)
    end = shown.end if shown is not None and shown.kind == "number" else place
    computed = isinstance(tree, Operation) and not _is_negative(tree)
    return Calculation(tree if computed else None, value, place, place, end)


def _is_negative(tree: Operation) -> bool:
    return tree.operator == "-" and tree.left == Number(Fraction(0)) and isinstance(tree.right, Number)


def _plain_calculations(tokens: list[Token]) -> Iterator[Calculation]:
    """Every true `expression = number` between the words of a sentence."""
    earliest = 0
    for at, token in enumerate(tokens):
        if token.kind != "=":
            continue
        result = _result(tokens, at + 1)
        if result is not None:
            for start in range(earliest, at):
                tree = _true_expression(tokens[start:at], result)
                if tree is not None:
                    first, last = tokens[at + 1], tokens[at + result.width]
                    yield Calculation(tree, result.value, tokens[start].start, first.start, last.end)
                    break
        earliest = at + 1


@dataclass(frozen=True, slots=True)
class _Result:
    value: Fraction
    printed: str
    width: int


def _result(tokens: list[Token], at: int) -> _Result | None:
    """The number after an equals sign: `5`, `5/6` or `50%`."""
    kinds = [token.kind for token in tokens[at : at + 3]]
    if not kinds or kinds[0] != "number":
        return None
    value = tokens[at].value
    if kinds[1:] == ["operator", "number"] and tokens[at + 1].text == "/" and tokens[at + 2].value:
        return _Result(value / tokens[at + 2].value, "", 3)
    return _Result(value, tokens[at].text, 2 if kinds[1:2] == ["%"] else 1)


def _true_expression(tokens: list[Token], result: _Result) -> Tree | None:
    """What the tokens compute when it is really the result; percent signs count as /100 or, in plain sums, not."""
    if tokens[0].kind not in ("number", "(") and not (tokens[0].kind == "operator" and tokens[0].text == "-"):
        return None
    plain = [token for token in tokens if token.kind != "%"]
    for reading in (without_units, with_fractions):
        for marked in (tokens, plain) if len(plain) < len(tokens) else (tokens,):
            tree = _true_reading(reading, marked, result)
            if tree is not None:
                return tree
    return None


def _true_reading(reading: Reading, tokens: list[Token], result: _Result) -> Tree | None:
    try:
        cleaned = reading(tokens)
        tree, used = parse_tokens(cleaned)
        if used != len(cleaned) or not isinstance(tree, Operation):
            return None
        value = evaluate(tree, {})
    except (NoArithmetic, ZeroDivisionError):
        return None
    if value == result.value or (result.printed and rounds_to(value, result.printed)):
        return tree
    if tree.operator == "/" and value // 1 == result.value:
        return replace(tree, operator="//")
    return None


def rounds_to(value: Fraction, printed: str) -> bool:
    """Whether a value printed with this many decimals (at least one) looks like this."""
    decimals = len(printed.partition(".")[2])
    return decimals > 0 and abs(value - Fraction(printed)) <= Fraction(1, 10**decimals)


def without_units(tokens: list[Token]) -> list[Token]:
    """Drop unit words after numbers (`5 days`, `$100/day`, `1200-mile`); `of` between numbers is a product.

    Raises NoArithmetic when there are words that are no units.
    """
    kept: list[Token] = []
    run = 0
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.kind == "word":
            run += 1
            if not kept or run > UNIT_WORDS or kept[-1].kind in ("operator", "("):
                raise NoArithmetic(f"{token.text!r} is no unit")
            if token.text == "of" and after is not None and after.kind == "number":
                kept.append(Token("operator", "*", token.start, token.end))
            continue
        if _joins_a_unit(token, after):
            continue
        if token.kind == "mark":
            raise NoArithmetic(f"{token.text!r} is no arithmetic")
        run = 0
        kept.append(token)
    return kept


def with_fractions(tokens: list[Token]) -> list[Token]:
    """`60 / 3/4` with the closely written fraction in brackets; raises NoArithmetic as `without_units` does."""
    cleaned = without_units(tokens)
    grouped: list[Token] = []
    at = 0
    while at < len(cleaned):
        pair = cleaned[at : at + 3]
        if [token.kind for token in pair] == ["number", "operator", "number"] and pair[1].text == "/":
            first, slash, last = pair
            if first.end == slash.start and slash.end == last.start:
                opening = Token("(", "(", first.start, first.start)
                grouped += [opening, *pair, Token(")", ")", last.end, last.end)]
                at += 3
                continue
        grouped.append(cleaned[at])
        at += 1
    return grouped


def _joins_a_unit(token: Token, after: Token | None) -> bool:
    """The slash of `$5/day` and the hyphen of `5-day`."""
    if token.kind != "operator" or after is None or after.kind != "word":
        return False
    return token.text == "/" or SPELLINGS[token.text] == "-"
