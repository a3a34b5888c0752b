"""Parser: tokens of one line to equations, by precedence climbing. No text is evaluated here.

From loose to tight: `+ -`; `* / // mod` and products without a sign (`3x`, `3(10)`), left to right; a sign in front;
`^` (right to left); numbers, names, calls and brackets.
"""

from collections.abc import Collection
from fractions import Fraction
from typing import NoReturn

from runtime.solver.budget import OverBudget
from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.limits import MAX_NESTING
from runtime.solver.expressions.tokens import END, SEPARATORS, Line, Token
from runtime.solver.expressions.tree import FUNCTIONS, Call, Equation, Name, Node, Number, Power, Product, Sum

_TIMES = frozenset(("*", "/", "//", "mod"))
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Letters that stand for a unit when a space parts them from the number and nothing else uses them as a name.
_UNIT_LETTERS = frozenset("mghlLs")


class Parser:
    """Reads the equations of one line. `standing` are the names that the whole text uses as operands."""

    __slots__ = ("depth", "index", "line", "spaced", "standing", "tokens")

    def __init__(self, line: Line, standing: Collection[str]) -> None:
        self.tokens = line.tokens
        self.spaced = line.spaced
        self.line = line.number
        self.standing = standing
        self.index = 0
        self.depth = 0

    def equations(self, out: list[Equation]) -> None:
        """Append the line's equations; a chain `a = b = 3` gives one for each neighbouring pair."""
        tokens = self.tokens
        while True:
            token = tokens[self.index]
            if token == END:
                return
            if token in SEPARATORS:
                self.index += 1
                continue
            left = self._sum()
            if tokens[self.index] != "=":
                self._no_equation()
            while tokens[self.index] == "=":
                self.index += 1
                right = self._sum()
                out.append(Equation(left, right, self.line))
                left = right
            token = tokens[self.index]
            if token != END and token not in SEPARATORS:
                self._unexpected()

    def expression(self) -> Node:
        """The whole line as one expression."""
        node = self._sum()
        if self.tokens[self.index] != END:
            self._unexpected()
        return node

    def _no_equation(self) -> NoReturn:
        token = self.tokens[self.index]
        if token == END or token in SEPARATORS:
            comma = "; commas part equations" if "," in self.tokens else ""
            raise Failure("bad_syntax", f"there is no '=', so this is no equation{comma}")
        self._unexpected()

    def _unexpected(self) -> NoReturn:
        token = self.tokens[self.index]
        before = self.tokens[self.index - 1] if self.index else END
        where = f" after {_spelled(before)}" if before != END else ""
        if token == END:
            raise Failure("bad_syntax", f"the line ends too early{where}")
        raise Failure("bad_syntax", f"{_spelled(token)} has no place{where or ' here'}")

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise OverBudget(f"more than {MAX_NESTING} brackets, signs or powers inside one another")

    def _sum(self) -> Node:
        tokens = self.tokens
        first = self._product()
        token = tokens[self.index]
        if token != "+" and token != "-":
            return first
        terms = [(False, first)]
        while token == "+" or token == "-":
            self.index += 1
            terms.append((token == "-", self._product()))
            token = tokens[self.index]
        return Sum(tuple(terms))

    def _product(self) -> Node:
        tokens = self.tokens
        first = self._signed()
        rest: list[tuple[str, Node]] | None = None
        while True:
            token = tokens[self.index]
            if isinstance(token, str):
                if token in _TIMES:
                    self.index += 1
                    factor = self._signed()
                elif token in _CLOSING or token == "√":
                    token = "*"
                    factor = self._power()
                else:
                    break
            else:
                before = tokens[self.index - 1]
                if not (before == ")" or isinstance(before, Number)) or (
                    isinstance(token, Number) and before != ")"
                ):
                    self._unexpected()
                token = "*"
                factor = self._power()
            if rest is None:
                rest = []
            rest.append((token, factor))
        return first if rest is None else Product(first, tuple(rest))

    def _signed(self) -> Node:
        negative = False
        token = self.tokens[self.index]
        while token == "-" or token == "+":
            negative ^= token == "-"
            self.index += 1
            token = self.tokens[self.index]
        node = self._power()
        if not negative:
            return node
        if isinstance(node, Number):
            return Number(-node.value, node.decimals)
        return Sum(((True, node),))

    def _power(self) -> Node:
        base = self._operand()
        if self.tokens[self.index] != "^":
            return base
        self.index += 1
        self._enter()
        exponent = self._signed()
        self.depth -= 1
        return Power(base, exponent)

    def _operand(self) -> Node:
        index = self.index
        token = self.tokens[index]
        if isinstance(token, Number):
            self.index = index + 1
            return self._quantity(token)
        if isinstance(token, Name):
            self.index = index + 1
            if self.tokens[index + 1] == "(":
                return self._named_bracket(token)
            return token
        if token in _CLOSING:
            return self._bracket(_CLOSING[token])
        if token == "√":
            self.index = index + 1
            self._enter()
            operand = self._operand()
            self.depth -= 1
            return Call("sqrt", (operand,))
        return self._unexpected()

    def _bracket(self, closing: str) -> Node:
        self.index += 1
        self._enter()
        node = self._sum()
        self.depth -= 1
        if self.tokens[self.index] != closing:
            self._unexpected()
        self.index += 1
        return node

    def _quantity(self, number: Number) -> Number:
        """A number with what may trail it: `2 1/2` is mixed, unit words (`60 miles / hour`) are dropped."""
        tokens = self.tokens
        token = tokens[self.index]
        if isinstance(token, Number):
            number = self._mixed(number, token)
            token = tokens[self.index]
        if isinstance(token, Name) and self._is_unit(token.name):
            self.index += 1
        while tokens[self.index] == "/":
            per = tokens[self.index + 1]
            if not isinstance(per, Name) or per.name in self.standing:
                break
            self.index += 2
        return number

    def _is_unit(self, word: str) -> bool:
        if word in self.standing or word == "pi":
            return False
        if len(word) == 1:
            return word in _UNIT_LETTERS and self.spaced[self.index]
        return self.tokens[self.index + 1] != "("

    def _mixed(self, number: Number, numerator: Number) -> Number:
        """`2 1/2`: whole number, white space, then a fraction below one written without spaces."""
        index, tokens, spaced = self.index, self.tokens, self.spaced
        if tokens[index + 1] == "/" and spaced[index] and not spaced[index + 1] and not spaced[index + 2]:
            denominator = tokens[index + 2]
            if (
                isinstance(denominator, Number)
                and isinstance(number.value, int)
                and isinstance(numerator.value, int)
                and isinstance(denominator.value, int)
                and numerator.value < denominator.value
            ):
                self.index = index + 3
                return Number(number.value + Fraction(numerator.value, denominator.value))
        return self._unexpected()

    def _named_bracket(self, name: Name) -> Node:
        """`max(a, b)` is a call, `price (2 + 1)` a product when `price` is a name of the system."""
        arity = FUNCTIONS.get(name.name)
        if arity is None:
            if name.name in self.standing:
                return name
            raise Failure(
                "refused", f"there is no function {quoted(name.name)}; expected: {', '.join(FUNCTIONS)}"
            )
        arguments = self._arguments()
        least, most = arity
        if not least <= len(arguments) <= most:
            raise Failure(
                "bad_syntax", f"{name.name} takes {least} to {most} arguments, not {len(arguments)}"
            )
        return Call(name.name, arguments)

    def _arguments(self) -> tuple[Node, ...]:
        self._enter()
        found: list[Node] = []
        while True:
            self.index += 1
            found.append(self._sum())
            token = self.tokens[self.index]
            if token == ")":
                self.index += 1
                self.depth -= 1
                return tuple(found)
            if token != ",":
                self._unexpected()


def _spelled(token: Token) -> str:
    if isinstance(token, Name):
        return quoted(token.name)
    if isinstance(token, Number):
        return "a number"
    return quoted(token)
