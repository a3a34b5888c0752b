"""Runs: the stretches of a text that are plain arithmetic, with units, currency and `x` for times understood."""

from dataclasses import dataclass

from runtime.solver.budget import OverBudget
from runtime.solver.expressions.exact import NotExact, evaluate
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.parser import Parser
from runtime.solver.expressions.tokens import END, Line, Token
from runtime.solver.expressions.tree import Name, Node, Number, Rational
from runtime.solver.sentences.prose import BREAK, STOP, Prose

_BETWEEN = {"x": "*", "X": "*", "times": "*", "plus": "+", "minus": "-"}
_TWO_WORDS = {("divided", "by"): "/", ("multiplied", "by"): "*"}
# A number behind one of these belongs to words that came before it.
_BOUND = frozenset(("times", "plus", "minus", "by", "than", "half", "twice", "double", "sqrt"))
_PARTS = frozenset(
    ("", "half", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths", "sixth", "eighth",
     "tenth", "percent", "double", "twice", "multiple")
)  # fmt: skip
# Measures that convert into one another: `2 hours + 30 minutes` is no sum of 2 and 30.
MEASURES = frozenset(
    ("hour", "minute", "second", "day", "week", "month", "year", "foot", "feet", "inch", "inche", "yard", "mile",
     "meter", "centimeter", "kilometer", "pound", "ounce", "gram", "kilogram", "dollar", "cent", "quarter", "dime",
     "nickel", "penny", "gallon", "quart", "pint", "cup", "liter", "dozen")
)  # fmt: skip
_UNIT_LETTERS = frozenset("amghlLs")
_SIGNS = frozenset("+-*/^")
_NEVER_FIRST = frozenset((STOP, BREAK, "=", ")"))


@dataclass(frozen=True, slots=True)
class Run:
    """One side as far as it is plain arithmetic: its tree, its value, and where its tokens begin and end."""

    node: Node
    value: Rational
    percent: bool
    start: int
    end: int


def runs(prose: Prose) -> tuple[dict[int, Run], dict[int, Run]]:
    """The arithmetic runs of a text by the index behind their end, and by their start."""
    ends: dict[int, Run] = {}
    starts: dict[int, Run] = {}
    plain = _plain_brackets(prose.tokens)
    index, size = 0, len(prose.tokens)
    while index < size:
        token = prose.tokens[index]
        if isinstance(token, Name) or token in _NEVER_FIRST:
            index += 1
            continue
        reader = _RunReader(prose, index, plain)
        run = reader.read()
        if run is not None:
            ends[run.end] = run
            starts[run.start] = run
        index = max(reader.index, index + 1)
    return ends, starts


def _plain_brackets(tokens: list[Token]) -> set[int]:
    """The indexes of brackets that group numbers: closed in their sentence, with no `=` inside."""
    found: set[int] = set()
    open_brackets: list[int] = []
    for index, token in enumerate(tokens):
        if token == "(":
            open_brackets.append(index)
        elif token == ")":
            if open_brackets:
                found |= {open_brackets.pop(), index}
        elif token in ("=", STOP):
            open_brackets.clear()
    return found


def with_operators(prose: Prose) -> Prose:
    """The same text with `5 times 3`, `2 x 3`, `6 divided by 2` and `20% of 50` written as signs."""
    out = Prose()
    tokens, index = prose.tokens, 0
    while index < len(tokens):
        operator, size = _operator_in_words(prose, index)
        if index in prose.percents:
            out.percents.add(len(out.tokens))
        out.add(operator or tokens[index], prose.spaced[index])
        index += size
    return out


def _operator_in_words(prose: Prose, index: int) -> tuple[str, int]:
    """The sign that the words between two operands stand for (empty: none), and how many words they are."""
    tokens = prose.tokens
    word, before = tokens[index], tokens[index - 1] if index else STOP
    if not isinstance(word, Name) or not (isinstance(before, Number) or before == ")"):
        return "", 1
    following = tokens[index + 1]
    pair = (word.name, following.name) if isinstance(following, Name) else ("", "")
    if pair in _TWO_WORDS and _is_operand(tokens[index + 2]):
        return _TWO_WORDS[pair], 2
    if _is_operand(following):
        return ("*" if word.name == "of" and index - 1 in prose.percents else _BETWEEN.get(word.name, "")), 1
    return "", 1


def _is_operand(token: Token) -> bool:
    return isinstance(token, Number) or token == "("


