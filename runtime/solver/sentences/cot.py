"""Chains of thought: sentences, ending `The answer is N.`

The last answer phrase counts, as in lm-eval; an earlier one that says another number is told in the outcome's reason.
So is a false `a op b = c` on the way: it does not make a chain unsolved, because a scorer must take the answer as
given, but whoever selects rationales wants to know (`wrong_arithmetic`).
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from runtime.solver.budget import Budget, OverBudget
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.limits import MAX_CHARACTERS
from runtime.solver.expressions.printing import print_value
from runtime.solver.expressions.tree import Rational
from runtime.solver.sentences.closing import closing_number
from runtime.solver.sentences.prose import scan
from runtime.solver.sentences.statements import statements
from runtime.values.outcome import Outcome

TAG = "Steps:"
EXEMPLAR = "Natalia sold 48 / 2 = 24 clips in May. She sold 48 + 24 = 72 clips altogether. The answer is 72."
# What may stand before the final number, in lower case. The last of them in the text counts.
PHRASES = ("answer is", "answer:", "answer =", "answer**:", "####", "\\boxed{")
_HEADING = "####"
# Characters after the phrase in which the number must stand.
_WINDOW = 1_000
# Phrases in front of the last one that are looked at, and notes that a reason lists.
_EARLIER = 20
_LISTED = 3
_COST_PER_CHARACTER = 12


def solve_cot(text: str, target: str | None, meter: Budget) -> Outcome:
    """The final number of a chain. `target` is accepted for every thought alike and means nothing here."""
    try:
        _check_size(text)
        meter.spend(len(text) * _COST_PER_CHARACTER)
        windows = _windows(text)
        answer = _final_number(text, windows)
    except Failure as failure:
        return Outcome(failure.status, reason=failure.reason)
    except OverBudget as verdict:
        return Outcome("over_budget", reason=str(verdict))
    return Outcome("solved", Fraction(answer), "; ".join(_notes(text, windows, answer)))


def _notes(text: str, windows: list[str], answer: Rational) -> Iterator[str]:
    """What a reader of the answer should know: other answers before it, and arithmetic that is false."""
    others = [print_value(value) for value in _earlier_numbers(windows) if value != answer]
    if others:
        yield f"an earlier answer phrase says {_listed(others)}; the last one counts"
    false = wrong_arithmetic(text)
    if false:
        yield f"false on the way: {_listed(false)}"


def _listed(items: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(items))
    shown = ", ".join(distinct[:_LISTED])
    return shown if len(distinct) <= _LISTED else f"{shown} and {len(distinct) - _LISTED} more"


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
        answer = _final_number(text, _windows(text))
        computed = sorted(str(statement) for statement in statements(scan(text)))
    except (Failure, OverBudget):
        return None
    return "; ".join([*computed, f"ans = {answer}"])


def finished(text: str) -> bool:
    """Whether a growing chain already holds its answer, with the full stop or line end that closes it."""
    windows = _windows(text)
    if not windows:
        return False
    tail = windows[-1]
    digits = False
    for index, character in enumerate(tail):
        if character.isdecimal():
            digits = True
        elif digits and (character == "\n" or (character in ".}" and tail[index + 1 : index + 2].isspace())):
            return True
    return False


def _check_size(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise OverBudget(f"a text of {len(text):,} characters; expected: up to {MAX_CHARACTERS:,}")


def _windows(text: str) -> list[str]:
    """What follows each answer phrase, up to the next one; `#### Step 1` is a heading and no phrase."""
    lowered = text.lower() if text.isascii() else "".join(map(_lower, text))
    starts: list[tuple[int, int]] = []
    for phrase in PHRASES:
        start = lowered.find(phrase)
        while start >= 0:
            end = start + len(phrase)
            if phrase != _HEADING or not lowered[end : end + 10].lstrip()[:1].isalpha():
                starts.append((start, end))
            start = lowered.find(phrase, end)
    starts.sort()
    stops = [*(start for start, _ in starts), len(text)][1:]
    return [_cut(text[end : max(end, stop)]) for (_, end), stop in zip(starts, stops, strict=False)]


def _cut(window: str) -> str:
    """The window in which the number must stand, not ending inside of one: half a number is another number."""
    if len(window) <= _WINDOW:
        return window
    window = window[:_WINDOW]
    space = window.rfind(" ")
    return window[:space] if space > 0 else window


def _lower(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


def _final_number(text: str, windows: list[str]) -> Rational:
    if not text.strip():
        raise Failure("no_thought", "the text is empty")
    if not windows:
        raise Failure("no_solution", "the chain does not say 'The answer is' and a number")
    return closing_number(windows[-1])


def _earlier_numbers(windows: list[str]) -> Iterator[Rational]:
    for window in windows[:-1][-_EARLIER:]:
        try:
            yield closing_number(window)
        except (Failure, OverBudget):
            continue
