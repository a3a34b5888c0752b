"""An endpoint is asked greedily, again when it is busy, and its key goes nowhere else."""

from typing import Any

import pytest

from benchmarks.scoring.external import endpoint
from benchmarks.scoring.external.endpoint import Completions
from runtime.values.errors import InputError, WorkFailed
from tests.benchmarks.scripted_server import ScriptedServer, chat_reply, scripted_server, text_reply


def test_the_endpoint_is_asked_greedily_with_stops_and_key(server: ScriptedServer) -> None:
    server.replies.append((200, text_reply("x")))
    server.completions(api_key="secret").complete("Hi", stop=("Question:",), max_tokens=9)
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
    assert server.keys == ["Bearer secret"]
    assert "secret" not in repr(server.completions(api_key="secret"))


def test_a_busy_server_is_asked_again(server: ScriptedServer) -> None:
    server.replies += [(503, {}), (429, {}), (200, text_reply("at last"))]
    assert server.completions().complete("Hi").text == "at last"
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
    server: ScriptedServer, answer: tuple[int, Any], message: str
) -> None:
    server.replies.append(answer)
    with pytest.raises(WorkFailed) as raised:
        server.completions().complete("Hi")
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_nobody_there_and_no_address_are_told_apart() -> None:
    with pytest.raises(WorkFailed, match="cannot be reached"):
        Completions("http://127.0.0.1:9/v1", "base", retry_wait_s=0.001).complete("Hi")
    with pytest.raises(InputError, match="http://"):
        Completions("file:///etc/passwd", "base")


def test_a_chat_is_one_user_message(server: ScriptedServer) -> None:
    server.replies.append((200, chat_reply("It is 7.")))
    reply = server.completions().chat("How many?", max_tokens=9)
    assert (reply.text, reply.generated_tokens, reply.cut) == ("It is 7.", 5, "")
    assert server.asked == [
        {
            "path": "/v1/chat/completions",
            "model": "base",
            "messages": [{"role": "user", "content": "How many?"}],
            "max_tokens": 9,
            "temperature": 0,
        }
    ]


def test_a_chat_without_text_is_an_empty_reply_and_a_cut_one_says_so(server: ScriptedServer) -> None:
    server.replies += [(200, chat_reply(None)), (200, chat_reply("I th", "length"))]
    assert server.completions().chat("How many?").text == ""
    assert "5 tokens" in server.completions().chat("How many?").cut


def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(endpoint, "sleep", waits.append)
    server.replies += [
        (429, {}, ("Retry-After", "7")),
        (429, {}, ("Retry-After", "100000")),
        (503, {}, ("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")),
        (200, text_reply("x")),
    ]
    assert server.completions().complete("Hi").text == "x"
    assert [wait for wait in waits if wait >= 1] == [7, 60]


def test_a_server_that_stays_busy_is_given_up(server: ScriptedServer) -> None:
    server.replies += [(503, {"error": "full"})] * 5
    with pytest.raises(WorkFailed, match="answered 503"):
        server.completions().complete("Hi")
    assert len(server.asked) == 5


def test_a_redirect_does_not_carry_the_key_away(server: ScriptedServer) -> None:
    with scripted_server() as other:
        server.replies.append((307, {}, ("Location", other.url + "/completions")))
        with pytest.raises(WorkFailed, match="answered 307"):
            server.completions(api_key="secret").complete("Hi")
        assert other.asked == []


@pytest.mark.parametrize(
    "answer", [(401, {"error": "bad key secret"}), (200, {"choices": [], "k": "secret"})]
)
def test_a_key_that_a_server_repeats_is_cut_out(server: ScriptedServer, answer: tuple[int, Any]) -> None:
    server.replies.append(answer)
    with pytest.raises(WorkFailed) as raised:
        server.completions(api_key="secret").complete("Hi")
    assert "secret" not in str(raised.value) and "***" in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "127.0.0.1:8000",
        "http://",
        "http://me:pw@host/v1",
        "https://host/v1?key=pw",
        "http://me:pw@host:port/v1",
        "http://[::1/v1",
    ],
)
def test_an_address_that_is_none_or_carries_a_secret_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="expected") as raised:
        Completions(url, "base")
    assert "pw" not in str(raised.value) or url == "file:///etc/passwd"


@pytest.mark.parametrize("key", ["sec\nret", "secrét"])
def test_a_key_that_no_header_can_hold_is_refused_unseen(server: ScriptedServer, key: str) -> None:
    with pytest.raises(InputError, match="expected: printable ASCII") as raised:
        server.completions(api_key=key)
    assert key not in str(raised.value)
