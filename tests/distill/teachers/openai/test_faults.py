"""Every way in which a server can fail, over real HTTP on loopback: what is asked again, what is dropped, what stops."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from distill.teachers.chat.model import Reply
from distill.teachers.chat.reading import thought_text
from distill.teachers.openai.retries import retry_after_s
from runtime.values.errors import EdgethoughtError, InputError, WorkFailed
from runtime.values.rationale import Declined
from scripts.speed.stub_endpoint import Row, StubEndpoint, StubReply, completion, failure
from tests.distill.teachers.openai.asking import model, number_asked, request

GOOD = completion("ans = 6")


def first(fault: StubReply, times: int = 1) -> Callable[[Row], StubReply]:
    """A stub that fails the first times, then answers."""
    left = [fault] * times

    def answer(row: Row) -> StubReply:
        return left.pop() if left else GOOD

    return answer


AGAIN = {
    "429": failure(429, "slow down"),
    "429 that says when": failure(429, headers={"retry-after": "0.01"}),
    "429 in milliseconds": failure(429, headers={"retry-after-ms": "5"}),
    "500": failure(500),
    "503": failure(503),
    "503 as a page": StubReply(b"<html>busy</html>", 503),
    "408": failure(408),
    "an error with status 200": StubReply({"error": {"message": "upstream", "code": 502}}),
    "a connection cut in the head": StubReply(GOOD.body, cut_at=0),
    "a connection cut in the reply": StubReply(GOOD.body, cut_at=40),
    "JSON that is cut off": StubReply(b'{"choices": [{"mess'),
    "no object": StubReply([1, 2]),
    "another schema": StubReply({"answer": "ans = 6"}),
    "a choice without a message": StubReply({"choices": [{"text": "ans = 6"}]}),
    "a message that is a number": StubReply({"choices": [{"message": {"content": 6}}]}),
    "no choices": StubReply({"choices": []}),
}


@pytest.mark.parametrize("fault", AGAIN.values(), ids=AGAIN)
def test_a_server_that_fails_is_asked_again(tmp_path: Path, fault: StubReply) -> None:
    with StubEndpoint(first(fault, 2)) as stub, model(stub.url, tmp_path) as asked:
        reply = asked.reply(request())
        assert isinstance(reply, Reply) and reply.text == "ans = 6"
        assert len(stub.asked) == 3 and asked.stats.retried == 2


REASONS = {
    "429": "rate_limited",
    "500": "server_error",
    "a connection cut in the reply": "connection",
    "JSON that is cut off": "bad_reply",
    "another schema": "bad_reply",
    "no choices": "empty_choices",
}


@pytest.mark.parametrize("name", REASONS)
def test_after_the_last_retry_there_is_a_reason_and_the_others_go_on(tmp_path: Path, name: str) -> None:
    def answer(row: Row) -> StubReply:
        return AGAIN[name] if number_asked(row) == 1 else GOOD

    with StubEndpoint(answer) as stub, model(stub.url, tmp_path) as asked:
        for number in range(4):
            asked.send(request(number))
        replies = [asked.reply(request(number)) for number in range(4)]
    declined = replies.pop(1)
    assert isinstance(declined, Declined) and declined.reason == REASONS[name]
    assert all(isinstance(reply, Reply) for reply in replies)
    assert len(stub.asked) == 3 + 4


def test_a_reply_that_takes_too_long_is_none(tmp_path: Path) -> None:
    slow = StubReply(GOOD.body, delay_s=5)
    with StubEndpoint(first(slow)) as stub, model(stub.url, tmp_path, timeout_s=0.15) as asked:
        assert isinstance(asked.reply(request()), Reply)
        assert len(stub.asked) == 2


def test_ten_megabytes_are_not_read(tmp_path: Path) -> None:
    huge = completion("x" * 10_000_000)
    with StubEndpoint(first(huge)) as stub, model(stub.url, tmp_path) as asked:
        declined = asked.reply(request())
        assert isinstance(declined, Declined) and declined.reason == "reply_too_long"
        assert len(stub.asked) == 1
        assert isinstance(asked.reply(request(1)), Reply)


SAID = {
    "refusal": completion(None, refusal="I can't help with that."),
    "refusal in words": completion("I'm sorry, but I cannot help with this request."),
    "content_filter": completion("ans =", "content_filter"),
    "length": completion("a = 1\nb = 2\nc =", "length"),
    "empty_reply": completion(""),
    "other_language": completion("答案 = 四十二 加 六"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_reply_that_is_none_says_why_and_is_not_asked_again(tmp_path: Path, name: str) -> None:
    with StubEndpoint(lambda row: SAID[name]) as stub, model(stub.url, tmp_path) as asked:
        asked.reply(request())
    with model(stub.url, tmp_path) as asked:  # the server is gone, the reply is not
        reply = asked.reply(request())
    assert isinstance(reply, Reply)
    declined = thought_text(reply, "eot")
    assert isinstance(declined, Declined) and declined.reason == name.partition(" ")[0]
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (failure(400, "filtered", "content_filter"), "content_filter"),
        (failure(400, "too many tokens", "context_length_exceeded"), "question_too_long"),
    ],
)
def test_a_request_that_is_refused_for_what_it_says_is_dropped_alone(
    tmp_path: Path, fault: StubReply, reason: str
) -> None:
    with StubEndpoint(first(fault)) as stub, model(stub.url, tmp_path) as asked:
        declined = asked.reply(request())
        assert isinstance(declined, Declined) and declined.reason == reason
        assert isinstance(asked.reply(request(1)), Reply)
        assert len(stub.asked) == 2


KEY = "sk-not-a-real-key-0123456789"
STOPS: dict[str, tuple[StubReply, type[EdgethoughtError], str]] = {
    "wrong key": (failure(401, f"Incorrect API key: {KEY}"), InputError, r"refuses the key .*\$STUB_KEY"),
    "forbidden": (failure(403, f"{KEY} may not"), InputError, r"forbids it \(403: \*\*\* may not\)"),
    "unknown model": (
        failure(404, "no such model"),
        InputError,
        "has no model 'stub'; expected: large, small",
    ),
    "no credit": (failure(429, "pay", "insufficient_quota"), WorkFailed, "gives no credit any more"),
    "payment": (failure(402, "pay"), WorkFailed, "gives no credit any more"),
    "redirect": (StubReply({}, 307, {"location": "http://127.0.0.1:9/"}), InputError, "final address"),
    "bad request": (failure(400, f"what is {KEY}?"), InputError, r"does not take .* what is \*\*\*"),
    "a long wait": (failure(429, headers={"retry-after": "4000"}), WorkFailed, "asks to wait 4000 s"),
}


@pytest.mark.parametrize("name", STOPS)
def test_what_no_retry_mends_stops_at_once_in_one_line_without_the_key(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_KEY", KEY)
    fault, kind, message = STOPS[name]
    with StubEndpoint(lambda row: fault, models=("small", "large")) as stub:
        asking = model(stub.url, tmp_path, api_key_env="STUB_KEY", concurrency=1)
        with pytest.raises(kind, match=message) as raised, asking as asked:
            for number in range(20):
                asked.send(request(number))
            asked.reply(request())
    told = str(raised.value)
    assert "\n" not in told and KEY not in told
    assert len(stub.asked) == 1 and set(stub.keys) == {f"bearer {KEY}"}
    assert not any(KEY in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_nobody_there_is_told_at_once(tmp_path: Path) -> None:
    there = model("http://127.0.0.1:9/v1", tmp_path, retry_base_s=5)
    with pytest.raises(InputError, match=r"nothing answers at http://127.0.0.1:9/v1"), there as asked:
        asked.reply(request())


@pytest.mark.parametrize(
    "fault", [failure(501), StubReply(b"<html></html>"), StubReply(b""), StubReply(b'{"a": 1}')]
)
def test_a_server_that_never_answers_stops_a_small_run_too(tmp_path: Path, fault: StubReply) -> None:
    """Three requests are no eight failures in a row, and still no word on what was asked."""
    with (
        StubEndpoint(lambda row: fault) as stub,
        pytest.raises(WorkFailed, match="failed 3 requests one after the other"),
        model(stub.url, tmp_path) as asked,
    ):
        for number in range(3):
            asked.send(request(number))
        for number in range(3):
            asked.reply(request(number))
    with StubEndpoint(lambda row: GOOD) as stub, model(stub.url, tmp_path) as asked:
        assert all(isinstance(asked.reply(request(number)), Reply) for number in range(3))


def test_a_server_that_is_gone_stops_the_run_and_nothing_is_given_up(tmp_path: Path) -> None:
    seen = 0

    def answer(row: Row) -> StubReply:
        nonlocal seen
        seen += 1
        return GOOD if seen <= 5 else failure(503)

    with StubEndpoint(answer) as stub:
        gone = pytest.raises(WorkFailed, match="failed 8 requests one after the other")
        with gone, model(stub.url, tmp_path) as asked:
            for number in range(40):
                asked.send(request(number))
            for number in range(40):
                assert isinstance(asked.reply(request(number)), Reply)
        assert asked.stats.answered == 5
        seen = -1000
        with model(stub.url, tmp_path) as asked:
            for number in range(40):
                assert isinstance(asked.reply(request(number)), Reply)
        assert asked.reused == 5 and asked.stats.answered == 35


def test_a_server_that_asks_to_wait_is_left_alone_by_all(tmp_path: Path) -> None:
    times: list[float] = []
    answer = first(failure(429, headers={"retry-after": "0.3"}))

    def timed(row: Row) -> StubReply:
        times.append(time.monotonic())
        return answer(row)

    with StubEndpoint(timed) as stub, model(stub.url, tmp_path, concurrency=1) as asked:
        for number in range(5):
            asked.send(request(number))
        assert all(isinstance(asked.reply(request(number)), Reply) for number in range(5))
    assert times[1] - times[0] >= 0.3
    assert len(times) == 6


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, 0),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:05 -0000"}, 5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


def test_a_date_is_waited_for(tmp_path: Path) -> None:
    # Dates are of whole seconds: one that is 0.2 to 1.2 seconds away.
    at = (datetime.now(UTC) + timedelta(seconds=1.2)).replace(microsecond=0)
    fault = failure(503, headers={"retry-after": format_datetime(at, usegmt=True)})
    with (
        StubEndpoint(first(fault)) as stub,
        model(stub.url, tmp_path) as asked,
    ):
        assert isinstance(asked.reply(request()), Reply)
    assert 0 <= (datetime.now(UTC) - at).total_seconds() <= 2


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ("seed", failure(400, "Unrecognized request argument supplied: seed")),
        ("logprobs", failure(422, "logprobs: extra fields not permitted", param="logprobs")),
        ("temperature", failure(400, "Unsupported value", param="temperature")),
        ("max_tokens", failure(400, "Unsupported parameter: use 'max_completion_tokens' instead")),
    ],
)
def test_a_field_that_the_server_does_not_know_is_left_out(
    tmp_path: Path, field: str, error: StubReply
) -> None:
    def answer(row: Row) -> StubReply:
        return error if field in row else GOOD

    with StubEndpoint(answer) as stub, model(stub.url, tmp_path, logprobs=True) as asked:
        for number in range(8):
            asked.send(request(number))
        assert all(isinstance(asked.reply(request(number)), Reply) for number in range(8))
        assert asked.left_out == (() if field == "max_tokens" else (field,))
    last: dict[str, Any] = stub.asked[-1]
    assert field not in last and ("max_completion_tokens" in last) == (field == "max_tokens")


def test_a_slow_reply_never_holds_the_others(tmp_path: Path) -> None:
    def answer(row: Row) -> StubReply:
        return StubReply(GOOD.body, delay_s=1.5 if number_asked(row) == 0 else 0.005)

    with StubEndpoint(answer) as stub, model(stub.url, tmp_path) as asked:
        began = time.monotonic()
        for number in range(60):
            asked.send(request(number))
        for number in range(1, 60):
            asked.reply(request(number))
        assert time.monotonic() - began < 1.2
