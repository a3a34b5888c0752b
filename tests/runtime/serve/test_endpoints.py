"""The endpoints, on a real server over an engine whose replies are known."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.runtime.serve.running import PENS, Running, running


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patched, running(patched) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines["event"], json.loads(lines["data"])))
    return found


def chunks(text: str) -> list[Any]:
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    assert data[-1] == "[DONE]"
    return [json.loads(one) for one in data[:-1]]


def chat(content: Any, model: str = "fake", **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": content}], **fields}


def test_the_models_are_told_as_the_page_wants_them(client: httpx.Client) -> None:
    told = client.get("/models").json()
    assert told["default"] == "fake"
    (row,) = told["models"]
    assert set(row) == {
        "name", "summary", "thoughts", "default_thought", "loaded", "modes", "calibrated", "bytes",
    }  # fmt: skip
    assert (row["thoughts"], row["default_thought"], row["loaded"]) == (["eot", "pot", "cot"], "eot", True)
    assert row["modes"] == ["single", "fallback", "vote", "adaptive"]


def test_openai_clients_see_two_ids_a_model(client: httpx.Client) -> None:
    assert [row["id"] for row in client.get("/v1/models").json()["data"]] == ["fake:solve", "fake:raw"]


@pytest.mark.parametrize(
    ("id", "status"), [("fake:solve", 200), ("fake:raw", 200), ("fake", 200), ("other", 404), ("a/b", 404)]
)
def test_one_id_is_told_where_it_is_known(client: httpx.Client, id: str, status: int) -> None:
    reply = client.get(f"/v1/models/{id}")
    assert reply.status_code == status
    told = reply.json()
    assert told["id"] == id if status == 200 else told["error"]["code"] == "model_not_found"


@pytest.mark.parametrize("path", ["/models", "/v1/models", "/v1/models/fake", "/metrics", "/health"])
def test_a_head_is_the_reply_without_its_body(client: httpx.Client, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_solve_gives_the_row_of_the_command_with_its_steps(client: httpx.Client) -> None:
    row = client.post("/solve", json={"question": PENS}).json()
    assert (row["answer"], row["status"], row["thought"]) == ("21", "solved", "eot")
    assert row["steps"][-1] == {"written": "ans = pens * 3", "name": "ans", "filled": "7 * 3", "value": "21"}
    assert set(row["timings_ms"]) == {"load", "prefill", "decode", "solve", "total"}
    assert "logprob" not in row


@pytest.mark.parametrize(
    ("fields", "thought", "votes"),
    [
        ({"thought": "pot"}, "pot", {}),
        ({"mode": "fallback"}, "pot", {}),
        ({"mode": "vote", "samples": 3, "thought": "pot"}, "pot", {"21": 3}),
        ({"model": "fake:solve"}, "eot", {}),
    ],
)
def test_solve_takes_the_options_of_the_command(
    client: httpx.Client, fields: dict[str, Any], thought: str, votes: dict[str, int]
) -> None:
    row = client.post("/solve", json={"question": PENS, **fields}).json()
    assert (row["answer"], row["thought"]) == ("21", thought)
    assert sum(row["votes"].values()) <= sum(votes.values())
    assert set(row["votes"]) == set(votes)


def test_a_stream_tells_the_text_as_it_is_written_and_the_row_at_the_end(client: httpx.Client) -> None:
    reply = client.post("/solve", json={"question": PENS, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply.text)
    assert told[0] == ("queued", {"position": 0})
    texts = [data for name, data in told if name == "text"]
    assert "".join(data["text"] for data in texts) == "pens = 7\nans = pens * 3"
    assert {data["thought"] for data in texts} == {"eot"}
    assert (told[-1][0], told[-1][1]["answer"]) == ("solution", "21")


def test_a_next_thought_begins_a_new_text(client: httpx.Client) -> None:
    body = {"question": "Broken", "mode": "fallback", "stream": True}
    told = [data for name, data in events(client.post("/solve", json=body).text) if name == "text"]
    assert "".join(data["text"] for data in told if data["thought"] == "pot") == "ans = 4"


def test_a_vote_streams_its_row_alone(client: httpx.Client) -> None:
    body = {"question": PENS, "mode": "vote", "samples": 2, "stream": True}
    assert [name for name, _ in events(client.post("/solve", json=body).text)] == ["queued", "solution"]


def test_a_chat_answers_with_the_working_and_the_answer(client: httpx.Client) -> None:
    reply = client.post("/v1/chat/completions", json=chat(PENS)).json()
    (choice,) = reply["choices"]
    assert choice["message"]["content"] == "pens = 7\nans = pens * 3\n#### 21"
    assert choice["finish_reason"] == "stop"
    assert reply["solution"]["answer"] == "21"
    assert reply["usage"]["completion_tokens"] == len("pens = 7\nans = pens * 3\n")


def test_a_chat_streams_the_same_text(client: httpx.Client) -> None:
    fields = {"stream": True, "stream_options": {"include_usage": True}}
    told = chunks(client.post("/v1/chat/completions", json=chat(PENS, **fields)).text)
    text = "".join(one["choices"][0]["delta"].get("content", "") for one in told if one["choices"])
    assert text == "pens = 7\nans = pens * 3\n#### 21"
    assert told[-1]["usage"]["total_tokens"] > 0
    assert [one["choices"][0]["finish_reason"] for one in told if one["choices"]][-1] == "stop"
    assert any(one.get("solution", {}).get("answer") == "21" for one in told)


@pytest.mark.parametrize("stream", [False, True])
def test_the_raw_model_goes_on_from_a_prompt_up_to_a_stop(client: httpx.Client, stream: bool) -> None:
    body = {"model": "fake:raw", "prompt": "Once upon", "stop": ["END"], "stream": stream}
    reply = client.post("/v1/completions", json=body)
    if stream:
        told = chunks(reply.text)
        text = "".join(one["choices"][0]["text"] for one in told)
        reason = told[-1]["choices"][0]["finish_reason"]
    else:
        (choice,) = reply.json()["choices"]
        text, reason = choice["text"], choice["finish_reason"]
        assert "solution" not in reply.json()
    assert (text, reason) == (" a time there was ", "stop")


@pytest.mark.parametrize(
    ("fields", "text", "reason"),
    [
        ({"max_tokens": 3}, " a ", "length"),
        ({}, " a time there was END of it", "stop"),
        ({"stop": "a"}, " ", "stop"),
    ],
)
def test_a_raw_text_ends_by_its_limit_or_by_itself(
    client: httpx.Client, fields: dict[str, Any], text: str, reason: str
) -> None:
    (choice,) = client.post(
        "/v1/completions", json={"model": "fake:raw", "prompt": "Once upon", **fields}
    ).json()["choices"]
    assert (choice["text"], choice["finish_reason"]) == (text, reason)


def test_a_raw_chat_is_asked_through_the_artifacts_template(server: Running, client: httpx.Client) -> None:
    content = client.post("/v1/chat/completions", json=chat(PENS, "fake:raw")).json()["choices"][0][
        "message"
    ]["content"]
    assert content == "pens = 7\nans = pens * 3\n"
    assert server.engines["fake"][0].prompts[-1] == f"Question: {PENS}\nEquations:\n"


def test_a_response_is_whole_or_in_events(client: httpx.Client) -> None:
    body = {"model": "fake", "input": PENS}
    whole = client.post("/v1/responses", json=body).json()
    assert whole["output"][0]["content"][0]["text"] == "pens = 7\nans = pens * 3\n#### 21"
    assert (whole["status"], whole["solution"]["answer"]) == ("completed", "21")
    told = events(client.post("/v1/responses", json={**body, "stream": True}).text)
    assert [data["sequence_number"] for _, data in told] == list(range(len(told)))
    deltas = "".join(data["delta"] for name, data in told if name == "response.output_text.delta")
    assert deltas == "pens = 7\nans = pens * 3\n#### 21"
    assert told[-1][0] == "response.completed"


# As Open WebUI and LibreChat send them.
SHAPES = [
    {
        "model": "fake:solve",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "system", "content": "You are helpful."}, {"role": "user", "content": PENS}],
        "params": {},
        "features": {"web_search": False},
        "session_id": "x",
        "metadata": {"chat_id": "y"},
    },
    {
        "model": "fake",
        "temperature": 0.7,
        "top_p": 0.9,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "user": "64f0c0ffee",
        "stream": True,
        "messages": [{"role": "user", "content": [{"type": "text", "text": PENS}]}],
    },
    {
        "model": "fake:raw",
        "top_p": 1,
        "temperature": 1,
        "presence_penalty": 0.0,
        "tools": [],
        "tool_choice": "none",
        "response_format": {"type": "text"},
        "stream": True,
        "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": PENS}],
    },
]


@pytest.mark.parametrize("shape", SHAPES, ids=["open-webui", "librechat", "others"])
def test_requests_of_chat_pages_are_answered(client: httpx.Client, shape: dict[str, Any]) -> None:
    reply = client.post("/v1/chat/completions", json=shape)
    assert reply.status_code == 200
    told = chunks(reply.text)
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in told if one["choices"]).strip()


TURNS = [
    {"role": "user", "content": "1 + 1?"},
    {"role": "assistant", "content": "2"},
    {"role": "user", "content": "2 + 2?"},
]
REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("/solve", {}, 400, "question"),
    ("/solve", {"question": 5}, 400, "question"),
    ("/solve", {"question": "  "}, 400, "empty"),
    ("/solve", {"question": "x" * 4001}, 400, "4,001 characters"),
    ("/solve", {"question": "a\u0007b"}, 400, "U+0007"),
    ("/solve", {"question": PENS, "model": "other"}, 404, "fake"),
    ("/solve", {"question": PENS, "thought": "poem"}, 400, "poem"),
    ("/solve", {"question": PENS, "mode": "guess"}, 400, "single"),
    ("/solve", {"question": PENS, "mode": "best_of"}, 400, "scorer"),
    ("/solve", {"question": PENS, "samples": 4}, 400, "mode"),
    ("/solve", {"question": PENS, "mode": "vote", "samples": 1000}, 400, "samples"),
    ("/solve", {"question": PENS, "deadline_ms": 0}, 400, "deadline_ms"),
    ("/solve", {"question": PENS, "min_confidence": 0.5}, 400, "calibrated"),
    ("/solve", {"question": PENS, "max_tokens": True}, 400, "max_tokens"),
    ("/v1/chat/completions", chat(PENS, n=2), 400, "n is 2"),
    ("/v1/chat/completions", chat(PENS, tools=[{"type": "function"}]), 400, "tools"),
    ("/v1/chat/completions", chat(PENS, logprobs=True), 400, "logprobs"),
    ("/v1/chat/completions", chat(PENS, response_format={"type": "json_object"}), 400, "response_format"),
    ("/v1/chat/completions", chat(PENS, "fake:raw", presence_penalty=0.5), 400, "presence_penalty"),
    ("/v1/chat/completions", chat(PENS, "fake:raw", top_p=0.5, temperature=1), 400, "top_p"),
    ("/v1/chat/completions", chat(PENS, "gpt-4"), 404, "gpt-4"),
    ("/v1/chat/completions", chat([{"type": "image_url", "image_url": {"url": "x"}}]), 400, "image_url"),
    ("/v1/chat/completions", {"model": "fake", "messages": TURNS}, 400, "fake:raw"),
    ("/v1/chat/completions", chat("Question: 1 + 1?\nAnswer: 2\nQuestion: 2 + 2?\nAnswer:"), 400, "fake:raw"),
    ("/v1/chat/completions", {"model": "fake", "messages": []}, 400, "messages"),
    ("/v1/chat/completions", {"model": "fake", "messages": TURNS[:2]}, 400, "user message"),
    ("/v1/chat/completions", {"model": "fake:raw", "messages": TURNS[:2]}, 400, "user message"),
    ("/v1/completions", {"model": "fake:raw", "prompt": ""}, 400, "0 tokens"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "x" * 8100}, 400, "8,100 tokens"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "x" * 190_000}, 400, "characters"),
    ("/v1/completions", {"model": "fake:raw", "prompt": ["a", "b"]}, 400, "2 prompts"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "a", "echo": True}, 400, "echo"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "a", "stop": list("abcde")}, 400, "5 stops"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "a", "temperature": 9}, 400, "temperature"),
    ("/v1/responses", {"model": "fake", "input": PENS, "previous_response_id": "r"}, 400, "previous"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "a", "logprobs": 0}, 400, "logprobs is 0"),
    ("/v1/completions", {"model": "fake:raw", "prompt": "a", "mode": "vote"}, 400, "fake:raw"),
    ("/v1/chat/completions", chat(PENS, "fake:raw", samples=4), 400, "samples is 4"),
    ("/v1/chat/completions", {"model": "fake", "messages": TURNS}, 400, "/v1/completions with fake:raw"),
    ("/v1/chat/completions", {"model": "fake:raw", "messages": TURNS}, 400, "/v1/completions with fake:raw"),
    ("/v1/chat/completions", {"model": "fake:raw", "messages": TURNS[1:]}, 400, "2 turns for fake:raw"),
    ("/v1/responses", {"model": "fake:raw", "input": TURNS}, 400, "/v1/completions with fake:raw"),
    ("/solve", {"question": PENS, "foo": 1}, 400, 'field "foo"; expected: thought'),
    ("/solve", {"question": PENS, "model": "fake:raw"}, 400, "/v1/completions with fake:raw"),
    ("/v1/nothing", {}, 404, "path"),
    ("/models", {}, 405, "method"),
]


@pytest.mark.parametrize(("path", "body", "status", "part"), REFUSED)
def test_what_cannot_be_done_is_refused_in_one_line(
    client: httpx.Client, path: str, body: dict[str, Any], status: int, part: str
) -> None:
    reply = client.post(path, json=body)
    error = reply.json()["error"]
    assert (reply.status_code, set(error)) == (status, {"message", "type", "param", "code"})
    assert part in error["message"]
    assert "expected" in error["message"]
    assert "\n" not in error["message"]


@pytest.mark.parametrize(
    ("path", "body", "param", "message"),
    [
        ("/solve", {}, "question", "no question; expected: a body that has it, see /openapi.json"),
        ("/solve", {"question": " "}, "question", "the question is empty; "),
        ("/solve", {"question": "x" * 4001}, "question", "the question has 4,001 characters; "),
        (
            "/solve",
            {"question": "x" * 200_001},
            "question",
            "question has 200,001 characters; expected: up to 200,000",
        ),
        (
            "/solve",
            {"question": PENS, "thought": "poem"},
            "thought",
            "thought 'poem'; expected: eot, pot, cot",
        ),
        ("/solve", {"question": PENS, "mode": "guess"}, "mode", "mode 'guess'; expected: single, "),
        ("/solve", {"question": PENS, "samples": 4}, "samples", "samples with mode single; "),
        (
            "/solve",
            {"question": PENS, "min_confidence": 0.5},
            "min_confidence",
            "min_confidence: fake says nothing",
        ),
        ("/solve", {"question": PENS, "foo\nbar": 1}, "foo\nbar", 'field "foo\\nbar"; '),
        ("/v1/chat/completions", chat(" "), "messages", "the question is empty; "),
        (
            "/v1/chat/completions",
            {"model": "fake", "messages": []},
            "messages",
            "messages has 0 entries; expected: 1 or more",
        ),
        (
            "/v1/chat/completions",
            chat(PENS, response_format={"type": "json_object"}),
            "response_format",
            'response_format is of type "json_object"; expected: "text"',
        ),
        ("/v1/completions", {"model": "fake", "prompt": " "}, "prompt", "the question is empty; "),
        (
            "/v1/completions",
            {"model": "fake", "prompt": 5},
            "prompt",
            "prompt is 5; expected: a valid string",
        ),
        ("/v1/responses", {"model": "fake", "input": " "}, "input", "the question is empty; "),
    ],
)
def test_a_refusal_names_the_field(
    client: httpx.Client, path: str, body: dict[str, Any], param: str, message: str
) -> None:
    error = client.post(path, json=body).json()["error"]
    assert error["param"] == param
    assert error["message"].startswith(message)
    assert "\n" not in error["message"]


def test_what_openais_clients_send_besides_is_passed_by(client: httpx.Client) -> None:
    assert client.post("/v1/chat/completions", json=chat(PENS, foo=1)).status_code == 200


def test_metrics_are_told_as_prometheus_reads_them(client: httpx.Client) -> None:
    assert client.post("/solve", json={"question": PENS}).status_code == 200
    text = client.get("/metrics").text
    assert 'edgethought_requests_total{route="/solve",status="200"}' in text
    assert 'edgethought_request_seconds_bucket{le="+Inf"}' in text
    assert 'edgethought_loaded{model="fake"} 1' in text
    assert client.get("/health").json() == {"status": "ok"}
    assert client.head("/health").status_code == 200