class _RunReader:
    """Reads the longest arithmetic run at a position; `index` is then where reading goes on."""

    __slots__ = ("brackets", "index", "measures", "percent", "picked", "prose", "spaced", "start", "usable")

    def __init__(self, prose: Prose, start: int, brackets: set[int]) -> None:
        self.prose = prose
        self.start = self.index = start
        self.brackets = brackets
        self.picked: list[Token] = []
        self.spaced: list[bool] = []
        self.measures: set[str] = set()
        self.percent = False
        self.usable = True

    def read(self) -> Run | None:
        """The run at the start, or None where none is."""
        tokens = self.prose.tokens
        if self._bound_to_words():
            self.usable = False
        while self.index < len(tokens):
            token = tokens[self.index]
            if isinstance(token, Name):
                if not self._word(token.name):
                    break
            elif isinstance(token, Number):
                if not self._operand_may_follow() and not self._mixed():
                    break
                self._pick(token)
            elif token in ("(", ")"):
                if self.index not in self.brackets or (token == "(" and not self._group_may_follow()):
                    break
                self._pick(token)
            elif token in _SIGNS:
                if self._opens_a_number():
                    break
                self._sign(token)
            else:
                break
        return self._run()

    def _bound_to_words(self) -> bool:
        """Whether words in front take part (`half of 20`, `twice 13`); `a total of 20` does not."""
        tokens, start = self.prose.tokens, self.start
        words = [
            token.name.lower() if isinstance(token, Name) else ""
            for token in tokens[max(0, start - 2) : start]
        ]
        if not words:
            return False
        if isinstance(tokens[start - 1], Number):
            return True
        if words[-1] == "of":
            return len(words) < 2 or words[0] in _PARTS
        measured = words[-1].removesuffix("s") in MEASURES and isinstance(tokens[start - 2], Number)
        return words[-1] in _BOUND or (len(words) == 2 and measured)

    def _pick(self, token: Token) -> None:
        self.picked.append(token)
        self.spaced.append(self.prose.spaced[self.index])
        if self.index in self.prose.percents:
            self.percent = True
        self.index += 1

    def _operand_may_follow(self) -> bool:
        return not self.picked or (isinstance(self.picked[-1], str) and self.picked[-1] != ")")

    def _group_may_follow(self) -> bool:
        """Whether a bracket here belongs to the run: where an operand may stand, and in `3(8)`."""
        return self._operand_may_follow() or (
            not self.prose.spaced[self.index] and not isinstance(self.prose.tokens[self.index - 1], Name)
        )

    def _opens_a_number(self) -> bool:
        """Whether the sign here is the minus of a number behind words: `divide by -1`."""
        tokens, spaced, index = self.prose.tokens, self.prose.spaced, self.index
        return (
            tokens[index] == "-"
            and bool(self.picked)
            and isinstance(tokens[index - 1], Name)
            and spaced[index]
            and not spaced[index + 1]
        )

    def _mixed(self) -> bool:
        """Whether the number here is the fraction of `2 1/2`."""
        tokens, index = self.prose.tokens, self.index
        return (
            isinstance(tokens[index - 1], Number)
            and tokens[index + 1] == "/"
            and isinstance(tokens[index + 2], Number)
            and not self.prose.spaced[index + 1]
        )

    def _sign(self, sign: str) -> None:
        """An operator; in front of a run only a minus that touches its number is one."""
        tokens, spaced, index = self.prose.tokens, self.prose.spaced, self.index
        if not self.picked:
            before = tokens[index - 1] if index else STOP
            apart = spaced[index] or isinstance(before, str)
            if sign != "-" or spaced[index + 1] or not apart:
                self.usable = False
        elif sign == "/" and isinstance(per := tokens[index + 1], Name):
            self.usable &= len(per.name) > 1
            self.index += 2
            return
        self._pick(sign)

    def _word(self, word: str) -> bool:
        """A word inside a run: an operator in letters, or a unit that is passed over; false where the run ends."""
        if not self.picked:
            return False
        tokens, index = self.prose.tokens, self.index
        if self._operand_may_follow():
            self.usable = False
            return False
        following = tokens[index + 1]
        operator = _BETWEEN.get(word) or (word == "of" and isinstance(tokens[index - 1], Number) and "*")
        if operator and (isinstance(following, Number) or following == "("):
            self.picked.append(operator)
            self.spaced.append(True)
            self.index += 1
            return True
        if isinstance(following, Name) and (word, following.name) in _TWO_WORDS:
            self.picked.append(_TWO_WORDS[word, following.name])
            self.spaced.append(True)
            self.index += 2
            return True
        if len(word) == 1 and (word not in _UNIT_LETTERS or not self.prose.spaced[index]):
            self.usable = False
        if word.removesuffix("s") in MEASURES:
            self.measures.add(word.removesuffix("s"))
        self.index += 1
        return True

    def _run(self) -> Run | None:
        picked = self.picked
        while picked and isinstance(picked[-1], str) and picked[-1] != ")":
            picked.pop()
            self.usable = False
        mixed_units = len(self.measures) > 1 and "*" not in picked and "/" not in picked
        if not self.usable or mixed_units or not any(isinstance(token, Number) for token in picked):
            return None
        line = Line(0, [*picked, END], [*self.spaced[: len(picked)], True])
        try:
            node = Parser(line, ()).expression()
            value = evaluate(node, {})
        except (Failure, NotExact, OverBudget):
            return None
        return Run(node, value, self.percent, self.start, self.index)
