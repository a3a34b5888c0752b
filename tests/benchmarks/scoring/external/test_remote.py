"""Models behind an endpoint are read as those on this machine: by the solver, or by what a chat reply says."""

import pytest

from benchmarks.scoring.external.baselines import Exemplar
from benchmarks.scoring.external.remote import RemoteChat, RemoteFewShot
from runtime.solver.solver import Solver
from tests.benchmarks.scripted_server import ScriptedServer, chat_reply, text_reply

EXEMPLARS = (Exemplar("Half of 8?", "ans = 8 / 2"),)


@pytest.mark.parametrize(
    ("text", "finish", "status", "answer", "kept"),
    [
        ("a = 4\nans = a * 3", "stop", "solved", "12", "a = 4\nans = a * 3"),
        ("ans = 4 * 3", "length", "truncated", None, "ans = 4 * 3"),
        ("a = 4\na * 3 +", "length", "truncated", None, "a = 4\na * 3 +"),
        ("", "stop", "no_thought", None, ""),
    ],
)
def test_worked_examples_are_shown_and_the_solver_reads_the_reply(
    server: ScriptedServer,
    solver: Solver,
    text: str,
    finish: str,
    status: str,
    answer: str | None,
    kept: str,
) -> None:
    server.replies.append((200, text_reply(text, finish)))
    solution = RemoteFewShot(server.completions(), solver, EXEMPLARS).answer("Bo  has 4.")
    assert (solution.outcome.status, solution.answer, solution.text) == (status, answer, kept)
    assert server.asked[0]["prompt"] == (
        "Question: Half of 8?\nEquations:\nans = 8 / 2\n\nQuestion: Bo has 4.\nEquations:\n"
    )
    assert server.asked[0]["stop"] == ["\n\n", "Question:"]


def test_a_chat_reply_is_read_by_what_it_says_and_only_the_round_trip_is_known(
    server: ScriptedServer,
) -> None:
    server.replies.append((200, chat_reply("3 and 4 make $7.")))
    solution = RemoteChat(server.completions()).answer("Bo  has\n3.")
    assert (solution.answer, solution.thought, solution.strict.status) == ("7", "cot", "no_thought")
    assert server.asked[0]["messages"] == [{"role": "user", "content": "Bo has 3."}]
    assert solution.timings.total > 0
    assert solution.timings.prefill == solution.timings.decode == 0
