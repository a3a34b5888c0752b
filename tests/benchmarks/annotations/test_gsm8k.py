"""Written solutions become linked, named steps; what cannot be read is left out with its reason."""

import pytest

from benchmarks.annotations.annotation import Annotation, ParseFailure
from benchmarks.annotations.gsm8k import read_gsm8k
from runtime.values.problem import Problem


def steps(question: str, solution: str, answer: str) -> list[str]:
    """The annotation as lines `name = expression`, or the reason there is none."""
    reading = read_gsm8k(Problem("p", question, answer, solution))
    if isinstance(reading, ParseFailure):
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
    "a number said again with the question's noun is the question's": (
        "A shop asked $30 for each of its lamps and took in $150. Its 45 lamp bases have 5 holes each. "
        "How many lamp bases have no lamp?",
        "At $30 a lamp the shop sold 150/30 = <<150/30=5>>5 lamps.\n"
        "There are 45 bases, 45-5 = <<45-5=40>>40 of them without any of the 5 lamps.",
        "40",
        ["lamps = 150 / 30", "ans = 45 - lamps"],
    ),
    "a number said again with another noun is not the earlier result": (
        "A hall charged $8 a guest and took in $80. It holds 320 chair legs, and every bench has 10 chair legs. "
        "How many benches are free if every guest takes one?",
        "The hall had 80/8 = <<80/8=10>>10 guests.\n"
        "Every bench has 10 chair legs, so there are 320/10 = <<320/10=32>>32 benches.\n"
        "So 32-10 = <<32-10=22>>22 benches are free.",
        "22",
        ["guests = 80 / 8", "benches = 320 / 10", "ans = benches - guests"],
    ),
    "currency signs tell a price from a count": (
        "Tea costs $9 and juice a third of it. Eva buys 3 juices. What does Eva pay for the juice?",
        "A juice costs $9/3 = $<<9/3=3>>3.\nEva pays $3 * 3 = $<<3*3=9>>9 for 3 juices.",
        "9",
        ["juice_cost = 9 / 3", "ans = juice_cost * 3"],
    ),
    "steps beside each other do not rest on each other": (
        "On Monday 4 girls and 5 boys came, on Tuesday 6 girls and 9 boys. How many came in all?",
        "On Monday 4+5 = <<4+5=9>>9 children came.\nOn Tuesday 6+9 = <<6+9=15>>15 children came.\n"
        "In all 9+15 = <<9+15=24>>24 children came.",
        "24",
        ["monday_children = 4 + 5", "tuesday_children = 6 + 9", "ans = monday_children + tuesday_children"],
    ),
    "a calculation that goes on in the same way does": (
        "A tower has 20 bricks in its lowest row, and each of the 3 rows has 6 fewer than the one below. "
        "The top row is painted with 8 dots a brick. How many dots is that?",
        "The second row has 20-6 = <<20-6=14>>14 bricks.\nThe third row has 14-6 = <<14-6=8>>8 bricks.\n"
        "So there are 8*8 = <<8*8=64>>64 dots.",
        "64",
        [
            "second_row_bricks = 20 - 6",
            "third_row_bricks = second_row_bricks - 6",
            "ans = third_row_bricks * 8",
        ],
    ),
    "minutes of an hour are no earlier result": (
        "Every lap takes 45 minutes and 15 minutes of rest. Jo does 4 laps with rests. How many hours is that?",
        "A lap with its rest takes 45+15 = <<45+15=60>>60 minutes.\nJo needs 4*60 = <<4*60=240>>240 minutes.\n"
        "That is 240/60 = <<240/60=4>>4 hours.",
        "4",
        ["lap_minutes = 45 + 15", "jo_minutes = 4 * lap_minutes", "ans = jo_minutes / 60"],
    ),
    "cents per page are divided by the pages": (
        "Ann gets 2 pads of 50 pages for $4. How many cents is each page?",
        "There are 2*50 = <<2*50=100>>100 pages.\nThey cost 4*100 = <<4*100=400>>400 cents.\n"
        "That is 400/100 = <<400/100=4>>4 cents per page.",
        "4",
        ["pages = 2 * 50", "cost = 4 * 100", "ans = cost / pages"],
    ),
    "equal results are each used once, in their order": (
        "Ten boys bring 3 balls each, 15 girls bring 2 balls each. How many balls are there?",
        "The boys bring 10*3 = <<10*3=30>>30 balls.\nThe girls bring 15*2 = <<15*2=30>>30 balls.\n"
        "There are 30+30 = <<30+30=60>>60 balls.",
        "60",
        ["boy_balls = 10 * 3", "girl_balls = 15 * 2", "ans = boy_balls + girl_balls"],
    ),
    "one result may be added to itself": (
        "Pat cuts a board of 12 feet into two equal planks, then joins two of them. How many feet is that?",
        "A plank is 12/2 = <<12/2=6>>6 feet.\nTwo planks are 6+6 = <<6+6=12>>12 feet.",
        "12",
        ["plank_feet = 12 / 2", "ans = plank_feet + plank_feet"],
    ),
    "a last step is not made up for an answer that the solution does not print": (
        "Ida sells 6 hats at $4 and keeps 2 hats. How much does she take in?",
        "Ida takes in 6*4 = $<<6*4=24>>24.",
        "22",
        ["answer_not_computed"],
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
    assert read_gsm8k(Problem("p", "How many?", "4")) == ParseFailure("no_annotation")
    assert read_gsm8k(Problem("p", "How many?", None, "1+1=<<1+1=2>>2")) == ParseFailure("no_annotation")
