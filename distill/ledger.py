"""Ledger: counts what a labelling run read, kept and dropped, and writes every drop with its reason to a file."""

import json
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from runtime.problem import Problem
from runtime.prompt import Thought
from runtime.rationale import Rationale


def data_set_of(source: str) -> str:
    """The data set a row is from: its source without the row number."""
    return source.partition("#")[0] or "unknown"


class Ledger:
    """A context manager; the drops go to `path` as they happen, the counts stay here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems = 0
        self.rows = 0
        self.read_by_set: Counter[str] = Counter()
        self.kept_by_set: Counter[tuple[str, Thought]] = Counter()
        self.licences: Counter[str] = Counter()
        self.dropped: Counter[tuple[str, str, str]] = Counter()

    def __enter__(self) -> Self:
        self._out = self._path.open("w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()

    def read(self, problem: Problem) -> None:
        """Count a problem as read."""
        self.problems += 1
        self.read_by_set[data_set_of(problem.source)] += 1

    def keep(self, rationale: Rationale) -> None:
        """Count a rationale as kept."""
        self.rows += 1
        self.kept_by_set[data_set_of(rationale.problem.source), rationale.thought] += 1
        self.licences[rationale.problem.licence] += 1

    def drop(
        self, problem: Problem, reason: str, thought: Thought | None = None, *, detail: str = ""
    ) -> None:
        """Count a dropped rationale (or, without a thought, a whole problem) and write it down."""
        self.dropped[data_set_of(problem.source), thought or "problem", reason] += 1
        row = {
            "id": problem.id,
            "thought": thought,
            "reason": reason,
            "detail": detail,
            "source": problem.source,
        }
        self._out.write(json.dumps(row, ensure_ascii=False) + "\n")

    def dropped_by_reason(self) -> dict[str, int]:
        """Drops by reason over all data sets and thoughts, the most frequent first."""
        total: Counter[str] = Counter()
        for (_, _, reason), count in self.dropped.items():
            total[reason] += count
        return dict(total.most_common())

    def rows_by_thought(self) -> dict[str, int]:
        """Kept rationales by thought."""
        total: Counter[str] = Counter()
        for (_, thought), count in self.kept_by_set.items():
            total[thought] += count
        return dict(total)

    def table(self) -> list[dict[str, object]]:
        """One row a data set: problems read, rationales kept by thought, drops by reason (`eot:wrong_answer`)."""
        return [
            {
                "data_set": name,
                "problems": self.read_by_set[name],
                "kept": {
                    thought: count for (known, thought), count in self.kept_by_set.items() if known == name
                },
                "dropped": {
                    f"{what}:{reason}": count
                    for (known, what, reason), count in self.dropped.most_common()
                    if known == name
                },
            }
            for name in self.read_by_set
        ]
