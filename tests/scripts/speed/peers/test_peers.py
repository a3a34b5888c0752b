"""The peers' driver: who is asked what and when, what is counted, and what happens when a peer dies."""

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from runtime.solver.solver import Solver
from runtime.values.errors import WorkFailed
from scripts.speed.peers import __main__ as driver
from scripts.speed.peers.client import peers as opened
from scripts.speed.peers.rivals import Reply, Request
from tests.runtime.fake_engine import fake_manifest

NAMES = [driver.OURS, driver.LOOP, driver.RIVAL, driver.BARE]


class FakePeer:
    """Answers in a known time and notes when it was asked."""

    def __init__(self, name: str, ms: float, calls: list[tuple[str, str]]) -> None:
        self.name, self._ms, self._calls = name, ms, calls

    def ask(self, row: dict[str, Any]) -> dict[str, Any]:
        request = Request(**row)
        self._calls.append((self.name, request.question))
        if request.questions:
            return asdict(Reply(json.dumps([f"ans = {len(one)}" for one in request.questions]), 8, 3_000.0))
        times = 4 if request.samples > 1 else 1
        return asdict(Reply(f"ans = {len(request.question)}\nand more", 5, self._ms * times, self._ms / 2))


@pytest.fixture
def asked() -> tuple[list[Request], dict[str, Any], list[tuple[str, str]]]:
    calls: list[tuple[str, str]] = []
    times = {driver.OURS: 100.0, driver.LOOP: 98.0, driver.RIVAL: 150.0, driver.BARE: 97.0}
    peers = {name: FakePeer(name, times[name], calls) for name in NAMES}
    return [Request(f"question {number}", (1, 2), (0,), 64) for number in range(100)], peers, calls


def test_every_question_goes_to_every_peer_and_nobody_always_follows_the_same(asked: Any) -> None:
    requests, peers, calls = asked
    replies, samples, many = driver._interleaved(peers, requests)
    assert {name: len(theirs) for name, theirs in replies.items()} == dict.fromkeys(NAMES, 100)
    assert len(samples) == 10
    assert [start for start, _, _ in many] == [0]
    single = [(name, question) for name, question in calls if question]
    turns = [{name for name, one in single if one == request.question} for request in requests]
    assert all(turn == set(NAMES) for turn in turns)
    before = {earlier for (earlier, _), (name, _) in pairwise(single) if name == driver.OURS}
    assert before >= set(NAMES) - {driver.OURS}


def test_rows_say_medians_ratios_and_equal_answers(asked: Any) -> None:
    requests, peers, _ = asked
    replies, samples, many = driver._interleaved(peers, requests)
    replies[driver.RIVAL][0] = Reply("ans = 1", 5, 150.0, 75.0)
    with Solver(workers=1) as solver:
        rows = driver._answer_rows(replies, fake_manifest(), solver)
    assert rows["answer, median ms: edgethought"] == 100.0
    assert rows["edgethought is faster by: create_completion"] == 1.5
    assert rows["equal answers: create_completion"] == "99 of 100"
    assert rows["equal answers: bare llama_decode"] == "100 of 100"
    together = driver._together_rows(replies, samples, many)
    assert together["8 samples, times the time of one"] == 4.0
    assert together["many problems, a second"] == pytest.approx(33.33)
    assert together["many problems, times as many as create_completion"] == 5.0
    assert together["texts equal with and without batching"] == "0 of 100"
    decode = driver._decode_rows(replies)
    assert decode["decode, share of bare llama_decode"] == pytest.approx(97 / 98, abs=1e-3)


def test_a_reply_counts_up_to_where_its_answer_is_complete() -> None:
    assert driver.as_stopped("eot", "a = 2\nans = a * 3\nans = 9\n") == "a = 2\nans = a * 3\n"
    assert driver.as_stopped("eot", "a = 2\n") == "a = 2\n"


def test_a_peer_that_ends_is_said_with_its_last_words() -> None:
    with (
        pytest.raises(WorkFailed, match=r"rival ended: .*no_such_peer"),
        opened({"rival": ("no_such_peer", Path("model"))}, 1),
    ):
        pass
