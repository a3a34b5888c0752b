"""Voters are told of problems long before they are asked, the solver reads all they say, and votes keep their order."""

from fractions import Fraction
from pathlib import Path

from distill.recipes.agree.polling import polls
from distill.recipes.agree.samples_file import SamplesFile
from runtime.solver.solver import Solver
from runtime.values.files import write_jsonl
from runtime.values.rationale import Declined
from tests.distill.recipes.agree.voters import TableVoter, question

SAID = {
    "q1": {"pot": ["ans = 1 + 2", "ans = 1 / 0"], "eot": ["ans = 3", None]},
    "q2": {"pot": ["ans = 5", "a = 2\nans = a + 3"], "eot": ["ans = x", "ans = 5"]},
    "q3": {"pot": ["ans = 1 / 3"], "eot": ["3 * ans = 1"]},
}


def test_every_sample_votes_by_its_exact_value(solver: Solver) -> None:
    voter = TableVoter(SAID)
    found = list(polls([question(1), question(2), question(3)], [voter], ("pot", "eot"), solver))
    assert [one.problem.id for one in found] == ["q1", "q2", "q3"]
    assert [one.majority for one in found] == [3, 5, Fraction(1, 3)]
    assert [one.agreeing for one in found] == [2, 3, 2]
    first = found[0]
    assert [bool(vote.reason) for vote in first.votes] == [False, True, False, True]
    assert isinstance(first.votes[3].sample, Declined) and len(first.votes) == 4


def test_who_is_not_admitted_is_not_asked_about(solver: Solver) -> None:
    voter = TableVoter(SAID)
    problems = [question(1), question(2)]
    found = list(polls(problems, [voter], ("pot",), solver, admits=lambda one: one.id == "q2"))
    assert voter.begun == ["q2"] and [len(one.votes) for one in found] == [0, 2]


def test_problems_are_begun_as_early_as_voters_want(solver: Solver) -> None:
    voter = TableVoter({f"q{n}": {"pot": ["ans = 1"], "eot": ["ans = 1"]} for n in range(50)}, ahead=20)
    stream = polls(map(question, range(50)), [voter], ("pot", "eot"), solver)
    next(stream)
    assert 10 < len(voter.begun) < 30
    assert len(list(stream)) == 49 and len(voter.begun) == 50


def test_several_voters_count_alike(solver: Solver) -> None:
    voters = [TableVoter(SAID, "a"), TableVoter({"q1": {"pot": ["ans = 4", "ans = 4"]}}, "b")]
    (found,) = polls([question(1)], voters, ("pot", "eot"), solver)
    assert (
        len(found.votes) == 6 and found.majority is None and found.told().startswith("3: 2, failed: 2, 4: 2")
    )


def test_a_students_samples_vote_as_they_were_written(solver: Solver, tmp_path: Path) -> None:
    rows = [
        {"id": "q1", "question": question(1).question, "thought": thought, "text": text}
        for thought, text in [("pot", "ans = 3"), ("pot", "ans = 4"), ("pot", "ans = 5"), ("cot", "It is 3.")]
    ]
    write_jsonl(tmp_path / "samples.jsonl", rows)
    voter = SamplesFile(tmp_path / "samples.jsonl", "student", "Apache-2.0", 2)
    (found,) = polls([question(1)], [voter], ("pot", "eot"), solver)
    assert [vote.value for vote in found.votes] == [3, 4, None, None]
    assert [vote.reason for vote in found.votes[2:]] == ["no_reply", "no_reply"]
