"""Reading: a whole text to its equations, in two passes.

The first pass takes the lines apart and learns which names the text uses as operands; the second parses, and knows by
then whether a word after a number is a unit (`5 apples`) or a factor (`3 adult + 2 child = 40`).
"""

from runtime.solver.budget import Budget, OverBudget
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.limits import MAX_CHARACTERS, MAX_EQUATIONS
from runtime.solver.expressions.parser import Parser
from runtime.solver.expressions.tokens import END, Line, Tokenizer
from runtime.solver.expressions.tree import Equation, Name, Number

# What reading one character may cost, in units of the meter (a tenth of a microsecond).
_COST_PER_CHARACTER = 4
_FENCE = "```"


def read_system(text: str, target: str, meter: Budget) -> list[Equation]:
    """The equations of `text` in their order.

    Raises Failure (`no_thought`, `bad_syntax`, `refused`) naming the line, and OverBudget for absurd sizes.
    """
    if len(text) > MAX_CHARACTERS:
        raise OverBudget(f"a text of {len(text):,} characters; expected: up to {MAX_CHARACTERS:,}")
    meter.spend(len(text) * _COST_PER_CHARACTER)
    lines = _tokenized(text)
    standing = {target}
    for line in lines:
        standing.update(line.standing)
    for line in lines:
        if line.units:
            standing.update(_factors_of_two_sided(line))
    equations: list[Equation] = []
    for line in lines:
        try:
            Parser(line, standing).equations(equations)
        except Failure as failure:
            raise failure.on_line(line.number) from None
        if len(equations) > MAX_EQUATIONS:
            raise OverBudget(f"more than {MAX_EQUATIONS} equations")
    if not equations:
        raise Failure("no_thought", "there is no equation in the text")
    return equations


def _tokenized(text: str) -> list[Line]:
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw.startswith(_FENCE):
            continue
        try:
            line = Tokenizer(raw, number).run()
        except Failure as failure:
            raise failure.on_line(number) from None
        if len(line.tokens) > 1:
            lines.append(line)
    return lines


def _factors_of_two_sided(line: Line) -> list[str]:
    """The words after numbers that must be names: those on a side of a sum whose line defines no single name.

    In `trip = 3 hours * 60 miles / hour` words after numbers are units; in `3 adult + 2 child = 40` they are not.
    """
    tokens = line.tokens
    sides: list[list[int]] = [[]]
    for index, token in enumerate(tokens):
        if token == "=":
            sides.append([])
        elif token != END:
            sides[-1].append(index)
    if len(sides[0]) == 1 or (len(sides[0]) == 2 and isinstance(tokens[0], Number)):
        return []
    found: list[str] = []
    for side in sides:
        if len(side) <= 2:
            continue
        for index in side[1:]:
            token, before = tokens[index], tokens[index - 1]
            if isinstance(token, Name) and isinstance(before, Number):
                found.append(token.name)
    return found
