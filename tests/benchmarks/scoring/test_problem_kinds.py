"""Steps and operations are read from gold workings of all our data sets' forms."""

import pytest

from benchmarks.scoring.problem_kinds import groups_of, operators
from runtime.values.problem import Problem
from tests.benchmarks.fakes import model_right_on, problems, scored


@pytest.mark.parametrize(
    ("solution", "equation", "signs"),
    [
        ("16 - 3 - 4 = <<16-3-4=9>>9, 9 * 2 = $<<9*2=18>>18\n#### 18", None, "--*"),
        ("<<20*.01=.2>>", None, "*"),
        ("<<50/100*40=20>>", None, "/*"),
        (None, "( 76.0 - 25.0 )", "-"),
        (None, "X=((32.0+42.0)-35.0)", "+-"),
        (None, "7+2=9", "+"),
        (None, "(52.0*hours)+(58.0*hours)=385.0", "*+*"),
        (None, "x = 5 * -3", "*"),
        (None, "x = -3", None),
        (None, "2**3", "*"),
        ("a sentence - with a dash", None, None),
        (None, None, None),
    ],
)
def test_operators_of_a_gold_working(solution: str | None, equation: str | None, signs: str | None) -> None:
    found = operators(Problem("p", "?", "1", solution=solution, equation=equation))
    assert found == (None if signs is None else list(signs))


def test_groups_count_each_kind_of_problem() -> None:
    samples = scored("a", model_right_on(2), n=4).samples
    asked = [
        Problem(problem.id, problem.question, problem.answer, equation=equation)
        for problem, equation in zip(problems(4), ("0+1", "1+1-1", None, "3*4+1"), strict=True)
    ]
    found = {(group.by, group.name): (group.correct, group.n) for group in groups_of(samples, asked)}
    assert found == {
        ("steps", "1"): (1, 1),
        ("steps", "2"): (1, 2),
        ("operation", "addition"): (2, 3),
        ("operation", "subtraction"): (1, 1),
        ("operation", "multiplication"): (0, 1),
        ("words", "1 to 25"): (2, 4),
    }
