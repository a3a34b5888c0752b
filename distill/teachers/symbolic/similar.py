"""`similar`: the same story with other numbers, and other people and things where their words are plain."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random

from distill.teachers import Declined
from distill.teachers.gold.annotation import Annotation, Step
from distill.teachers.gold.text.arithmetic import Name, Number, Tree, replace_leaves, show
from distill.teachers.gold.text.naming import MAX_CHARACTERS
from distill.teachers.gold.text.words import RESERVED
from distill.teachers.symbolic.numbers.fresh import Drawing
from distill.teachers.symbolic.numbers.spelling import spelled
from distill.teachers.symbolic.rewriting import Rewritten
from distill.teachers.symbolic.template import Template
from distill.teachers.symbolic.words.people import renamed, renamed_step, renaming
from distill.teachers.symbolic.words.things import swapped, with_things
from distill.teachers.symbolic.words.worked import Worked


def similar(template: Template, drawing: Drawing, rng: Random) -> Rewritten | Declined:
    """One more problem like a template's, or why none was found."""
    values = drawing.draw(rng)
    if isinstance(values, Declined):
        return values
    question = with_numbers(template, values)
    steps = steps_with_numbers(template, values)
    names = renaming(question, rng)
    things = swapped(question, rng)
    words = {**{old.lower(): new.lower() for old, new in names.items()}, **things}
    return Rewritten(
        with_things(renamed(question, names), things),
        Annotation(_renamed_steps(steps, names, things, words)),
    )


def with_numbers(template: Template, values: Mapping[str, Fraction]) -> str:
    """The question with new values in the places of the old ones."""
    text = template.source.problem.question
    spans = sorted(
        ((span, quantity) for quantity in template.free for span in quantity.spans),
        key=lambda pair: pair[0].start,
    )
    pieces: list[str] = []
    end = 0
    for span, quantity in spans:
        pieces += [text[end : span.start], spelled(values[quantity.slot], span, text)]
        end = span.end
    return "".join([*pieces, text[end:]])


def steps_with_numbers(template: Template, values: Mapping[str, Fraction]) -> tuple[Step, ...]:
    """The steps with new values; without their sentences where one of these cannot be written."""
    source = template.source
    old = {**{quantity.slot: quantity.value for quantity in template.quantities}, **source.values}
    worked = Worked(old, values, template.trees)
    steps: list[Step] = []
    texts: list[str | None] = []
    pending: list[tuple[str, Tree]] = []
    for step, tree in zip(source.annotation.steps, template.trees, strict=True):
        pending.append((step.name, tree))
        texts.append(worked.sentence(step.sentence, pending) if step.sentence else "")
        if step.sentence:
            pending = []
        steps.append(Step(step.name, show(_filled(tree, values)), ""))
    if any(text is None for text in texts):
        return tuple(steps)
    return tuple(replace(step, sentence=text or "") for step, text in zip(steps, texts, strict=True))


def _filled(tree: Tree, values: Mapping[str, Fraction]) -> Tree:
    """A tree with its slots' values; names of steps stay."""

    def change(_: int, leaf: Tree) -> Tree:
        return Number(values[leaf.name]) if isinstance(leaf, Name) and leaf.name.startswith("#") else leaf

    return replace_leaves(tree, change)


def _renamed_steps(
    steps: tuple[Step, ...], names: Mapping[str, str], things: Mapping[str, str], words: Mapping[str, str]
) -> tuple[Step, ...]:
    """The steps in the new words; their own names only where all of them stay different and short."""
    changed = {step.name: renamed_step(step.name, words) for step in steps}
    new = set(changed.values())
    if len(new) < len(steps) or any(len(name) > MAX_CHARACTERS for name in new) or (new - {"ans"}) & RESERVED:
        changed = {}

    def in_words(step: Step) -> Step:
        tree = _named(step.expression, changed)
        return Step(
            changed.get(step.name, step.name), tree, with_things(renamed(step.sentence, names), things)
        )

    return tuple(in_words(step) for step in steps)


def _named(expression: str, names: Mapping[str, str]) -> str:
    """An expression with other names: its words are names, everything else numbers and signs."""
    return " ".join(_word(word, names) for word in expression.split(" "))


def _word(word: str, names: Mapping[str, str]) -> str:
    bare = word.strip("()-")
    return word.replace(bare, names[bare]) if bare in names else word
