"""Random thoughts for the fuzz target: by grammar, by damage, by noise, and with a forbidden piece hidden inside."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from runtime.values.prompt import THOUGHTS, Thought
from tests.runtime.solver.attacks import ATTACKS, ESCAPES

NAMES = ("a", "b", "x", "ans", "total", "i", "_", "math", "int", "sum", "π")
ATOMS = ("0", "1", "7", "2.5", "1e9", "'a'", "'12'", "[]", "{}", "()", "None", "True", "1_0", "½", "10 ** 30",
         "-3", "x", "a", "ans", "{1, 2}", "{'k': 2}", "date(2024, 2, 29)", "timedelta(days=3)")  # fmt: skip
BINARY = (" + ", " - ", " * ", " / ", " // ", " % ", " ** ", " == ", " < ", " and ", " in ", " is ", " | ",
          " << ", ", ", " if x else ", " not in ")  # fmt: skip
CALLS = ("int", "float", "str", "sum", "max", "len", "range", "sorted", "round", "list", "set", "abs", "zip", "pow",
         "divmod", "dict", "tuple", "enumerate", "reversed", "any", "math.sqrt", "math.factorial", "math.comb",
         "math.gcd", "math.log", "solve", "symbols", "Eq", "Counter", "Fraction", "isinstance", "print", "next",
         "iter", "map", "filter", "date", "timedelta", "format", "type", "bool", "min")  # fmt: skip
ENDS = (".real", ".keys()", ".append(1)", "[0]", "[-1]", "[::2]", "[1:]", ".upper()", ".split()", ".subs(x, 2)",
        ".denominator", ".days", ".most_common(1)", ".items()", ".pop()", ".index(1)", ".format(1)", ".join('ab')",
        ".__class__", ".strftime('%Y')", ".replace('a', 'bb')", ".count(1)", ".sort()", ".add(1)")  # fmt: skip
SPECS = ("", ":.2f", ":>9", ":,", ":05d", ":.0%", ":e", ":^{x}", ":>99999999", "!r", "=", ":%Y")
NOISE = (*tuple("()[]{}:=,.'\"\\%#$\n\t\x00 *+-/^<>=!|&~@`_0123456789eE"), "\u202e", "√", "�", "ans", "lambda ",
         "\n    ", "٣", "ｅ", "²")  # fmt: skip
SYSTEM = ("x", "y", "z", "ans", "2", "3.5", "20%", "1/2", "(x + 1)", "x ^ 2", "sqrt(y)", "3 x", "2 ^ y", "y apples",
          "max(x, 2)", "0", "abs(z)")  # fmt: skip
WORDS = ("The answer is ", "5", "12", "3.5", "1/2", "20%", "-7", "$8", "=", "+", "(", ")", "and", "or", "to", "x",
         "apples", "half", "not", "million", "hours", ".", "\n", "####", "\\boxed{", "}", "\\frac12", "√", "if", ",", ":",
         "**", "1,200", "÷", "9^9^9", "e400", "so", "because")  # fmt: skip
# Places where a forbidden expression may hide; most of them never run.
HIDING = (
    "ans = {}",
    "def unused():\n    return {}",
    "if False:\n    z = {}",
    "z = [{} for i in []]",
    "z = lambda: {}",
    "z = 1 if True else {}",
    "def f(b={}):\n    return b",
    "while False:\n    {}",
    "try:\n    z = 1\nexcept ValueError:\n    z = {}",
    "z = [1][0:{}]",
    "z = {{1: {}}}",
    "assert True, {}",
    "z = (lambda q={}: 1)()",
    "for z in []:\n    print({})",
)
FORBIDDEN = ESCAPES[:39]


class Case(NamedTuple):
    """One text; a `forbidden` one holds what the language refuses wherever it stands."""

    thought: Thought
    text: str
    forbidden: bool = False


def cases(seed: int) -> Iterator[Case]:
    """An endless stream of thoughts, the same for the same seed."""
    source = random.Random(seed)
    while True:
        kind = source.randrange(6)
        if kind == 0:
            yield Case("pot", program(source))
        elif kind == 1:
            yield Case("eot", system(source))
        elif kind == 2:
            yield Case("cot", chain(source))
        elif kind == 3:
            yield Case("pot", hidden(source), forbidden=True)
        elif kind == 4:
            thought, text = source.choice(ATTACKS)
            yield Case(source.choice((thought, *THOUGHTS)), damaged(source, text[:2_000]))
        else:
            text = "".join(source.choice(NOISE) for _ in range(source.randrange(200)))
            yield Case(source.choice(THOUGHTS), text)


def expression(source: random.Random, depth: int = 0) -> str:
    """An expression of Python's grammar, sensible or not."""
    kind = source.randrange(10) if depth < 5 else 0

    def part() -> str:
        return expression(source, depth + 1)

    if kind <= 1:
        return source.choice(ATOMS + NAMES)
    if kind <= 3:
        return part() + source.choice(BINARY) + part()
    if kind == 4:
        return f"{source.choice(CALLS)}({', '.join(part() for _ in range(source.randrange(3)))})"
    if kind == 5:
        return f"({part()}){source.choice(ENDS)}"
    if kind == 6:
        brackets = source.choice(("[]", "()", "{}"))
        return f"{brackets[0]}{part()} for {source.choice(NAMES)} in {part()}{brackets[1]}"
    if kind == 7:
        return f"f'{{{part()}{source.choice(SPECS)}}}'".replace("''", '"')
    if kind == 8:
        return f"sorted({part()}, key=lambda b: {part()})"
    return f"(lambda x: {part()})({part()})"


