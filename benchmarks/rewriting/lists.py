"""The lists that rewritings draw from, read from `benchmarks/rewriting/data/*.yaml`."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "data"


@cache
def read_list(name: str, folder: Path = FOLDER) -> Any:
    """A data file's content; `folder` is where it lies."""
    return yaml.safe_load((folder / f"{name}.yaml").read_bytes())


@cache
def people() -> Mapping[str, tuple[str, ...]]:
    """First names by pronoun, `she` and `he`."""
    rows = read_list("people")
    return {pronoun: tuple(rows[pronoun].split()) for pronoun in ("she", "he")}


@cache
def pronouns() -> Mapping[str, str]:
    """The pronoun that goes with each first name."""
    return {name: pronoun for pronoun, names in people().items() for name in names}


@cache
def titles() -> frozenset[str]:
    """Words before a name that make it a surname or somebody known."""
    return frozenset(read_list("people")["titles"].split())


@cache
def things() -> Sequence[tuple[Mapping[str, str], frozenset[str]]]:
    """Groups of things that take each other's place, singular to plural, and the words that forbid it."""
    return tuple((row["things"], frozenset(row["unless"].split())) for row in read_list("things"))
