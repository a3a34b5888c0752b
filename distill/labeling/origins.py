"""Origins: which public training set a question is from, so that a stored rationale's problem has its own licence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from benchmarks.tasks.loading import load_training, training_tasks
from benchmarks.tasks.overlap import loose_key
from runtime.values.errors import InputError


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a question is from: the task, the row and its licence."""

    task: str
    source: str
    licence: str


class Origins:
    """Questions of the training splits that are in the data folder, compared by letters and digits."""

    def __init__(self) -> None:
        self._known: dict[str, Origin] = {}
        self._last: tuple[str, Origin | None] = ("", None)

    @classmethod
    def of_tasks(cls, names: Iterable[str] | None = None) -> Self:
        """Every training split that is there; where several hold a question, the first one named counts."""
        origins = cls()
        for name in training_tasks() if names is None else names:
            try:
                problems = load_training(name)
            except InputError:  # its file is not in the data folder
                continue
            for problem in problems:
                origin = Origin(name, problem.source, problem.licence)
                origins._known.setdefault(loose_key(problem.question), origin)
        return origins

    def find(self, question: str) -> Origin | None:
        """Where a question is from, or None; rationales of one question mostly follow each other."""
        if self._last[0] != question:
            self._last = (question, self._known.get(loose_key(question)))
        return self._last[1]
