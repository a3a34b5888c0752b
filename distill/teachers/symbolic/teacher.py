"""The symbolic teacher: rewrites problems, and writes the thoughts of what it rewrote. No network, no key, no chance.

`variants_of` makes a stream of new problems from a stream of problems: which numbers, people and sentences it draws
follows from the seed, the problem's id, the kind and the count alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from distill.teachers import Declined, Variant, VariantKind
from distill.teachers.gold.annotation import ParseFailure
from distill.teachers.gold.carried import read_carried
from distill.teachers.gold.teacher import WRITERS
from distill.teachers.symbolic.backward import Backward
from distill.teachers.symbolic.distract import Distract
from distill.teachers.symbolic.harder import Harder
from distill.teachers.symbolic.reorder import Reorder
from distill.teachers.symbolic.rewriting import (
    KINDS,
    OF,
    Kind,
    Rewritten,
    Writer,
    new_problem,
    variant_id,
    variant_source,
)
from distill.teachers.symbolic.settings import SymbolicSettings
from distill.teachers.symbolic.similar import Similar
from distill.teachers.symbolic.template import Source, Template, read_source, read_template
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale

# How often a variant that was written before is drawn again.
REPEATS = 4
DECLINED = "declined: "


class Parent:
    """A problem that is rewritten: read once, and only as far as the kinds asked for need it."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self._seed = seed
        self._seen = {_letters(problem.question)}
        self._writers: dict[Kind, Writer | Declined] = {}

    @cached_property
    def source(self) -> Source | Declined:
        """The problem with its annotation."""
        return read_source(self.problem)

    @cached_property
    def template(self) -> Template | Declined:
        """The problem with its numbers aligned."""
        return self.source if isinstance(self.source, Declined) else read_template(self.source)

    def variant(self, kind: Kind, number: int) -> Problem | Declined:
        """One new problem of a kind that no earlier one equals; once there was none there is no other."""
        if kind not in self._writers:
            self._writers[kind] = PREPARED[kind](self)
        writer = self._writers[kind]
        if isinstance(writer, Declined):
            return writer
        found = self._fresh(writer, Random(f"{self._seed} {self.problem.id} {kind} {number}"))
        if isinstance(found, Declined):
            self._writers[kind] = found
            return found
        return new_problem(found, self.problem, kind, number)

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


Prepare = Callable[[Parent], Writer | Declined]


def _of_source(prepare: Callable[[Source], Writer | Declined]) -> Prepare:
    def prepared(parent: Parent) -> Writer | Declined:
        return parent.source if isinstance(parent.source, Declined) else prepare(parent.source)

    return prepared


def _of_template(prepare: Callable[[Template], Writer | Declined]) -> Prepare:
    def prepared(parent: Parent) -> Writer | Declined:
        return parent.template if isinstance(parent.template, Declined) else prepare(parent.template)

    return prepared


PREPARED: dict[Kind, Prepare] = {
    "similar": _of_template(Similar.prepared),
    "harder": _of_source(Harder.prepared),
    "distract": _of_source(Distract.prepared),
    "reorder": _of_source(Reorder.prepared),
    "backward": _of_template(Backward.prepared),
}


def variants_of(problems: Iterable[Problem], settings: SymbolicSettings) -> Iterator[Problem]:
    """Every variant in turn; where there is none, the problem itself under the variant's id, with the reason."""
    for problem in problems:
        parent = Parent(problem, settings.seed)
        for kind in settings.kinds:
            for number in range(1, settings.variants + 1):
                found = parent.variant(kind, number)
                yield _declined(problem, kind, number, found) if isinstance(found, Declined) else found


def _declined(problem: Problem, kind: Kind, number: int, reason: Declined) -> Problem:
    """A place in the stream where a variant would be, so that what was declined is counted with its reason."""
    return replace(
        problem,
        id=variant_id(problem, kind, number),
        source=variant_source(problem, kind),
        solution=f"{DECLINED}{reason.reason}",
        equation=None,
    )


@dataclass(frozen=True, slots=True)
class SymbolicTeacher:
    """Writes the thoughts of rewritten problems, and rewrites one problem at a time."""

    settings: SymbolicSettings
    name: str = "symbolic"

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """One rationale for each thought; no chain of sentences where these could not be rewritten."""
        solution = problem.solution or ""
        if solution.startswith(DECLINED):
            yield Declined(solution.removeprefix(DECLINED))
            return
        annotation = read_carried(problem)
        if isinstance(annotation, ParseFailure):
            return
        for thought in thoughts:
            if thought == "cot" and not any(step.sentence for step in annotation.steps):
                yield Declined("no_sentences", "", "cot")
            else:
                text = WRITERS[thought](annotation, problem.answer or "")
                yield Rationale(problem, thought, text, self.name, provenance=self._provenance(problem))

    def declined(self, problem: Problem) -> str:
        """Why a problem has no thoughts: it carries none."""
        return "not_rewritten"

    def similar(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems of like reasoning with other things and numbers."""
        yield from self.variants(problem, "similar")

    def harder(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems with one step more."""
        yield from self.variants(problem, "harder")

    def distract(self, problem: Problem) -> Iterator[Variant | Declined]:
        """The same problem with a sentence that has nothing to do with it."""
        yield from self.variants(problem, "distract")

    def reorder(self, problem: Problem) -> Iterator[Variant | Declined]:
        """The same problem with its sentences in another order."""
        yield from self.variants(problem, "reorder")

    def backward(self, problem: Problem) -> Iterator[Variant | Declined]:
        """Problems that tell the answer and ask for a number that was given."""
        yield from self.variants(problem, "backward")

    def variants(self, problem: Problem, kind: VariantKind) -> Iterator[Variant | Declined]:
        """As many variants of a kind as the settings say, or why there are none."""
        known = next((one for one in KINDS if one == kind), None)
        if known is None:
            yield Declined("unknown_kind", kind)
            return
        parent = Parent(problem, self.settings.seed)
        for number in range(1, self.settings.variants + 1):
            found = parent.variant(known, number)
            if isinstance(found, Declined):
                yield found
            else:
                yield Variant(kind, found, problem, self.name, self._provenance(found))

    def _provenance(self, problem: Problem) -> dict[str, str | int]:
        """Of what a variant was made, and how: all that its making followed from."""
        parent, _, made = problem.id.rpartition(OF)
        return {"parent": parent, "kind": made.partition("-")[0], "seed": self.settings.seed}
