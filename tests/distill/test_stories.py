"""The story generator: every template's arithmetic, its English, the splits and the order of things."""

import ast
import operator
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.overlap import masked_trigrams
from distill import stories
from distill.stories.families.all import TEMPLATES
from distill.stories.telling import Told, tell
from distill.stories.words import HE, SHE
from runtime.answers import format_value
from runtime.errors import InputError

ROOT = Path(__file__).parents[2]
TELLINGS = 50
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


@cache
def told(name: str) -> tuple[Told, ...]:
    [template] = [template for template in TEMPLATES if template.name == name]
    rng = Random(f"test {name}")
    return tuple(tell(template, rng) for _ in range(TELLINGS))


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


NAMES = [template.name for template in TEMPLATES]
everywhere = pytest.mark.parametrize("name", NAMES)


@everywhere
def test_the_steps_lead_to_the_answer(name: str) -> None:
    for story in told(name):
        known = results(story)
        assert list(known)[-1] == "ans"
        assert len(known) == len(story.annotation.steps), "a step's name is used twice"
        assert all(value > 0 for value in known.values())
        assert format_value(known["ans"]) == story.answer


@everywhere
def test_step_names_are_readable_and_every_step_is_used(name: str) -> None:
    for story in told(name):
        steps = story.annotation.steps
        for step in steps:
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", step.name) and len(step.name) <= 48, step.name
        later = " ".join(step.expression for step in steps[1:])
        assert all(re.search(rf"\b{step.name}\b", later) for step in steps[:-1])


@everywhere
def test_each_sentence_works_its_arithmetic_out_truly(name: str) -> None:
    pattern = re.compile(r"((?:\(|\d)[\d. +\-*/()]*) = \$?(\d+(?:\.\d+)?)(?![\d.]*\d)")
    for story in told(name):
        known = results(story)
        for step in story.annotation.steps:
            [(left, right)] = pattern.findall(step.sentence)
            assert value_of(left, {}) == Fraction(right) == known[step.name], step.sentence
            assert (
                step.sentence.endswith(".") and step.sentence[0] in "0123456789$(" + step.sentence[0].upper()
            )


@everywhere
def test_every_literal_is_told_in_the_question_or_known_to_all(name: str) -> None:
    for story in told(name):
        said = numbers_in(story.question) | {Fraction(number) for number in CONSTANTS}
        for step in story.annotation.steps:
            missing = [text for text in literals(step.expression) if Fraction(text) not in said]
            assert not missing, f"{missing} of {step.expression!r} not in {story.question!r}"


@everywhere
def test_every_number_told_in_digits_is_used(name: str) -> None:
    for story in told(name):
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
def test_questions_and_sentences_are_clean_english(name: str) -> None:
    for story in told(name):
        for pattern, blunder in BLUNDERS:
            found = re.search(pattern, story.question)
            assert found is None, f"{blunder}: {found[0]!r} in {story.question!r}"
        assert story.question.endswith("?")
        for step in story.annotation.steps:
            assert not re.search(r"[{}\[\]|]|  |\.\d{3,}|\b[Aa] [aeio](?!ne)|\.\.", step.sentence), (
                step.sentence
            )


@everywhere
def test_solutions_name_only_people_of_the_question(name: str) -> None:
    people = set(f"{SHE} {HE}".split())
    for story in told(name):
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
def test_a_template_is_told_in_many_wordings(name: str) -> None:
    stories_ = told(name)
    assert len({re.sub(r"[\d.,$]+", "#", story.question) for story in stories_}) >= 8, "too little variety"


def test_every_template_has_two_wordings_and_at_most_three_steps() -> None:
    assert all(len(set(template.ask)) >= 2 and len(template.solve) <= 3 for template in TEMPLATES)


def test_names_of_templates_are_unique_and_say_their_story() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in NAMES)


def test_splits_share_no_template_and_hold_about_three_quarters_for_training() -> None:
    split = {kind: {template.name for template in stories.templates(kind)} for kind in stories.SPLITS}
    assert sum(len(names) for names in split.values()) == len(TEMPLATES)
    assert set.union(*split.values()) == set(NAMES)
    assert 0.68 <= len(split["train"]) / len(TEMPLATES) <= 0.82
    assert min(len(split["dev"]), len(split["test"])) >= len(TEMPLATES) / 12


