"""The working: a solved thought step by step, each with its numbers filled in and its value, for people to follow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from runtime.solver.solver import Asked, Solver
from runtime.values.answers import format_value
from runtime.values.prompt import Thought
from runtime.values.solution import Solution, Step

# `name = expression`, on one line, with no comparison in it, and not inside a loop.
_STEP = re.compile(r"([A-Za-z_]\w*)\s*=\s*([^=<>!\n]+?)\s*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
ANSWER = "ans"
_COMMENT = {
    "pot": re.compile(r"\s*#.*"),
    "eot": re.compile(r"(^|\s\s)\s*[%#].*| #.*"),
    "cot": re.compile(r"$^"),
}


def working(solution: Solution, solver: Solver) -> tuple[Step, ...]:
    """The steps of a solution's thought, its values by the solver; lines that give no name a number stay as written.

    Of a thought that is not solved, and of sentences, every line is as written.
    """
    lines = [line for line in solution.text.splitlines() if line.strip()]
    if solution.thought == "cot" or not solution.outcome.solved:
        return tuple(Step(line) for line in lines)
    bare = [_COMMENT[solution.thought].sub("", line) for line in lines]
    if solution.thought == "eot":
        bare = [line.strip() for line in bare]
    matches = [_STEP.fullmatch(line) for line in bare]
    asked = [_asked(solution.thought, lines, place, match[1]) for place, match in enumerate(matches) if match]
    outcomes = solver.solve_batch(asked)
    found = [next(outcomes).value if match else None for match in matches]
    named = [(match[1], value) for match, value in zip(matches, found, strict=True) if match]
    # Equations hold in any order; in a program a name has its value from its line on.
    values = {name: value for name, value in named if value is not None} if solution.thought == "eot" else {}
    steps = []
    for line, match, value in zip(lines, matches, found, strict=True):
        if match is None or value is None:
            steps.append(Step(line))
            if solution.thought == "pot":
                # What a loop or a condition has changed is not known from here on.
                values.clear()
            continue
        steps.append(Step(line.strip(), match[1], _filled(match[2], values), format_value(value)))
        values[match[1]] = value
    return tuple(steps)


def _asked(thought: Thought, lines: list[str], place: int, name: str) -> Asked:
    """What gives a step's value: all equations, or a program up to its line, as a name may mean something else below."""
    text = "\n".join(lines[: place + 1] if thought == "pot" else lines)
    return thought, text, name


def _filled(expression: str, values: Mapping[str, Fraction]) -> str:
    """The expression with the values of the names that are known; a negative one or a fraction in brackets."""

    def number(match: re.Match[str]) -> str:
        value = values.get(match[0])
        if value is None:
            return match[0]
        printed = format_value(value)
        return f"({printed})" if value < 0 or "/" in printed else printed

    return _NAME.sub(number, expression)


def told(steps: Iterable[Step]) -> Iterator[str]:
    """A line for each step: its name in words, the numbers filled in, and what they come to."""
    for step in steps:
        words = "answer" if step.name == ANSWER else step.name.replace("_", " ").strip()
        come_to = "" if step.filled.replace(" ", "") == step.value else f" = {step.value}"
        yield f"{words} = {step.filled}{come_to}" if step.name else step.written
