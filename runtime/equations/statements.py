"""Statements: the `a op b = c` in running text, and which of them are false.

Units, currency, percent signs and `x` for times are understood. Algebra (`3x + 5 = 20`) and anything unclear is left
alone: a statement counts as false only when both of its sides are plainly numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from runtime.equations.exact import NotExact, absolute, evaluate
from runtime.equations.failure import Failure
from runtime.equations.parser import Parser
from runtime.equations.printing import print_node
from runtime.equations.prose import BREAK, STOP, Prose
from runtime.equations.tokens import END, Line, Token
from runtime.equations.tree import Name, Node, Number, Rational
from runtime.meter import OverBudget

_BETWEEN = {"x": "*", "X": "*", "times": "*", "plus": "+", "minus": "-"}
_TWO_WORDS = {("divided", "by"): "/", ("multiplied", "by"): "*"}
# A number behind one of these belongs to words that came before it.
_BOUND = frozenset(("of", "times", "plus", "minus", "by", "than", "half", "twice", "double"))
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


@dataclass(frozen=True, slots=True)
class Statement:
    """`left = right` as the text says it."""

    left: Run
    right: Run

    @property
    def true(self) -> bool:
        """Equal exactly, or as rounded as a written decimal says; `5 / 20 * 100 = 25%` is well meant."""
        return any(
            _agree(left, right, self.left.node, self.right.node)
            for left in _readings(self.left)
            for right in _readings(self.right)
        )

    def __str__(self) -> str:
        return f"{print_node(self.left.node)} = {print_node(self.right.node)}"


def _readings(run: Run) -> tuple[Rational, ...]:
    return (run.value, run.value * 100) if run.percent else (run.value,)


def _agree(left: Rational, right: Rational, left_node: Node, right_node: Node) -> bool:
    if left == right:
        return True
    decimals = max((node.decimals for node in (left_node, right_node) if isinstance(node, Number)), default=0)
    return decimals > 0 and absolute(left - right) <= Fraction(1, 2 * 10**decimals)


def statements(prose: Prose) -> Iterator[Statement]:
    """Every checkable statement of a text, in its order: at least one side computes something."""
    ends, starts = _runs(prose)
    for index, token in enumerate(prose.tokens):
        if token != "=":
            continue
        left, right = ends.get(index), starts.get(index + 1)
        if left is None or right is None:
            continue
        if isinstance(left.node, Number) and isinstance(right.node, Number):
            continue
        yield Statement(left, right)


def _runs(prose: Prose) -> tuple[dict[int, Run], dict[int, Run]]:
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
        reader = RunReader(prose, index, plain)
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


class RunReader:
    """Reads the longest arithmetic run at a position; `index` is then where reading goes on."""

    __slots__ = ("brackets", "index", "percent", "picked", "prose", "spaced", "start", "usable")

    def __init__(self, prose: Prose, start: int, brackets: set[int]) -> None:
        self.prose = prose
        self.start = self.index = start
        self.brackets = brackets
        self.picked: list[Token] = []
        self.spaced: list[bool] = []
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
                if self.index not in self.brackets or (token == "(" and not self._operand_may_follow()):
                    break
                self._pick(token)
            elif token in _SIGNS:
                self._sign(token)
            else:
                break
        return self._run()

    def _bound_to_words(self) -> bool:
        """Whether the words in front take part: `half of 20`, `price - 5`."""
        before = self.prose.tokens[self.start - 1] if self.start else STOP
        return isinstance(before, Name) and before.name.lower() in _BOUND

    def _pick(self, token: Token) -> None:
        self.picked.append(token)
        self.spaced.append(self.prose.spaced[self.index])
        if self.index in self.prose.percents:
            self.percent = True
        self.index += 1

    def _operand_may_follow(self) -> bool:
        return not self.picked or (isinstance(self.picked[-1], str) and self.picked[-1] != ")")

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
        elif sign == "/" and isinstance(tokens[index + 1], Name):
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
        if len(word) == 1 and not self.prose.spaced[index]:
            self.usable = False
        self.index += 1
        return True

    def _run(self) -> Run | None:
        picked = self.picked
        while picked and isinstance(picked[-1], str) and picked[-1] != ")":
            picked.pop()
            self.usable = False
        if not self.usable or not any(isinstance(token, Number) for token in picked):
            return None
        line = Line(0, [*picked, END], [*self.spaced[: len(picked)], True])
        try:
            node = Parser(line, ()).expression()
            value = evaluate(node, {})
        except (Failure, NotExact, OverBudget):
            return None
        return Run(node, value, self.percent, self.start, self.index)
