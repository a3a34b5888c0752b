"""The symbolic teacher: rewrites problems, and writes the thoughts of what it rewrote. No network, no key, no chance.

`variants_of` makes a stream of new problems from a stream of problems: which numbers, people and sentences it draws
follows from the seed, the problem's id, the kind and the count alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.annotations.annotation import ParseFailure
from benchmarks.annotations.carried import read_carried
from benchmarks.annotations.thoughts import WRITERS
from benchmarks.rewriting.distract import Distract
from benchmarks.rewriting.original import Original, Prepare, of_source, of_template
from benchmarks.rewriting.reorder import Reorder
from benchmarks.rewriting.rewriting import OF
from benchmarks.rewriting.similar import Similar
from distill.teachers import Variant, VariantKind
from distill.teachers.symbolic.backward import Backward
from distill.teachers.symbolic.harder import Harder
from distill.teachers.symbolic.settings import SymbolicSettings
from distill.teachers.symbolic.variants import KINDS, Kind, new_problem, variant_id, variant_source
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale

DECLINED = "declined: "
PREPARED: dict[str, Prepare] = {
    "similar": of_template(Similar.prepared),
    "harder": of_source(Harder.prepared),
    "distract": of_source(Distract.prepared),
    "reorder": of_source(Reorder.prepared),
    "backward": of_template(Backward.prepared),
}


def _variant(parent: Original, kind: Kind, number: int) -> Problem | Declined:
    """One new problem of a kind, the same whenever it is asked for first in its kind's order."""
    found = parent.rewritten(kind, number)
    return found if isinstance(found, Declined) else new_problem(found, parent.problem, kind, number)


def variants_of(problems: Iterable[Problem], settings: SymbolicSettings) -> Iterator[Problem]:
    """Every variant in turn; where there is none, the problem itself under the variant's id, with the reason."""
    for problem in problems:
        parent = Original(problem, settings.seed, PREPARED)
        for kind in settings.kinds:
            for number in range(1, settings.variants + 1):
                found = _variant(parent, kind, number)
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
        parent = Original(problem, self.settings.seed, PREPARED)
        for number in range(1, self.settings.variants + 1):
            found = _variant(parent, known, number)
            if isinstance(found, Declined):
                yield found
            else:
                yield Variant(kind, found, problem, self.name, self._provenance(found))

    def _provenance(self, problem: Problem) -> dict[str, str | int]:
        """Of what a variant was made, and how: all that its making followed from."""
        parent, _, made = problem.id.rpartition(OF)
        return {"parent": parent, "kind": made.partition("-")[0], "seed": self.settings.seed}
