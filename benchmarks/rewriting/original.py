"""The original: a problem that is rewritten, read once, and only as far as the kinds asked for need it.

What is drawn follows from the seed, the problem's id, the kind and the count alone.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from random import Random

from benchmarks.rewriting.rewriting import Rewritten, Writer
from benchmarks.rewriting.template import Source, Template, read_source, read_template
from runtime.values.problem import Problem
from runtime.values.rationale import Declined

# How often what was written before is drawn again.
REPEATS = 4


class Original:
    """A problem and the writers of each kind that `prepared` names."""

    def __init__(self, problem: Problem, seed: int, prepared: "Mapping[str, Prepare]") -> None:
        self.problem = problem
        self._seed = seed
        self._prepared = prepared
        self._seen = {_letters(problem.question)}
        self._writers: dict[str, Writer | Declined] = {}

    @cached_property
    def source(self) -> Source | Declined:
        """The problem with its annotation."""
        return read_source(self.problem)

    @cached_property
    def template(self) -> Template | Declined:
        """The problem with its numbers aligned."""
        return self.source if isinstance(self.source, Declined) else read_template(self.source)

    def rewritten(self, kind: str, number: int) -> Rewritten | Declined:
        """One rewriting of a kind that no earlier one equals; once there was none there is no other."""
        if kind not in self._writers:
            self._writers[kind] = self._prepared[kind](self)
        writer = self._writers[kind]
        if isinstance(writer, Declined):
            return writer
        found = self._fresh(writer, Random(f"{self._seed} {self.problem.id} {kind} {number}"))
        if isinstance(found, Declined):
            self._writers[kind] = found
        return found

    def _fresh(self, writer: Writer, rng: Random) -> Rewritten | Declined:
        """What the writer has not written before."""
        for _ in range(REPEATS):
            found = writer.write(rng)
            if isinstance(found, Declined):
                return found
            if (letters := _letters(found.question)) not in self._seen:
                self._seen.add(letters)
                return found
        return Declined("repeated")


def _letters(question: str) -> str:
    return " ".join(question.lower().split())


Prepare = Callable[[Original], Writer | Declined]


def of_source(prepare: Callable[[Source], Writer | Declined]) -> Prepare:
    """A kind that needs the annotation alone."""

    def prepared(original: Original) -> Writer | Declined:
        return original.source if isinstance(original.source, Declined) else prepare(original.source)

    return prepared


def of_template(prepare: Callable[[Template], Writer | Declined]) -> Prepare:
    """A kind that needs to know which number is which."""

    def prepared(original: Original) -> Writer | Declined:
        return original.template if isinstance(original.template, Declined) else prepare(original.template)

    return prepared
