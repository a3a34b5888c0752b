"""The proxy asks a server once for each request and gives the same reply ever after, also after a restart."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.scoring.external.endpoint import Completions
from runtime.values.errors import WorkFailed
from scripts.speed.recording_proxy import RecordingProxy, request_key
from tests.benchmarks.scripted_server import ScriptedServer, scripted_server, text_reply


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@contextmanager
def proxy(upstream: str, store: Path) -> Iterator[Completions]:
    running = RecordingProxy(upstream, store)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Completions(f"http://127.0.0.1:{running.server_port}/v1", "base", retry_wait_s=0.001)
    finally:
        running.shutdown()
        running.server_close()


def test_a_request_is_answered_once_and_then_replayed(server: ScriptedServer, tmp_path: Path) -> None:
    store = tmp_path / "replies.jsonl"
    server.replies += [(200, text_reply("one")), (200, text_reply("two"))]
    with proxy(server.url, store) as completions:
        assert [completions.complete(prompt).text for prompt in ("a", "b", "a")] == ["one", "two", "one"]
        with urllib.request.urlopen(completions.base_url + "/stats") as response:
            assert json.load(response) == {"asked": 2, "replayed": 1}
    with proxy(server.url, store) as completions:
        assert completions.complete("b").text == "two"
    assert [asked["prompt"] for asked in server.asked] == ["a", "b"]


def test_an_error_is_passed_on_and_not_kept(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies += [(404, {"error": "no such model"}), (200, text_reply("one"))]
    with proxy(server.url, tmp_path / "replies.jsonl") as completions:
        with pytest.raises(WorkFailed, match="answered 404"):
            completions.complete("a")
        assert completions.complete("a").text == "one"


def test_a_server_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with (
        proxy("http://127.0.0.1:9/v1", tmp_path / "replies.jsonl") as completions,
        pytest.raises(WorkFailed, match="answered 502"),
    ):
        completions.complete("a")


def test_what_changes_a_greedy_reply_is_in_the_key_and_nothing_else() -> None:
    body = {"prompt": "a", "max_tokens": 9, "temperature": 0, "stop": ["x", "y"]}
    same = [
        body | {"temperature": 0.0},
        body | {"prompt": ["a"]},
        body | {"stop": ["y", "x"]},
        body | {"seed": 5, "model": "b"},
    ]
    others = [
        body | {"prompt": "b"},
        body | {"max_tokens": 8},
        body | {"stop": ["x"]},
        body | {"repeat_penalty": 1.1},
    ]
    key = request_key("/completions", body)
    assert {request_key("/completions", other) for other in same} == {key}
    keys = {request_key("/completions", other) for other in others} | {request_key("/chat/completions", body)}
    assert len(keys) == 5 and key not in keys
