"""pass@k is the unbiased estimate, vote@k what a majority of k samples reaches."""

from dataclasses import replace
from itertools import combinations
from statistics import fmean

import pytest

from benchmarks.scoring.attempts import attempts_of
from benchmarks.scoring.samples import Sample
from runtime.values.errors import InputError
from tests.benchmarks.fakes import model_right_on, scored

(PLAIN,) = scored("a", model_right_on(1), n=1).samples


def voted(votes: dict[str, int], question: str = "What is it?") -> Sample:
    return replace(PLAIN, votes=votes, gold="1", question=question)


def test_pass_at_k_counts_sets_with_a_right_one() -> None:
    found = attempts_of([voted({"1": 2, "7": 1})], drawn=4)
    assert found is not None and found.drawn == 4
    sets = {k: list(combinations([True, True, False, False], k)) for k in (1, 2, 4)}
    assert found.pass_at == pytest.approx({k: fmean(map(any, sets[k])) for k in sets})


@pytest.mark.parametrize(
    ("votes", "drawn", "share"),
    [
        ({"1": 3, "7": 1}, 4, 1.0),
        ({"1": 1, "7": 3}, 4, 0.0),
        ({"1": 2, "7": 2}, 4, 0.5),
        ({"1": 1}, 4, 1.0),
        ({"7": 2}, 4, 0.0),
    ],
)
def test_a_vote_of_all_samples_is_a_plain_majority(votes: dict[str, int], drawn: int, share: float) -> None:
    found = attempts_of([voted(votes)], drawn)
    assert found is not None and found.vote_at[drawn] == share


def test_a_vote_of_one_is_one_sample_and_an_unsolved_question_counts() -> None:
    failed = replace(PLAIN, status="bad_syntax", value=None, correct=False, votes={})
    found = attempts_of([voted({"1": 2, "7": 2}), failed], drawn=4)
    assert found is not None and found.n == 2
    assert found.pass_at[1] == found.vote_at[1] == 0.25


def test_a_vote_is_read_as_its_question_asks() -> None:
    found = attempts_of([voted({"-1": 4}, "How many apples are left?")], drawn=4)
    assert found is not None and found.pass_at[1] == 1.0


def test_without_votes_there_is_nothing_and_more_votes_than_samples_are_refused() -> None:
    assert attempts_of([PLAIN], drawn=4) is None
    with pytest.raises(InputError, match="5 votes of 4 samples; expected"):
        attempts_of([voted({"1": 5})], drawn=4)