@pytest.mark.parametrize("split", stories.SPLITS)
def test_a_split_tells_only_its_own_templates(split: stories.Split) -> None:
    own = {template.name for template in stories.templates(split)}
    made = list(stories.generate(split, 400, seed=3))
    assert {story.template for story in made} == own
    assert {story.problem.source for story in made} == {f"edgethought:stories/{name}" for name in own}


def test_every_held_out_skill_occurs_in_training_with_another_story() -> None:
    trained = {template.skill for template in stories.templates("train")}
    unseen = {
        template.name: template.skill
        for split in ("dev", "test")
        for template in stories.templates(split)
        if template.skill not in trained
    }
    assert not unseen


def test_held_out_stories_are_no_rewording_of_a_training_story() -> None:
    def trigrams(split: stories.Split) -> dict[str, list[set[str]]]:
        names = [template.name for template in stories.templates(split)]
        return {name: [masked_trigrams(story.question) for story in told(name)[:8]] for name in names}

    trained = [(name, grams) for name, questions in trigrams("train").items() for grams in questions]
    for split in ("dev", "test"):
        for name, questions in trigrams(split).items():
            likeness, twin = max(
                (len(mine & grams) / len(mine | grams), other)
                for other, grams in trained
                for mine in questions
            )
            assert likeness < 0.4, f"{name} reads like {twin}"


def test_problems_are_numbered_licensed_and_never_repeat() -> None:
    made = list(stories.generate("train", 600, seed=1))
    assert [story.problem.id for story in made[:2]] == ["story-train-00000", "story-train-00001"]
    assert len({story.problem.id for story in made}) == len({story.problem.question for story in made}) == 600
    assert {story.problem.licence for story in made} == {"Apache-2.0"}


@pytest.mark.parametrize("split", stories.SPLITS)
def test_templates_are_told_equally_often(split: stories.Split) -> None:
    count = 5 * len(stories.templates(split))
    assert set(Counter(story.template for story in stories.generate(split, count, seed=9)).values()) == {5}


def test_about_a_third_of_the_problems_take_one_step_and_a_third_three() -> None:
    steps = Counter(len(story.annotation.steps) for story in stories.generate("train", 1000, seed=5))
    assert set(steps) == {1, 2, 3}
    assert (
        0.2 <= steps[1] / 1000 <= 0.38 and 0.32 <= steps[2] / 1000 <= 0.5 and 0.2 <= steps[3] / 1000 <= 0.38
    )


def test_all_four_operations_fractions_and_percentages_occur_in_every_split() -> None:
    for split in stories.SPLITS:
        made = list(stories.generate(split, 300, seed=2))
        text = " ".join(step.expression for story in made for step in story.annotation.steps)
        assert all(sign in text for sign in "+-*/")
        assert any("%" in story.problem.question or "percent" in story.problem.question for story in made)
        assert any(re.search(r"half|third|quarter|\d/\d", story.problem.question) for story in made)


SCRIPT = """
from distill import stories
for story in stories.generate("train", 300, seed=42):
    print(story)
"""


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1 and len(outputs.pop()) > 100_000


def test_another_seed_gives_other_problems() -> None:
    first, second = (
        {story.problem.question for story in stories.generate("train", 300, seed=seed)} for seed in (1, 2)
    )
    assert len(first & second) < 10


def test_the_global_random_state_is_left_alone() -> None:
    import random

    before = random.getstate()
    list(stories.generate("dev", 20, seed=0))
    assert random.getstate() == before


def test_a_larger_count_only_adds_problems() -> None:
    few, many = (list(stories.generate("test", count, seed=8)) for count in (30, 60))
    assert many[:30] == few


@pytest.mark.parametrize(
    ("split", "count", "complaint"), [("validation", 5, "train, dev, test"), ("train", -1, "0 or more")]
)
def test_wrong_input_says_what_is_allowed(split: Any, count: int, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        stories.generate(split, count, seed=0)


def test_more_than_the_templates_can_tell_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from distill.stories import generator
    from distill.stories.draws import whole
    from distill.stories.template import Template

    tiny = Template(
        "tiny", "cats_and_dogs", {"cats": whole(2, 4)}, ("There are {cats cat}. How many legs?",),
        (("ans", "cats * 4", "They have {=} legs."),),
    )  # fmt: skip
    monkeypatch.setattr(generator, "TEMPLATES", (tiny,))
    split = stories.split_of("cats_and_dogs")
    assert len(list(stories.generate(split, 3, seed=0))) == 3
    with pytest.raises(InputError, match="at most"):
        list(stories.generate(split, 100, seed=0))
