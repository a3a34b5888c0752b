"""Problem: a question in words and, where known, its gold answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One word problem. `answer` is the gold as printed (`72`, `3.5`), because its decimals decide how it is compared.

    `solution` and `equation` are the data set's own annotation, untouched; `source` and `license` say where it is from.
    """

    id: str
    question: str
    answer: str | None = None
    solution: str | None = None
    equation: str | None = None
    source: str = ""
    license: str = ""
