"""Ledger: counts what a labelling run read, kept and dropped, by data set and reason."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from benchmarks.rewriting.rewriting import OF
from distill.labeling.filters import Drop
from distill.labeling.rationale_filter import Verified
from runtime.values.problem import Problem

OUR_STORIES = "edgethought:stories"
# A file whose rows each name a source of their own must not fill the memory or the card.
MAX_SETS = 200


COUNTERS = ("read", "kept", "licenses", "text_licenses", "teachers", "near_duplicates", "dropped")


class LabelStats:
    """Counts only; the drops themselves are rows of a file. `state` and `restore` carry it over a stop."""

    def __init__(self) -> None:
        self.problems = 0
        self.rows = 0
        self._counts: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in COUNTERS}

    def read(self, problem: Problem) -> None:
        """Count a problem as read."""
        self.problems += 1
        self._counts["read"][self._set(problem),] += 1

    def keep(self, problem: Problem, kept: Verified) -> None:
        """Count a rationale as kept."""
        self.rows += 1
        self._counts["kept"][self._set(problem), kept.thought] += 1
        self._counts["licenses"][problem.license,] += 1
        self._counts["text_licenses"][kept.license,] += 1
        self._counts["teachers"][kept.teacher,] += 1
        if kept.near_duplicate_of:
            self._counts["near_duplicates"][kept.near_duplicate_of,] += 1

    def drop(self, problem: Problem, drop: Drop) -> None:
        """Count a dropped rationale or, without a thought, a whole problem."""
        self._counts["dropped"][self._set(problem), drop.thought or "problem", drop.reason] += 1

    def _set(self, problem: Problem) -> str:
        """The data set of a problem: its source without the row number, or without the template of a story.

        How a problem was rewritten stays, so that each kind has a row of its own.
        """
        name = problem.source.partition("#")[0] or "unknown"
        if name.startswith(OUR_STORIES):
            _, mark, kind = name.partition(OF)
            name = f"{OUR_STORIES}{mark}{kind}"
        known = self._counts["read"]
        return name if (name,) in known or len(known) < MAX_SETS else "others"

    def state(self) -> dict[str, Any]:
        """Everything counted so far, as JSON has it."""
        counts = {
            name: [[*key, count] for key, count in counter.items()] for name, counter in self._counts.items()
        }
        return {"problems": self.problems, "rows": self.rows, **counts}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave; raises KeyError, TypeError or ValueError when it did not come from there."""
        self.problems, self.rows = int(state["problems"]), int(state["rows"])
        for name in COUNTERS:
            self._counts[name] = Counter({tuple(key): int(count) for *key, count in state[name]})

    def total(self, name: str) -> dict[str, int]:
        """One of the counters with a single key, sorted by it: licences, text_licences, teachers, siblings."""
        return {key: count for (key,), count in sorted(self._counts[name].items())}

    def dropped_by_reason(self) -> dict[str, int]:
        """Drops by reason over all data sets and thoughts, the most frequent first."""
        return dict(self._by_last("dropped").most_common())

    def rows_by_thought(self) -> dict[str, int]:
        """Kept rationales by thought."""
        return dict(self._by_last("kept"))

    def _by_last(self, name: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for (*_, last), count in self._counts[name].items():
            total[last] += count
        return total

    def table(self) -> list[dict[str, object]]:
        """One row a data set: problems read, rationales kept by thought, drops by reason (`eot:wrong_answer`)."""
        kept, dropped = self._counts["kept"], self._counts["dropped"]
        return [
            {
                "data_set": name,
                "problems": count,
                "kept": {thought: many for (known, thought), many in kept.items() if known == name},
                "dropped": {
                    f"{what}:{reason}": many
                    for (known, what, reason), many in dropped.most_common()
                    if known == name
                },
            }
            for (name,), count in self._counts["read"].items()
        ]