def program(source: random.Random) -> str:
    """A few statements that end with an answer."""
    lines = ["from datetime import date, timedelta", source.choice(("x = symbols('x')", "x = 3", "x = 2.5"))]
    for _ in range(source.randrange(6)):
        value, name = expression(source), source.choice(NAMES)
        shapes = (
            f"{name} = {value}",
            f"{name} += {value}",
            f"a, *b = {value}",
            f"a[{value}] = 1",
            f"for {name} in {value}:\n    a = {expression(source)}",
            f"while {value}:\n    {name} = {expression(source)}\n    break",
            f"if {value}:\n    {name} = 1\nelse:\n    b = 2",
            f"def f({name}, *b):\n    return {value}\na = f(1, 2)",
            f"def f(n):\n    return n if n < 2 else f(n - 1) + {value}\na = f(9)",
            f"try:\n    a = {value}\nexcept Exception:\n    b = 1",
        )
        lines.append(source.choice(shapes))
    return "\n".join([*lines, f"ans = {expression(source)}"])


def hidden(source: random.Random) -> str:
    """A program with a forbidden expression somewhere in it, and an honest answer at its end."""
    place = source.choice(HIDING).format(source.choice(FORBIDDEN))
    first, last = ("x = 3", place) if source.random() < 0.5 else (place, "x = 3")
    return "\n".join((first, last, "ans = 42"))


def system(source: random.Random) -> str:
    """A few equations over few names."""

    def side() -> str:
        parts = [source.choice(SYSTEM) for _ in range(source.randrange(1, 4))]
        return source.choice((" + ", " * ", " / ", " - ")).join(parts)

    return "\n".join(f"{side()} = {side()}" for _ in range(source.randrange(1, 6)))


def chain(source: random.Random) -> str:
    """Words and numbers around answer phrases."""
    return " ".join([source.choice(WORDS) for _ in range(source.randrange(30))] + ["The answer is 5"])


def damaged(source: random.Random, text: str) -> str:
    """The text with pieces cut out, doubled, or replaced by noise."""
    for _ in range(source.randrange(1, 5)):
        start = source.randrange(len(text) + 1)
        end = min(len(text), start + source.randrange(20))
        text = text[:start] + source.choice((text[start:end] * 2, "", source.choice(NOISE))) + text[end:]
    return text
