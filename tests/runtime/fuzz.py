"""Random thoughts by grammar and by damage: `python -m tests.runtime.fuzz --cases 5000 --seed 1`.

Whatever the text, the solver must answer with a status, keep its workers alive or replace them, and never
crash. CI runs a bounded number of cases; a failing text is printed with its seed.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator

from runtime.prompt import THOUGHTS, Thought
from runtime.solver import Budget, Solver
from tests.runtime.attacks import ATTACKS

NAMES = ("a", "b", "x", "ans", "total", "i", "_", "math", "int", "sum", "π")
ATOMS = (
    "0",
    "1",
    "7",
    "2.5",
    "1e9",
    "'a'",
    "[]",
    "{}",
    "None",
    "True",
    "1_0",
    "½",
    "10 ** 30",
    "x",
    "a",
    "ans",
)
BINARY = (
    " + ",
    " - ",
    " * ",
    " / ",
    " // ",
    " % ",
    " ** ",
    " == ",
    " < ",
    " and ",
    " in ",
    " is ",
    " | ",
    " << ",
    ", ",
)
CALLS = (
    "int",
    "float",
    "str",
    "sum",
    "max",
    "len",
    "range",
    "sorted",
    "round",
    "list",
    "set",
    "abs",
    "zip",
    "pow",
    "divmod",
)
CALLS += (
    "math.sqrt",
    "math.factorial",
    "solve",
    "symbols",
    "Eq",
    "Counter",
    "isinstance",
    "print",
    "next",
    "map",
)
ENDS = (
    ".real",
    ".keys()",
    ".append(1)",
    "[0]",
    "[-1]",
    "[::2]",
    ".upper()",
    ".subs(x, 2)",
    ".denominator",
    ".__class__",
)
NOISE = (
    *tuple("()[]{}:=,.'\"\\%#$\n\t\x00 *+-/^<>=!|&~@`_0123456789eE"),
    "\u202e",
    "√",
    "�",
    "ans",
    "lambda ",
    "\n    ",
)


def cases(seed: int) -> Iterator[tuple[Thought, str]]:
    """An endless stream of thoughts, the same for the same seed."""
    random_source = random.Random(seed)
    while True:
        kind = random_source.randrange(4)
        if kind == 0:
            yield "pot", program(random_source)
        elif kind == 1:
            yield "eot", system(random_source)
        elif kind == 2:
            thought, text = random_source.choice(ATTACKS)
            yield random_source.choice((thought, *THOUGHTS)), damaged(random_source, text[:2_000])
        else:
            text = "".join(random_source.choice(NOISE) for _ in range(random_source.randrange(200)))
            yield random_source.choice(THOUGHTS), text


def expression(source: random.Random, depth: int = 0) -> str:
    """An expression of Python's grammar, sensible or not."""
    kind = source.randrange(8) if depth < 5 else 0
    if kind <= 1:
        return source.choice(ATOMS + NAMES)
    if kind <= 3:
        return expression(source, depth + 1) + source.choice(BINARY) + expression(source, depth + 1)
    if kind == 4:
        inside = ", ".join(expression(source, depth + 1) for _ in range(source.randrange(3)))
        return f"{source.choice(CALLS)}({inside})"
    if kind == 5:
        return f"({expression(source, depth + 1)}){source.choice(ENDS)}"
    if kind == 6:
        return (
            f"[{expression(source, depth + 1)} for {source.choice(NAMES)} in {expression(source, depth + 1)}]"
        )
    return f"(lambda x: {expression(source, depth + 1)})({expression(source, depth + 1)})"


def program(source: random.Random) -> str:
    """A few statements that end with an answer."""
    lines = ["x = symbols('x')"] if source.random() < 0.2 else ["x = 3"]
    for _ in range(source.randrange(6)):
        value, name = expression(source), source.choice(NAMES)
        shapes = (
            f"{name} = {value}",
            f"{name} += {value}",
            f"for {name} in {value}:\n    a = {expression(source)}",
            f"while {value}:\n    {name} = {expression(source)}\n    break",
            f"if {value}:\n    {name} = 1\nelse:\n    b = 2",
            f"def f({name}, *b):\n    return {value}\na = f(1, 2)",
            f"try:\n    a = {value}\nexcept Exception:\n    b = 1",
        )
        lines.append(source.choice(shapes))
    return "\n".join([*lines, f"ans = {expression(source)}"])


def system(source: random.Random) -> str:
    """A few equations over few names."""

    def side() -> str:
        parts = [
            source.choice(("x", "y", "z", "ans", "2", "3.5", "20%", "1/2", "(x + 1)", "x ^ 2"))
            for _ in range(3)
        ]
        return source.choice((" + ", " * ", " / ", " - ")).join(parts[: source.randrange(1, 4)])

    return "\n".join(f"{side()} = {side()}" for _ in range(source.randrange(1, 6)))


def damaged(source: random.Random, text: str) -> str:
    """The text with pieces cut out, doubled, or replaced by noise."""
    for _ in range(source.randrange(1, 5)):
        start = source.randrange(len(text) + 1)
        end = min(len(text), start + source.randrange(20))
        text = text[:start] + source.choice((text[start:end] * 2, "", source.choice(NOISE))) + text[end:]
    return text


def run(count: int, seed: int) -> Counter[str]:
    """Statuses of `count` cases; raises AssertionError with the first text that crashes a worker or gets no reason."""
    stream = cases(seed)
    texts = [next(stream) for _ in range(count)]
    statuses: Counter[str] = Counter()
    with Solver(workers=1, budget=Budget(time_s=0.1, fuel=300_000)) as solver:
        for (thought, text), outcome in zip(texts, solver.solve_many(texts), strict=True):
            statuses[outcome.status] += 1
            fine = outcome.status != "crashed" and (outcome.solved or outcome.reason)
            assert fine, f"seed {seed}, {thought}: {text!r} gave {outcome}"
    return statuses


def main() -> None:
    """Run the cases and print the statuses."""
    arguments = argparse.ArgumentParser(description="Fuzz the solver.")
    arguments.add_argument("--cases", type=int, default=5_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    for status, number in run(options.cases, options.seed).most_common():
        sys.stdout.write(f"{status:12} {number}\n")


if __name__ == "__main__":
    main()
