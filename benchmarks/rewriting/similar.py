"""`similar`: the same story with other numbers, and other people and things where their words are plain."""

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from benchmarks.annotations.annotation import Annotation, Step
from benchmarks.annotations.text.arithmetic import Name, Number, Tree, replace_leaves, show
from benchmarks.annotations.text.naming import MAX_CHARACTERS
from benchmarks.annotations.text.words import RESERVED
from benchmarks.rewriting.numbers.facts import untrue_in_other_numbers
from benchmarks.rewriting.numbers.fresh import Drawing
from benchmarks.rewriting.numbers.spelling import spelled
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Template
from benchmarks.rewriting.words.people import named, renamed, renamed_step, renaming, words_in
from benchmarks.rewriting.words.things import swap_of, with_things
from benchmarks.rewriting.words.worked import Worked
from runtime.values.rationale import Declined

# How often numbers that were there before are drawn again.
DRAWS = 6


class Similar:
    """Problems like a template's."""

    def __init__(self, template: Template, *, words: bool = True) -> None:
        """`words` says whether people and things change too."""
        text = template.source.problem.question
        self._template = template
        self._drawing = Drawing(template)
        self._worked = Worked(template)
        self._names, self._words = named(text) if words else (), words_in(text)
        self._swap = swap_of(text) if words else None
        self._seen = {tuple(one.value for one in template.free)}
        self._spans = sorted(
            ((span, one.slot) for one in template.free for span in one.spans), key=lambda pair: pair[0].start
        )

    @classmethod
    def prepared(cls, template: Template) -> "Similar | Declined":
        """Ready to write, or why the numbers may not change."""
        return Declined(template.unsure) if template.unsure else cls(template)

    @classmethod
    def only_numbers(cls, template: Template) -> "Similar | Declined":
        """The same with the words as they are, for scoring: also what would not make sense in other numbers is none."""
        unsure = template.unsure or untrue_in_other_numbers(template.source.problem.question)
        return Declined(unsure) if unsure else cls(template, words=False)

    def write(self, rng: Random) -> Rewritten | Declined:
        """One with fresh numbers, names and things, or why no numbers were found."""
        values = self._drawn(rng)
        if isinstance(values, Declined):
            return values
        names = renaming(self._names, self._words, rng)
        things = self._swap.drawn(rng) if self._swap else {}
        question = with_things(renamed(self._with_numbers(values), names), things)
        return Rewritten(question, Annotation(self._steps(values, names, things)), values["ans"])

    def _drawn(self, rng: Random) -> Mapping[str, Fraction] | Declined:
        """Values that neither the problem has nor an earlier one of its kind: other names alone make no other problem."""
        for _ in range(DRAWS):
            values = self._drawing.draw(rng)
            if isinstance(values, Declined):
                return values
            if (drawn := self._free(values)) not in self._seen:
                self._seen.add(drawn)
                return values
        return Declined("repeated")

    def _free(self, values: Mapping[str, Fraction]) -> tuple[Fraction, ...]:
        return tuple(values[one.slot] for one in self._template.free)

    def _with_numbers(self, values: Mapping[str, Fraction]) -> str:
        """The question with new values in the places of the old ones."""
        text = self._template.source.problem.question
        pieces: list[str] = []
        end = 0
        for span, slot in self._spans:
            pieces += [text[end : span.start], spelled(values[slot], span, text)]
            end = span.end
        return "".join([*pieces, text[end:]])

    def _steps(
        self, values: Mapping[str, Fraction], names: Mapping[str, str], things: Mapping[str, str]
    ) -> tuple[Step, ...]:
        """The steps in the new numbers and words, without their sentences where one cannot be written."""
        steps = self._template.source.annotation.steps
        sentences = self._worked.written(values) or [""] * len(steps)
        called = _new_names([step.name for step in steps], {**_lower(names), **things})
        return tuple(
            Step(
                called[step.name],
                show(_filled(tree, values, called)),
                with_things(renamed(sentence, names), things),
            )
            for step, tree, sentence in zip(steps, self._template.trees, sentences, strict=True)
        )


def _lower(names: Mapping[str, str]) -> dict[str, str]:
    return {old.lower(): new.lower() for old, new in names.items()}


def _filled(tree: Tree, values: Mapping[str, Fraction], called: Mapping[str, str]) -> Tree:
    """A tree with the values of its slots and the new names of its steps."""

    def change(_: int, leaf: Tree) -> Tree:
        if not isinstance(leaf, Name):
            return leaf
        return Name(called[leaf.name]) if leaf.name in called else Number(values[leaf.name])

    return replace_leaves(tree, change)


def _new_names(steps: list[str], words: Mapping[str, str]) -> dict[str, str]:
    """The steps' names in the new words, where all of them stay different, short and free."""
    called = {name: renamed_step(name, words) for name in steps}
    new = set(called.values())
    spoiled = (
        len(new) < len(steps) or any(len(name) > MAX_CHARACTERS for name in new) or (new - {"ans"}) & RESERVED
    )
    return {name: name for name in steps} if spoiled else called
