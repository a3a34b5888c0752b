"""Prose: sentences taken apart into the numbers, operators and words that arithmetic in running text is made of.

Nothing in prose is bad syntax: what has no meaning in arithmetic is a word or a break between clauses.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from runtime.solver.expressions.numerals import DIGITS, read_numeral, whole
from runtime.solver.expressions.plain_text import VULGAR_FRACTIONS, plain
from runtime.solver.expressions.tokens import Token
from runtime.solver.expressions.tree import Name, Number

# Tokens beside numbers, words and operators: the end of a sentence or line, and a lesser break.
STOP = "."
BREAK = ","
_OPERATORS = frozenset("+-*/^=()")
_LATEX = (
    ("\\times", "*"), ("\\cdot", "*"), ("\\div", "/"), ("\\left", ""), ("\\right", ""), ("\\approx", "~"),
    ("\\sqrt", " sqrt "), ("\\pi", " pi "), ("\\text{", " "), ("\\textbf{", " "), ("\\mathrm{", " "),
    ("\\$", "$"), ("\\%", "%"), ("\\,", ""), ("\\!", ""), ("{,}", ","),
)  # fmt: skip


@dataclass(slots=True)
class Prose:
    """The tokens of a text; `spaced[i]` is whether white space stands before token i, `percents` which are `20%`."""

    tokens: list[Token] = field(default_factory=list)
    spaced: list[bool] = field(default_factory=list)
    percents: set[int] = field(default_factory=set)

    def add(self, token: Token, spaced: bool) -> None:
        """Append one token."""
        self.tokens.append(token)
        self.spaced.append(spaced)


def without_latex(text: str) -> str:
    """The text with the LaTeX that models put around numbers made plain: `\\frac{3}{4}` is `(3)/(4)`."""
    if "\\" not in text and "{" not in text:
        return text
    for written, meant in _LATEX:
        text = text.replace(written, meant)
    if "\\frac" in text or "\\dfrac" in text:
        text = _short_fractions(text.replace("\\dfrac", "\\frac"))
        text = text.replace("\\frac", " ").replace("}{", ")/(")
    return text.replace("{", "(").replace("}", ")")


def _short_fractions(text: str) -> str:
    """`\\frac12` is one half: without braces each part is one digit."""
    head, *pieces = text.split("\\frac")
    return head + "".join(
        f" ({piece[0]})/({piece[1]}){piece[2:]}" if _two_digits(piece) else f"\\frac{piece}"
        for piece in pieces
    )


def _two_digits(text: str) -> bool:
    return len(text) > 1 and text[0] in DIGITS and text[1] in DIGITS


def scan(text: str) -> Prose:
    """All tokens of a text, in one pass. Raises OverBudget for a number of more than 400 digits."""
    text = plain(without_latex(text).replace("≈", "~").replace("√", " sqrt "))
    prose = Prose()
    index, size, spaced = 0, len(text), True
    while index < size:
        character = text[index]
        if character in DIGITS or _opens_decimals(text, index):
            number: Number | Name
            number, end = _numeral(text, index)
            while (
                text[end : end + 1] == ":" and text[end + 1 : end + 2] in DIGITS
            ):  # a time: `8:25` is no number
                end = _word_end(text, end + 1)
                number = Name(text[index:end])
            prose.add(number, spaced)
            index = end
        elif character.isalpha():
            end = _word_end(text, index)
            prose.add(Name(text[index:end]), spaced)
            index = end
        elif character in VULGAR_FRACTIONS:
            _vulgar(prose, VULGAR_FRACTIONS[character], spaced)
            index += 1
        elif character.isspace():
            if character == "\n":
                prose.add(STOP, True)
            index, spaced = index + 1, True
            continue
        else:
            index = _mark(text, index, prose, spaced)
            spaced = spaced and character in "$*"
            continue
        spaced = False
    prose.add(STOP, True)
    return prose


def _opens_decimals(text: str, index: int) -> bool:
    """Whether a number without its zero starts here: `.5`, but not the end of `72.5` or `step.5`."""
    return (
        text[index] == "."
        and text[index + 1 : index + 2] in DIGITS
        and not text[max(0, index - 1) : index].isalnum()
    )


def _numeral(text: str, index: int) -> tuple[Number, int]:
    """A number; the full stop of `72.` and the comma of `5, 6` are left for later."""
    number, end = read_numeral(text, index)
    if text[end - 1] == ".":
        end -= 1
    return number, end


def _word_end(text: str, index: int) -> int:
    """The index behind a word; `two-pointer` is one word, `a-5` is not."""
    size = len(text)
    while index < size:
        character = text[index]
        inside = (character.isalnum() or character in "_'") and character not in VULGAR_FRACTIONS
        if not inside and not (character == "-" and text[index + 1 : index + 2].isalpha()):
            break
        index += 1
    return index


def _vulgar(prose: Prose, value: Fraction, spaced: bool) -> None:
    last = prose.tokens[-1] if prose.tokens else STOP
    if isinstance(last, Number) and isinstance(last.value, int):
        prose.tokens[-1] = Number(last.value + value)
    else:
        prose.add(Number(value), spaced)


def _mark(text: str, index: int, prose: Prose, spaced: bool) -> int:
    """Read one character that is no number, word or space; the index behind it."""
    character = text[index]
    if character == "$":
        return index + 1
    if character == "%":
        last = prose.tokens[-1] if prose.tokens else STOP
        if isinstance(last, Number):
            prose.tokens[-1] = Number(whole(Fraction(last.value, 100)), last.decimals and last.decimals + 2)
            prose.percents.add(len(prose.tokens) - 1)
        return index + 1
    if character == "*" and text[index + 1 : index + 2] == "*":
        return _stars(text, index, prose, spaced)
    if (
        character in "-*"
        and (not prose.tokens or prose.tokens[-1] == STOP)
        and text[index + 1 : index + 2] == " "
    ):
        return index + 1
    if character == "-" and not spaced and text[index + 1 : index + 3].isalpha():
        return index + 1  # a hyphen, as in `5-pack`
    if character in _OPERATORS:
        prose.add(character, spaced)
    elif character in ".!?" and not text[index + 1 : index + 2].isalnum():
        prose.add(STOP, spaced)
    else:
        prose.add(BREAK, spaced)
    return index + 1


def _stars(text: str, index: int, prose: Prose, spaced: bool) -> int:
    """`2**3` is a power, `**72**` is bold and means nothing."""
    end = index
    while text[end : end + 1] == "*":
        end += 1
    following = text[end : end + 2].strip()[:1]
    if prose.tokens and isinstance(prose.tokens[-1], Number) and following and following in DIGITS:
        prose.add("^", spaced)
    return end
