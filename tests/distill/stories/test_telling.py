"""What the stories say: every template's arithmetic, its numbers and its English, told many times over."""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from distill.stories import families
from distill.stories.families import TEMPLATES
from distill.stories.telling import Told, tell
from distill.stories.template import Template
from distill.stories.words import HE, SHE
from runtime.values.answers import format_value

ROOT = Path(__file__).parents[3]
TELLINGS = 30
# Numbers that a person knows without being told.
CONSTANTS = {1, 2, 4, 7, 12, 24, 60, 100}
OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: value for value, word in enumerate(SMALL.split())}
WORDS |= {word: 10 * place for place, word in enumerate(TENS.split()) if place > 1}
WORDS |= {"twice": 2, "double": 2, "half": 2, "a": 1, "an": 1, "dozen": 12, "triple": 3}
WORDS |= {
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
    "sixth": 6,
    "sixths": 6,
}
WORDS |= {"eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10}


def told(template: Template) -> list[Told]:
    rng = Random(f"test {template.name}")
    return [tell(template, rng) for _ in range(TELLINGS)]


@cache
def told_by_template(family: str) -> dict[str, list[Told]]:
    return {template.name: told(template) for template in FAMILIES[family]}


def stories_of(family: str) -> Iterator[Told]:
    return chain.from_iterable(told_by_template(family).values())


def value_of(text: str, known: dict[str, Fraction]) -> Fraction:
    def walk(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int() | float()):
                return Fraction(ast.get_source_segment(text, node) or "")
            case ast.Name(id=name):
                return known[name]
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](walk(left), walk(right))
        raise AssertionError(f"not arithmetic: {ast.dump(node)}")

    return walk(ast.parse(text, mode="eval").body)


def results(story: Told) -> dict[str, Fraction]:
    known: dict[str, Fraction] = {}
    for step in story.annotation.steps:
        known[step.name] = value_of(step.expression, known)
    return known


def literals(expression: str) -> list[str]:
    return re.findall(r"(?<![\w.])\d+(?:\.\d+)?", expression)


def numbers_in(question: str) -> set[Fraction]:
    found = {Fraction(text.replace(",", "")) for text in re.findall(r"\d[\d,]*(?:\.\d+)?(?<!,)", question)}
    words = re.findall(r"[a-z]+", question.lower())
    found |= {Fraction(WORDS[word]) for word in words if word in WORDS}
    found |= {Fraction(24)} if "two dozen" in question.lower() else set()
    return found | {
        Fraction(WORDS[tens] + WORDS[ones])
        for tens, ones in re.findall(r"\b([a-z]+ty)-([a-z]+)\b", question.lower())
        if tens in WORDS and ones in WORDS
    }


FAMILIES = {name.lower(): made for name, made in vars(families).items() if name.isupper()}
everywhere = pytest.mark.parametrize("family", sorted(FAMILIES.keys() - {"templates"}))


@everywhere
def test_the_steps_lead_to_the_answer(family: str) -> None:
    for story in stories_of(family):
        known = results(story)
        assert list(known)[-1] == "ans"
        assert len(known) == len(story.annotation.steps), "a step's name is used twice"
        assert all(value > 0 for value in known.values())
        assert format_value(known["ans"]) == story.answer


@everywhere
def test_step_names_are_readable_and_every_step_is_used(family: str) -> None:
    for story in stories_of(family):
        steps = story.annotation.steps
        for step in steps:
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", step.name) and len(step.name) <= 48, step.name
        later = " ".join(step.expression for step in steps[1:])
        assert all(re.search(rf"\b{step.name}\b", later) for step in steps[:-1])


@everywhere
def test_each_sentence_works_its_arithmetic_out_truly(family: str) -> None:
    pattern = re.compile(r"((?:\(|\d)[\d. +\-*/()]*) = \$?(\d+(?:\.\d+)?)(?![\d.]*\d)")
    for story in stories_of(family):
        known = results(story)
        for step in story.annotation.steps:
            [(left, right)] = pattern.findall(step.sentence)
            assert value_of(left, {}) == Fraction(right) == known[step.name], step.sentence
            assert (
                step.sentence.endswith(".") and step.sentence[0] in "0123456789$(" + step.sentence[0].upper()
            )


