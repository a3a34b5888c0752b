"""GSM8K's written solutions -> Annotation: `48/2 = <<48/2=24>>24 clips in May` becomes `clips_may = 48 / 2`."""

from dataclasses import dataclass
from fractions import Fraction

from distill.annotation import Annotation, Step
from distill.annotations.arithmetic import Name, Number, Operation, Tree, evaluate, leaves, show, tokenize
from distill.annotations.linking import (
    Draft,
    Told,
    link,
    literal_words,
    needed,
    question_words,
    replace_leaves,
    stem,
    words_after,
)
from distill.annotations.naming import choose_names
from distill.annotations.numbers import CONSTANTS, QuestionNumbers, question_numbers
from distill.annotations.phrases import proper_names, said_about
from distill.annotations.prose import Calculation, Sentence, sentences
from distill.annotations.unread import Unread
from runtime.answers import parse_answer
from runtime.problem import Problem


@dataclass(frozen=True, slots=True)
class Found:
    """A calculation and the sentence it stands in."""

    line: int
    sentence: Sentence
    calculation: Calculation


def read_gsm8k(problem: Problem) -> Annotation | Unread:
    """The annotation of a problem with a GSM8K solution, or why there is none."""
    if problem.solution is None or problem.answer is None:
        return Unread("no_annotation")
    lines = list(sentences(problem.solution))
    found = [Found(line, item, calc) for line, item in enumerate(lines) for calc in item.calculations]
    gold = parse_answer(problem.answer)
    steps = [item for item in found if item.calculation.tree is not None]
    if not steps:
        return Unread("no_calculation")
    steps, scale = _up_to_answer(steps, gold)
    if not steps:
        return Unread("answer_not_computed", str([str(item.calculation.value) for item in found]))
    numbers = question_numbers(problem.question)
    told = Told(numbers, frozenset(question_words(problem.question)), question_words(problem.question))
    drafts = [_draft(item) for item in steps]
    link(drafts, told)
    kept = needed(drafts)
    people = proper_names("\n".join([problem.question, *(line.text for line in lines)]))
    names = _names([steps[index] for index in kept[:-1]], people)
    by_index = dict(zip(kept, [*names, "ans"], strict=True))
    trees = {index: grounded(_named(drafts[index], by_index), numbers) for index in kept}
    if scale != 1:
        trees[kept[-1]] = Operation("*", trees[kept[-1]], Number(scale))
    bare = [
        leaf.value
        for tree in trees.values()
        for leaf in leaves(tree)
        if isinstance(leaf, Number) and not numbers.tells(leaf.value)
    ]
    if bare:
        return Unread("unexplained_number", ", ".join(map(str, bare)))
    known: dict[str, Fraction] = {}
    try:
        for index in kept:
            known[by_index[index]] = evaluate(trees[index], known)
    except ZeroDivisionError:
        return Unread("division_by_zero")
    if known["ans"] != gold:
        return Unread("rounded", f"{float(known['ans'])} for {gold}")
    texts = _sentences_of(lines, [steps[index] for index in kept])
    return Annotation(
        tuple(
            Step(by_index[index], show(trees[index]), text) for index, text in zip(kept, texts, strict=True)
        )
    )


def _up_to_answer(steps: list[Found], gold: Fraction) -> tuple[list[Found], Fraction]:
    """The steps up to the last that gives the answer, and what its value must be multiplied with (100 for percent)."""
    for scale in (Fraction(1), Fraction(100)):
        for at in range(len(steps), 0, -1):
            if steps[at - 1].calculation.value * scale == gold:
                return steps[:at], scale
    return [], Fraction(1)


def _draft(found: Found) -> Draft:
    calculation, text = found.calculation, found.sentence.text
    assert calculation.tree is not None
    tokens = list(tokenize(text))
    place = next((at for at, token in enumerate(tokens) if token.start >= calculation.place), len(tokens))
    begin = calculation.start if calculation.start < calculation.place else 0
    shown = [token for token in tokens if begin <= token.start < calculation.place]
    words = words_after(tokens, place, 3) | _subject_words(text[: calculation.start])
    return Draft(calculation.tree, calculation.value, words, literal_words(calculation.tree, shown))


def _subject_words(text: str) -> frozenset[str]:
    return frozenset(
        stem(token.text) for token in tokenize(text) if token.kind == "word" and len(token.text) > 3
    )


def _named(draft: Draft, names: dict[int, str]) -> Tree:
    def change(at: int, leaf: Tree) -> Tree:
        return Name(names[draft.links[at]]) if at in draft.links else leaf

    return replace_leaves(draft.tree, change)


def _names(steps: list[Found], people: frozenset[str]) -> list[str]:
    said = [
        said_about(
            item.sentence.text,
            item.calculation.start,
            item.calculation.place,
            item.calculation.end,
            is_sum=_is_sum(item.calculation.tree),
            people=people,
        )
        for item in steps
    ]
    return choose_names(said)


def _is_sum(tree: Tree | None) -> bool:
    return isinstance(tree, Operation) and tree.operator == "+"


def grounded(tree: Tree, numbers: QuestionNumbers) -> Tree:
    """Spell shares by the question's percentages: `0.2` is `20 / 100`, `0.8` after "20% off" is `1 - 20 / 100`."""
    return _tidy_products(replace_leaves(tree, lambda _, leaf: _share(leaf, numbers)))


def _share(leaf: Tree, numbers: QuestionNumbers) -> Tree:
    if not isinstance(leaf, Number):
        return leaf
    value, hundred = leaf.value, Number(Fraction(100))
    if value * 100 in numbers.percents and value != 1:
        return Operation("/", Number(value * 100), hundred)
    if value in numbers.values or value in CONSTANTS:
        return leaf
    for sign, percent in (("-", (1 - value) * 100), ("+", (value - 1) * 100)):
        if percent in numbers.percents:
            return Operation(sign, Number(Fraction(1)), Operation("/", Number(percent), hundred))  # type: ignore[arg-type]
    if 100 - value in numbers.percents:
        return Operation("-", hundred, Number(100 - value))
    if value - 100 in numbers.percents:
        return Operation("+", hundred, Number(value - 100))
    return leaf


def _tidy_products(tree: Tree) -> Tree:
    """`a * .01` is `a / 100`, and `a * (b / 100)` is `a * b / 100`."""
    if not isinstance(tree, Operation):
        return tree
    left, right = _tidy_products(tree.left), _tidy_products(tree.right)
    if tree.operator == "*":
        if right == Number(Fraction(1, 100)) or (
            isinstance(right, Number) and right.value == Fraction(1, 100)
        ):
            return Operation("/", left, Number(Fraction(100)))
        if isinstance(right, Operation) and right.operator == "/":
            return Operation("/", _tidy_products(Operation("*", left, right.left)), right.right)
    return Operation(tree.operator, left, right)


def _sentences_of(lines: list[Sentence], steps: list[Found]) -> list[str]:
    """One text a step: the lines since the step before it; a line with several steps goes to its last."""
    texts: list[str] = []
    since = 0
    for at, item in enumerate(steps):
        if at + 1 < len(steps) and steps[at + 1].line == item.line:
            texts.append("")
            continue
        wanted = {step.line for step in steps}
        mine = [
            line.text
            for number, line in enumerate(lines)
            if since <= number <= item.line and (number in wanted or not line.calculations)
        ]
        texts.append(" ".join(_sentence(text) for text in mine))
        since = item.line + 1
    return texts


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text.rstrip(',;:')}."
