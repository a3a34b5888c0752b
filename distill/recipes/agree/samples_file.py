"""A student that votes: its samples as `distill sample` wrote them, read back by problem."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from runtime.values.files import read_jsonl
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale

# What a file gives is there at once.
AHEAD = 1 << 20


class SamplesFile:
    """A voter whose samples lie in a file; of each thought `samples` count, as others give."""

    def __init__(self, file: Path, name: str, license: str, samples: int) -> None:
        self.name, self.ahead = name, AHEAD
        self._license, self._samples = license, samples
        self._rows: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for row in read_jsonl(file):
            self._rows[row["id"], row["question"]].append((row["thought"], row["text"]))

    def begin(self, problem: Problem, thoughts: Sequence[Thought]) -> None:
        """Nothing needs to be sent for."""

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """The samples that the file has; what is missing is declined, so that it counts as no vote."""
        rows = self._rows.get((problem.id, problem.question), [])
        for thought in thoughts:
            texts = [text for of, text in rows if of == thought][: self._samples]
            for text in texts:
                yield Rationale(problem, thought, text, self.name, license=self._license)
            for _ in range(self._samples - len(texts)):
                yield Declined("no_reply", thought=thought)