@everywhere
def test_every_literal_is_told_in_the_question_or_known_to_all(family: str) -> None:
    for story in stories_of(family):
        said = numbers_in(story.question) | {Fraction(number) for number in CONSTANTS}
        for step in story.annotation.steps:
            missing = [text for text in literals(step.expression) if Fraction(text) not in said]
            assert not missing, f"{missing} of {step.expression!r} not in {story.question!r}"


@everywhere
def test_every_number_told_in_digits_is_used(family: str) -> None:
    for story in stories_of(family):
        used = {Fraction(text) for step in story.annotation.steps for text in literals(step.expression)}
        # The 1 of 1/3 may go: a third of something is divided by 3.
        digits = re.findall(r"(?!1/)\d[\d,]*(?:\.\d+)?(?<!,)", story.question)
        unused = [text for text in digits if Fraction(text.replace(",", "")) not in used]
        assert not unused, f"{unused} not used: {story.question}"


BLUNDERS = [
    (r"[{}\[\]|=]", "an unfilled slot"),
    (r"  |^ | $", "stray white space"),
    (r"\b[Aa] [aeiouAEIOU](?!ne\b|ni|se)", "a before a vowel"),
    (r"\b[Aa] (\$?8|\$?1[18]\b|hour)", "a before a number that starts with a vowel"),
    (r"\b[Aa]n (?![aeiouAEIOU]|\$?8|\$?1[18]|hour)", "an before a consonant"),
    (
        r"(?<![\d./-])\b(1|one|One) (?!tennis\b|bus\b|(?:cost|give|make|weigh)s\b)\w+[^s]s\b",
        "one of many",
    ),
    (
        r"\b(?!1 )\d+ (person|child|box|friend|hour|day|week|minute|mile|page|year|dollar)\b(?!-)",
        "many of one",
    ),
    (r"[.?!] [a-z]|^[a-z]", "no capital"),
    (r"\.\d{3,}|\d\.0\b", "float noise"),
    (r"\$\d+\.\d(?!\d)", "one decimal of money"),
    (r"\b(the|The|all|his|her|each|every|another|these) (a|two) dozen\b", "the a dozen"),
    (r"\b(\w+) \1\b", "a word twice"),
    (r"\s[.,?!]|\.\.|,,", "stray punctuation"),
    (r"\$ |\$[a-z]", "a dollar sign without its number"),
    (
        r"\b(childs|persons|mans|womans|shelfs|loafs|leafs|calfs|sheeps|tomatos|potatos|knifes|halfs)\b",
        "plural",
    ),
    (r"\b(half|third|quarter)s? of of\b|\bof of\b", "of twice"),
]


@everywhere
def test_questions_and_sentences_are_clean_english(family: str) -> None:
    for story in stories_of(family):
        for pattern, blunder in BLUNDERS:
            found = re.search(pattern, story.question)
            assert found is None, f"{blunder}: {found[0]!r} in {story.question!r}"
        assert story.question.endswith("?")
        for step in story.annotation.steps:
            assert not re.search(r"[{}\[\]|]|  |\.\d{3,}|\b[Aa] [aeio](?!ne)|\.\.", step.sentence), (
                step.sentence
            )


@everywhere
def test_solutions_name_only_people_of_the_question(family: str) -> None:
    people = set(f"{SHE} {HE}".split())
    for story in stories_of(family):
        for step in story.annotation.steps:
            strangers = people.intersection(re.findall(r"[A-Z][a-z]+", step.sentence)) - set(
                re.findall(r"[A-Z][a-z]+", story.question)
            )
            assert not strangers, f"{step.sentence!r} for {story.question!r}"
            pronoun = re.match(r"(She|He)\b", step.sentence)
            assert pronoun is None or people.intersection(re.findall(r"[A-Z][a-z]+", story.question)), (
                story.question
            )


@everywhere
def test_a_template_is_told_in_many_wordings(family: str) -> None:
    for name, stories_ in told_by_template(family).items():
        wordings = {re.sub(r"[\d.,$]+", "#", story.question) for story in stories_}
        assert len(wordings) >= 8, f"too little variety of {name}"


def test_the_families_hold_every_template() -> None:
    made = [template for name, family in FAMILIES.items() if name != "templates" for template in family]
    assert len(made) == len(TEMPLATES) and {id(template) for template in made} == set(map(id, TEMPLATES))


def test_every_template_has_two_wordings_and_at_most_three_steps() -> None:
    assert all(len(set(template.ask)) >= 2 and len(template.solve) <= 3 for template in TEMPLATES)
