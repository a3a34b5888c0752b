"""Written solutions become linked, named steps; what cannot be read is left out with its reason."""

import pytest

from distill.annotation import Annotation
from distill.annotations.gsm8k import read_gsm8k
from distill.annotations.unread import Unread
from runtime.problem import Problem


def steps(question: str, solution: str, answer: str) -> list[str]:
    """The annotation as lines `name = expression`, or the reason there is none."""
    reading = read_gsm8k(Problem("p", question, answer, solution))
    if isinstance(reading, Unread):
        return [reading.reason]
    return [f"{step.name} = {step.expression}" for step in reading.steps]


CASES = {
    "a result is used by its name": (
        "Nora sold 40 tins in March and half as many in June. How many tins did Nora sell in all?",
        "Nora sold 40/2 = <<40/2=20>>20 tins in June.\nShe sold 40+20 = <<40+20=60>>60 tins in all.",
        "60",
        ["june_tins = 40 / 2", "ans = 40 + june_tins"],
    ),
    "a rounded result is linked and so becomes exact": (
        "3 friends share $100. Each buys 6 pens with it. How much is spent by 3 of them for one pen each?",
        "Each has 100/3 = $<<100/3=33.33>>33.33.\nA pen costs 33.33/6 = <<33.33/6=5.56>>5.56 dollars.\n"
        "That is 5.56*6*3 = <<5.56*6*3=100>>100 dollars.",
        "100",
        ["money = 100 / 3", "pen_cost = money / 6", "ans = pen_cost * 6 * 3"],
    ),
    "steps that do not lead to the answer are left out": (
        "Ben has 4 red kites and 5 blue kites. How many red wheels do his kites have with 3 wheels each?",
        "Ben has 5*3 = <<5*3=15>>15 blue wheels.\nBen has 4*3 = <<4*3=12>>12 red wheels.",
        "12",
        ["ans = 4 * 3"],
    ),
    "an unmarked last step is read from its words": (
        "A box holds 12 eggs. Mia fills 3 boxes and breaks 5 eggs. How many eggs are left?",
        "Mia packs 12*3 = <<12*3=36>>36 eggs.\nSo there are 36 eggs - 5 eggs = 31 eggs left.",
        "31",
        ["eggs = 12 * 3", "ans = eggs - 5"],
    ),
    "a mark that holds only its result is read from the words": (
        "A pump moves 30 liters a minute. How many liters does it move in 8 minutes?",
        "It moves 30 liters x 8 minutes = <<240=240>>240 liters.",
        "240",
        ["ans = 30 * 8"],
    ),
    "a share is spelled by the question's percentage": (
        "A coat costs $80 and is 25% off. What does it cost now?",
        "The coat costs 80*.75 = $<<80*.75=60>>60.",
        "60",
        ["ans = 80 * (1 - 25 / 100)"],
    ),
    "a percentage that is asked for is multiplied out": (
        "Of 40 birds 10 fly away. What percentage flies away?",
        "That is 10/40 = <<10/40=0.25>>0.25 of the birds.",
        "25",
        ["ans = 10 / 40 * 100"],
    ),
    "an unknown is solved for with the question's own numbers": (
        "Ann and Bo have 42 shells. Ann has 5 times as many as Bo. How many shells has Ann?",
        "Let b be the number of shells Bo has. Then 5b + b = 42\n6b = 42\nb = 7\nAnn has 7*5 = <<7*5=35>>35 shells.",
        "35",
        ["bo_shells = 42 / (5 + 1)", "ans = bo_shells * 5"],
    ),
    "the same literal in steps of one shape stays the question's": (
        "In 4 weeks Al swims 16 times and Jo swims 24 times. How many more times a week does Jo swim?",
        "Al swims 16/4 = <<16/4=4>>4 times a week.\nJo swims 24/4 = <<24/4=6>>6 times a week.\n"
        "Jo swims 6-4 = <<6-4=2>>2 more times a week.",
        "2",
        ["al_per_week = 16 / 4", "jo_per_week = 24 / 4", "ans = jo_per_week - al_per_week"],
    ),
    "a number from nowhere is refused": (
        "A farm has 20 cows. How many litres of milk do they give?",
        "The cows give 20*37 = <<20*37=740>>740 litres.",
        "740",
        ["unexplained_number"],
    ),
    "a solution that computes something else is refused": (
        "Kai has 20 cards and loses 3. How many cards are there?",
        "Kai has 20-3 = <<20-3=17>>17 cards.",
        "99",
        ["answer_not_computed"],
    ),
    "a solution without any calculation is refused": (
        "How many legs has a cat?",
        "Cats have four.",
        "4",
        ["no_calculation"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_written_solutions(case: tuple[str, str, str, list[str]]) -> None:
    question, solution, answer, expected = case
    assert steps(question, f"{solution}\n#### {answer}", answer) == expected


def test_sentences_lose_their_marks_and_keep_their_order() -> None:
    question = "Nora sold 40 tins in March and half as many in June. How many in all?"
    solution = "June: 40/2 = <<40/2=20>>20 tins\nIt was hot.\nIn all 40+20 = <<40+20=60>>60\n#### 60"
    reading = read_gsm8k(Problem("p", question, "60", solution))
    assert isinstance(reading, Annotation)
    assert [step.sentence for step in reading.steps] == [
        "June: 40/2 = 20 tins.",
        "It was hot. In all 40+20 = 60.",
    ]


def test_a_problem_without_solution_or_gold_is_unread() -> None:
    assert read_gsm8k(Problem("p", "How many?", "4")) == Unread("no_annotation")
    assert read_gsm8k(Problem("p", "How many?", None, "1+1=<<1+1=2>>2")) == Unread("no_annotation")
