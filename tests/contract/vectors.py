"""The contract's test vectors, read once: whatever trains, exports, runs or scores checks itself against these."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest

from runtime.values.answers import Tolerance
from runtime.values.files import read_jsonl
from runtime.values.outcome import Status
from runtime.values.prompt import Thought

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PromptVector:
    """One question and the exact prompt for one thought."""

    name: str
    question: str
    thought: Thought
    prompt: str


@dataclass(frozen=True, slots=True)
class ThoughtVector:
    """One thought's text and what the solver must make of it; `sympy` marks what may go to the sympy tier."""

    name: str
    text: str
    status: Status
    value: Fraction | None = None
    target: str | None = None
    sympy: bool = False


@dataclass(frozen=True, slots=True)
class GoldVector:
    """One value, one printed gold answer, and whether the one counts as the other."""

    name: str
    value: Fraction | None
    gold: str
    matches: bool
    tolerance: Tolerance = "exact"


def prompt_vectors() -> list[PromptVector]:
    """Questions and prompts, byte for byte."""
    return [PromptVector(**row) for row in read_jsonl(FOLDER / "prompt.jsonl")]


def thought_vectors(thought: Literal["eot", "cot"]) -> list[ThoughtVector]:
    """Texts with the status and value that solving must give."""
    return [ThoughtVector(**row | _value(row)) for row in read_jsonl(FOLDER / f"{thought}.jsonl")]


def gold_vectors() -> list[GoldVector]:
    """Values compared with printed gold answers."""
    return [GoldVector(**row | _value(row)) for row in read_jsonl(FOLDER / "gold.jsonl")]


def _value(row: dict[str, str | None]) -> dict[str, Fraction | None]:
    value = row.get("value")
    return {"value": None if value is None else Fraction(value)}


def each(
    vectors: list[PromptVector] | list[ThoughtVector] | list[GoldVector],
) -> pytest.MarkDecorator:
    """Run a test function once for every vector, under the vector's name; it takes `vector`."""
    return pytest.mark.parametrize("vector", vectors, ids=[vector.name for vector in vectors])
