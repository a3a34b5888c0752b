"""Tokens: one line of a system taken apart in a single pass, by hand and in linear time.

A number token is already a `Number`, a name token a `Name` (words in a row are one name: `clips in may` is
`clips_in_may`), everything else the operator's own text. The list always ends with `END`.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.numerals import DIGITS, read_numeral, whole
from runtime.solver.expressions.plain_text import VULGAR_FRACTIONS, plain
from runtime.solver.expressions.tree import FUNCTIONS, Name, Number

Token: TypeAlias = Number | Name | str
END = ""
SEPARATORS = frozenset((";", ","))
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_WORD = DIGITS | _LETTERS
_SINGLE = frozenset("+-*/^=()[]{}√")
_DOUBLE = {"**": "^", "//": "//", "==": "="}
_REFUSED = {
    "<": "an inequality; equations state equalities only",
    ">": "an inequality; equations state equalities only",
    "!": "'!' (factorial or 'not equal'), which equations do not have",
    "|": "'|', which equations do not have; write abs(x)",
    ":": "':', which equations do not have",
}
_CONTROL = frozenset(("if", "elif", "else", "while", "def", "return", "import", "print", "otherwise"))
_OPERATOR_WORDS = frozenset(("of", "mod", "x", "X"))
_OPENING = frozenset((END, "=", "(", "[", "{", "+", "-", "*", "/", "//", "^", ";", ","))
_AFTER_TIMES = DIGITS | frozenset("($.")
MAGNITUDES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_SPECIAL = _OPERATOR_WORDS | MAGNITUDES.keys()
# What usually follows a name and a space, and is no further word.
_AFTER_NAME = frozenset("=+-*/^)") | {""}


@dataclass(slots=True)
class Line:
    """The tokens of one line. `spaced[i]` tells whether white space stands before token i.

    `standing` are the names used as an operand of their own (not right after a number, where a word is
    usually a unit); `units` tells whether any word does stand right after a number.
    """

    number: int
    tokens: list[Token] = field(default_factory=list)
    spaced: list[bool] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    units: bool = False


# Where a word stands, for telling units from names: plainly, after a number, after a quantity (a number with a unit
# or a currency sign), after the slash that follows a quantity.
_PLAIN, _NUMBER, _QUANTITY, _PER = range(4)


class Tokenizer:
    """Reads one line; `run` raises Failure with `bad_syntax` or `refused`, or OverBudget for absurd numbers."""

    __slots__ = ("brackets", "currency", "index", "line", "place", "size", "space", "text")

    def __init__(self, text: str, number: int) -> None:
        self.text = plain(text)
        self.line = Line(number)
        self.size = len(self.text)
        self.index = 0
        self.space = False
        self.currency = False
        self.place = _PLAIN
        self.brackets: list[bool] = []

    def run(self) -> Line:
        """All tokens of the line, up to a comment or its end."""
        text, size, tokens, spaced = self.text, self.size, self.line.tokens, self.line.spaced
        while self.index < size:
            character = text[self.index]
            if character in _LETTERS:
                self._word()
            elif character in DIGITS:
                self._number()
            elif character == " " or character == "\t":
                self.index += 1
                self.space = True
                continue
            elif character in _SINGLE:
                self._operator(character)
            elif character == "#":
                break
            elif character == "%":
                if self._percent():
                    break
            else:
                self._rare(character)
                continue
            self.space = False
        tokens.append(END)
        spaced.append(True)
        return self.line

    def _add(self, token: Token) -> None:
        self.line.tokens.append(token)
        self.line.spaced.append(self.space)

    def _operator(self, character: str) -> None:
        text, index = self.text, self.index
        pair = _DOUBLE.get(text[index : index + 2])
        if pair is not None:
            self.index += 1
            character = pair
        elif character in "([{":
            self._open()
        elif character in ")]}" and self.brackets:
            self.brackets.pop()
        self._add(character)
        self.index += 1
        self.place = _PER if character == "/" and self.place == _QUANTITY else _PLAIN

    def _open(self) -> None:
        tokens = self.line.tokens
        last = tokens[-1] if tokens else END
        self.brackets.append(isinstance(last, Name) and last.name in FUNCTIONS)

    def _rare(self, character: str) -> None:
        index = self.index
        if character == "$":
            self.currency = True
        elif character == "." and self._digit_at(index + 1):
            self._number()
            self.space = False
            return
        elif character in SEPARATORS:
            self._add("," if character == "," else ";")
            self.place = _PLAIN
        elif character in VULGAR_FRACTIONS:
            self._vulgar(VULGAR_FRACTIONS[character])
        elif character.isspace():
            self.space = True
        elif character.isalpha():
            self._word()
            self.space = False
            return
        elif character == "." and not self.text[index + 1 :].strip():
            pass
        elif character in _REFUSED:
            raise Failure("refused", f"there is {_REFUSED[character]}")
        else:
            raise Failure("bad_syntax", f"the character {quoted(character)} has no place in an equation")
        self.index = index + 1

    def _digit_at(self, index: int) -> bool:
        return index < self.size and self.text[index] in DIGITS

    def _percent(self) -> bool:
        """Read a `%`; true when it opens a comment."""
        text, index, tokens = self.text, self.index, self.line.tokens
        before = text[:index] if index < 3 else text[index - 2 : index]
        if not tokens or before == "  " or before.endswith("\t"):
            return True
        last = tokens[-1]
        following = text[index + 1 : index + 2]
        if isinstance(last, Number) and not self.space and not following.isalnum() and following != "(":
            tokens[-1] = Number(whole(Fraction(last.value, 100)), last.decimals and last.decimals + 2)
            self.index = index + 1
            return False
        raise Failure(
            "bad_syntax",
            "'%' may open a comment (at the start of a line or after two spaces) or follow a number directly (20%)",
        )

    def _vulgar(self, value: Fraction) -> None:
        tokens = self.line.tokens
        last = tokens[-1] if tokens else END
        if isinstance(last, Number) and isinstance(last.value, int) and not last.decimals:
            tokens[-1] = Number(last.value + value)
        else:
            self._add(Number(value))
        self.place = _NUMBER
        self.space = False

    def _number(self) -> None:
        number, self.index = read_numeral(
            self.text, self.index, in_call=bool(self.brackets) and self.brackets[-1]
        )
        self._add(number)
        self.place = _QUANTITY if self.currency else _NUMBER
        self.currency = False

    def _word(self) -> None:
        """One word, or several in a row joined by `_`. `of`, `x` and `mod` may be operators, `million` a factor."""
        text = self.text
        end = self._word_end(self.index)
        word = text[self.index : end]
        if word in _SPECIAL and (self._operator_word(word, end) or self._magnitude(word, end)):
            return
        _refuse_control(word)
        while text[end : end + 1] == " " and text[end + 1 : end + 2] not in _AFTER_NAME:
            following = self._next_word(end)
            if following is None:
                break
            word = f"{word}_{following[0]}"
            end = following[1]
        self.index = end
        self._add(Name(word))
        if self.place != _PLAIN:
            self.line.units = True
            self.place = _QUANTITY
        elif self.text[end : end + 1] != "(":
            self.line.standing.append(word)

    def _word_end(self, index: int) -> int:
        text, size = self.text, self.size
        while index < size:
            character = text[index]
            if character not in _WORD and not (
                (character > "\x7f" and character.isalpha())
                or (character == "'" and text[index + 1 : index + 2].isalpha())
            ):
                break
            index += 1
        return index

    def _next_word(self, end: int) -> tuple[str, int] | None:
        """The word after the spaces at `end` and where it ends, or None when something else stands there."""
        text, size = self.text, self.size
        start = end
        while start < size and text[start] == " ":
            start += 1
        if start == size or not (text[start] in _LETTERS or text[start].isalpha()):
            return None
        stop = self._word_end(start)
        word = text[start:stop]
        if word == "mod":
            return None
        _refuse_control(word)
        return word, stop

    def _operator_word(self, word: str, end: int) -> bool:
        """Read `20% of 50`, `3 x 4` and `a mod b` as operators; true when the word was one."""
        if word not in _OPERATOR_WORDS:
            return False
        tokens = self.line.tokens
        last = tokens[-1] if tokens else END
        following = self._after_spaces(end)
        if word == "mod":
            operator = "mod" if following != "(" and last not in _OPENING else END
        elif not isinstance(last, Number) and last != ")":
            operator = END
        elif word == "of":
            operator = "*"
        else:
            operator = "*" if self.space and following in _AFTER_TIMES else END
        if not operator:
            return False
        self._add(operator)
        self.place = _PLAIN
        self.index = end
        return True

    def _after_spaces(self, index: int) -> str:
        text, size = self.text, self.size
        while index < size and text[index] == " ":
            index += 1
        return text[index : index + 1]

    def _magnitude(self, word: str, end: int) -> bool:
        """Read `2 million` as 2000000; true when the word was such a factor."""
        factor = MAGNITUDES.get(word)
        if factor is None or self.place not in (_NUMBER, _QUANTITY):
            return False
        last = self.line.tokens[-1]
        if not isinstance(last, Number):
            return False
        self.line.tokens[-1] = Number(last.value * factor)
        self.index = end
        return True


def _refuse_control(word: str) -> None:
    if word in _CONTROL:
        raise Failure("refused", f"there is {quoted(word)}; equations have no conditions and no statements")
