"""GSM8K's written solutions -> Annotation: `48/2 = <<48/2=24>>24 clips in May` becomes `clips_may = 48 / 2`."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from benchmarks.annotations.annotation import Annotation, ParseFailure, Step
from benchmarks.annotations.evidence import PERCENT, Draft, Told
from benchmarks.annotations.explain import explain, last_step, loose_results
from benchmarks.annotations.grounding import grounded, unexplained
from benchmarks.annotations.linking import link, needed
from benchmarks.annotations.steps import Found, computed, up_to_answer, with_algebra
from benchmarks.annotations.text.arithmetic import (
    CURRENCY,
    Name,
    Number,
    Operation,
    Token,
    Tree,
    evaluate,
    literals,
    replace_leaves,
    show,
    tokenize,
)
from benchmarks.annotations.text.mentions import (
    NOTHING,
    following,
    literal_mentions,
    mention_at,
    question_mentions,
    said,
)
from benchmarks.annotations.text.naming import CURRENCIES, choose_names
from benchmarks.annotations.text.numbers import QuestionNumbers, told_numbers
from benchmarks.annotations.text.phrases import Said, proper_names, said_about
from benchmarks.annotations.text.prose import Calculation, Sentence, sentences
from benchmarks.annotations.text.words import CLOSED
from runtime.values.answers import parse_answer
from runtime.values.problem import Problem

ONE = Fraction(1)


def read_gsm8k(problem: Problem) -> Annotation | ParseFailure:
    """The annotation of a problem with a GSM8K solution, or why there is none."""
    if problem.solution is None or problem.answer is None:
        return ParseFailure("no_annotation")
    lines = list(sentences(problem.solution))
    gold = parse_answer(problem.answer)
    question = list(tokenize(problem.question))
    told = Told(told_numbers(question), question_mentions(problem.question, question))
    people = proper_names([question, *(line.tokens for line in lines)])
    first: ParseFailure | None = None
    for steps, scale in _readings(lines, gold, told.numbers):
        reading = _annotation(lines, steps, scale, gold, told, people)
        if isinstance(reading, Annotation):
            return reading
        first = first or reading
    return first or ParseFailure("answer_not_computed" if computed(lines) else "no_calculation")


def _readings(
    lines: list[Sentence], gold: Fraction, numbers: QuestionNumbers
) -> Iterator[tuple[list[Found], Fraction]]:
    """Ways to read the solution that reach the answer: unknowns solved for, then its own calculations alone."""
    before: list[Found] | None = None
    for read in (with_algebra, computed):
        steps = read(lines)
        if steps == before:
            return
        before = steps
        reached, scale = up_to_answer(steps, gold)
        if reached:
            yield reached, scale
        elif steps:
            completed = _completed(lines, steps, gold, numbers)
            if completed:
                yield completed, ONE


def _completed(
    lines: list[Sentence], steps: list[Found], gold: Fraction, numbers: QuestionNumbers
) -> list[Found]:
    """The steps with the last one added that the solution does not spell out but whose result it prints.

    Where it prints another result, the gold answer is not what the steps lead to, and nothing is made up.
    """
    if not any(token.kind == "number" and token.value == gold for line in lines for token in line.tokens):
        return []
    drafts = [_draft(item) for item in steps]
    tree = last_step(gold, loose_results(drafts, len(drafts)), [told for told in numbers.values if told >= 2])
    if tree is None:
        return []
    end = len(lines[-1].text)
    return [*steps, Found(len(lines) - 1, lines[-1], Calculation(tree, gold, end, end, end))]


def _annotation(
    lines: list[Sentence],
    steps: list[Found],
    scale: Fraction,
    gold: Fraction,
    told: Told,
    people: frozenset[str],
) -> Annotation | ParseFailure:
    """Explain, link, prune and name the steps, and check what they compute."""
    drafts = [_draft(item) for item in steps]
    explain(drafts, told.numbers)
    link(drafts, told)
    kept = needed(drafts)
    names = [*choose_names([_said(steps[index], people) for index in kept[:-1]]), "ans"]
    by_index = dict(zip(kept, names, strict=True))
    trees = [grounded(_named(drafts[index], by_index), told.numbers) for index in kept]
    if scale != 1:
        trees[-1] = Operation("*", trees[-1], Number(scale))
    wrong = _fault(trees, names, gold, told.numbers)
    if wrong is not None:
        return wrong
    texts = _sentences_of(lines, [steps[index] for index in kept])
    return Annotation(
        tuple(Step(name, show(tree), text) for name, tree, text in zip(names, trees, texts, strict=True))
    )


def _fault(
    trees: list[Tree], names: list[str], gold: Fraction, numbers: QuestionNumbers
) -> ParseFailure | None:
    """Why the steps may not be used: a number from nowhere, or another value than the answer."""
    values = [value for tree in trees for value in literals(tree)]
    bare = unexplained(values, numbers)
    if bare is not None:
        return bare
    if len(numbers.digits) > 1 and numbers.digits.isdisjoint(values):
        return ParseFailure("unexplained_number", "no literal is of the question")
    known: dict[str, Fraction] = {}
    try:
        for name, tree in zip(names, trees, strict=True):
            known[name] = evaluate(tree, known)
    except ZeroDivisionError:
        return ParseFailure("division_by_zero")
    if known["ans"] != gold:
        return ParseFailure("rounded", f"{float(known['ans'])} for {gold}")
    return None


def _draft(found: Found) -> Draft:
    calculation, sentence = found.calculation, found.sentence
    text, tokens = sentence.text, sentence.tokens
    assert calculation.tree is not None
    place = next((at for at, token in enumerate(tokens) if token.start >= calculation.place), len(tokens))
    begin = calculation.start if calculation.start < calculation.place else 0
    shown = [token for token in tokens if begin <= token.start < calculation.place]
    outside = [
        at
        for at, token in enumerate(tokens)
        if token.kind == "number" and not calculation.start <= token.start < calculation.end
    ]
    subject = [token for token in tokens if token.end <= calculation.start]
    is_percent = any(token.kind == "%" for token in tokens[place + 1 : place + 2])
    return Draft(
        calculation.tree,
        calculation.value,
        counts=said(following(tokens, place)) | (PERCENT if is_percent else NOTHING),
        topic=said(subject) | said(found.defined),
        money=_is_money(found, tokens[place:]),
        mentions=literal_mentions(text, calculation.tree, shown),
        restated={tokens[at].value: mention_at(text, tokens, at) for at in outside},
        per=_counted_by(tokens[place + 1 : place + 8]),
        span=(found.line, calculation.start, calculation.place),
    )


def _is_money(found: Found, tokens: Sequence[Token]) -> bool:
    """Whether the result, or the same number before its expression, carries a currency sign or is called dollars."""
    calculation, text = found.calculation, found.sentence.text
    before = [
        token
        for token in found.sentence.tokens
        if token.value == calculation.value and token.kind == "number"
    ]
    signs = any(text[max(token.start - 1, 0)] in CURRENCY for token in (*tokens[:1], *before))
    return signs or any(token.text.lower() in CURRENCIES for token in tokens[1:3])


def _counted_by(tokens: Sequence[Token]) -> frozenset[str]:
    """`page` of `5 cents per page`."""
    return said([after for word, after in pairwise(tokens) if word.text.lower() in ("per", "each", "/")])


def _named(draft: Draft, names: dict[int, str]) -> Tree:
    def change(at: int, leaf: Tree) -> Tree:
        return Name(names[draft.links[at]]) if at in draft.links else leaf

    return replace_leaves(draft.tree, change)


def _said(item: Found, people: frozenset[str]) -> Said:
    text, calculation = item.sentence.text, item.calculation
    if item.defined:
        return said_about(item.defined, -1, 0, currency=False, is_sum=False, people=people)
    currency = any(sign in text[max(calculation.place - 2, 0) : calculation.place + 1] for sign in "$£€")
    currency = currency or _is_money_in_all_but_sign(item)
    return said_about(
        item.sentence.tokens,
        calculation.start,
        calculation.end,
        currency=currency,
        is_sum=_last_operator(calculation.tree) == "+",
        is_difference=_last_operator(calculation.tree) == "-",
        people=people,
    )


def _last_operator(tree: Tree | None) -> str:
    return tree.operator if isinstance(tree, Operation) else ""


def _is_money_in_all_but_sign(item: Found) -> bool:
    """`$5 * 6 = 30 in a week`: a sum of money is multiplied or added to, and no noun follows the result."""
    calculation, sentence = item.calculation, item.sentence
    signs = any(sign in sentence.text[max(calculation.start - 1, 0) : calculation.place] for sign in CURRENCY)
    after = next((token for token in sentence.tokens if token.start >= calculation.end), None)
    plain = after is None or after.kind != "word" or after.text.lower() in CLOSED
    return signs and plain and _last_operator(calculation.tree) in ("*", "+", "-")


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
