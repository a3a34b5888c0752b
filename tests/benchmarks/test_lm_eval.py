"""Raw mode asks and judges as lm-evaluation-harness does, through a real server."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from benchmarks.endpoint import Completions
from benchmarks.lm_eval import LmEvalModel, flexible_match, prompts, strict_match
from benchmarks.scoring import Subject, score_samples
from runtime.errors import InputError, WorkFailed
from runtime.problem import Problem

EXAMPLES = [Problem(str(n), f"q{n}?", str(n), solution=f"so <<{n}={n}>>{n}\n#### {n}") for n in range(9)]


class Server(ThreadingHTTPServer):
    """Plays back replies in order and keeps what it was asked."""

    replies: list[tuple[int, Any]]
    asked: list[dict[str, Any]]
    headers: list[str | None]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
        self.server.headers.append(self.headers["Authorization"])
        status, body = self.server.replies.pop(0)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.replies, server.asked, server.headers = [], [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def endpoint(server: Server, **more: Any) -> Completions:
    return Completions(f"http://127.0.0.1:{server.server_port}/v1", "base", retry_wait_s=0.001, **more)


def reply(text: str) -> dict[str, Any]:
    return {
        "choices": [{"text": text, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 5},
    }


def test_each_question_gets_its_own_examples_in_lm_evals_format() -> None:
    first, second = prompts(["What?", "And?"], EXAMPLES, shots=2)
    # random.Random(1234) draws these from nine.
    assert first == (
        "Question: q7?\nAnswer: so <<7=7>>7\n#### 7\n\nQuestion: q1?\nAnswer: so <<1=1>>1\n#### 1\n\n"
        "Question: What?\nAnswer:"
    )
    assert second.endswith("Question: And?\nAnswer:") and second.count("Question:") == 3
    assert first.splitlines()[0] != second.splitlines()[0]
    with pytest.raises(InputError, match="9 examples"):
        next(prompts(["What?"], EXAMPLES, shots=10))


@pytest.mark.parametrize(
    ("text", "correct", "by_strict", "by_flexible"),
    [
        (" 3 + 4 = 7\n#### 7", True, True, True),
        (" It makes 7 eggs.", True, False, True),
        (" 7\n#### 8", False, False, False),
        (" #### 7.00", True, False, False),
        (" none", False, False, False),
        (" #### 7 or 9", False, True, False),
    ],
)
def test_replies_are_judged_by_both_filters(
    server: Server, text: str, correct: bool, by_strict: bool, by_flexible: bool
) -> None:
    server.replies.append((200, reply(text)))
    model = LmEvalModel(endpoint(server), {"What?": "Question: What?\nAnswer:"})
    (sample,) = score_samples(model, [Problem("1", "What?", "7")], Subject("base", ""), task="gsm8k test")
    assert (sample.correct, strict_match(sample), flexible_match(sample)) == (correct, by_strict, by_flexible)
    assert sample.tokens == {"prompt": 30, "generated": 5} and sample.timings_ms["total"] > 0
    assert strict_match(replace(sample, gold="9")) is False


def test_the_endpoint_is_asked_greedily_with_stops_and_key(server: Server) -> None:
    server.replies.append((200, reply("x")))
    endpoint(server, api_key="secret").complete("Hi", stop=("Question:",), max_tokens=9)
    assert server.asked == [
        {
            "path": "/v1/completions",
            "model": "base",
            "prompt": "Hi",
            "max_tokens": 9,
            "temperature": 0,
            "stop": ["Question:"],
        }
    ]
    assert server.headers == ["Bearer secret"]
    assert "secret" not in repr(endpoint(server, api_key="secret"))


def test_a_busy_server_is_asked_again(server: Server) -> None:
    server.replies += [(503, {}), (429, {}), (200, reply("at last"))]
    assert endpoint(server).complete("Hi").text == "at last"
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, {"error": "no such\nmodel"}), 'answered 404: {"error": "no such'),
        ((200, b"<html>"), "answered no JSON"),
        ((200, {"choices": []}), "answered without a completion"),
        ((200, [1]), "answered without a completion"),
    ],
)
def test_a_server_that_answers_otherwise_is_quoted_in_one_line(
    server: Server, answer: tuple[int, Any], message: str
) -> None:
    server.replies.append(answer)
    with pytest.raises(WorkFailed) as raised:
        endpoint(server).complete("Hi")
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_nobody_there_and_no_address_are_told_apart() -> None:
    with pytest.raises(WorkFailed, match="cannot be reached"):
        Completions("http://127.0.0.1:9/v1", "base", retry_wait_s=0.001).complete("Hi")
    with pytest.raises(InputError, match="http://"):
        Completions("file:///etc/passwd", "base")


def test_a_question_without_a_prompt_is_refused(server: Server) -> None:
    with pytest.raises(InputError, match="has no prompt"):
        LmEvalModel(endpoint(server), {}).solve("What?")
