"""Requests of all clients share one batch: they join while others are written, leave when nobody waits, and are fair."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from runtime.serve.settings import ServeSettings
from tests.runtime.serve.running import PENS, Running, running

ENDLESS = {"question": "Endless", "max_tokens": 100}
TOKENS = ("greedy-token-012345", "modest-token-012345")


def eventually(true: Callable[[], object], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def solve(server: Running, body: dict[str, object], token: str = "") -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{server.url}/solve", json=body, headers=headers, timeout=30)


def state(server: Running) -> tuple[int, int]:
    """How many requests run and how many wait."""
    assert server.models
    batch = server.models.default.batch
    assert batch
    return batch.running, batch.waiting


def test_a_short_question_joins_a_long_one_and_is_done_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch, step_s=0.02) as server, ThreadPoolExecutor(1) as pool:
        long = pool.submit(solve, server, ENDLESS)
        eventually(lambda: state(server) == (1, 0))
        assert solve(server, {"question": PENS}).json()["answer"] == "21"
        assert not long.done()
        assert long.result().json()["status"] == "truncated"
        assert len(server.engines["fake"][0].opened) == 1


def test_many_at_once_are_all_answered_on_the_slots_of_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch, step_s=0.001) as server, ThreadPoolExecutor(24) as pool:
        bodies = [
            {"question": PENS},
            {"question": PENS, "mode": "vote", "samples": 3},
            {"question": "Broken"},
        ] * 8
        rows = [reply.json() for reply in pool.map(lambda body: solve(server, body), bodies)]
        assert [row["status"] for row in rows] == ["solved", "solved", "bad_syntax"] * 8
        streams = server.engines["fake"][0].last_streams
        assert streams is not None
        assert streams.most == 4


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_ends_its_work(monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    with running(monkeypatch, step_s=0.02) as server:
        with suppress(httpx.ReadTimeout), httpx.Client(timeout=0.5) as client:
            body = {**ENDLESS, "stream": stream}
            with client.stream("POST", f"{server.url}/solve", json=body) as reply:
                for number, _ in enumerate(reply.iter_lines()):
                    if number == 6:
                        break
        eventually(lambda: state(server) == (0, 0))
        assert server.engines["fake"][0].generated < 100
        assert solve(server, {"question": PENS}).json()["answer"] == "21"


def test_a_client_that_leaves_the_queue_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        running(monkeypatch, ServeSettings(port=0, streams=1), step_s=0.02) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(solve, server, ENDLESS)
        eventually(lambda: state(server) == (1, 0))
        with suppress(httpx.ReadTimeout):
            httpx.post(f"{server.url}/solve", json={"question": PENS}, timeout=0.2)
        eventually(lambda: state(server)[1] == 0)
        assert first.result().status_code == 200
        assert not any("pens cost" in prompt for prompt in server.engines["fake"][0].prompts)


def test_a_full_queue_says_when_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings(port=0, streams=1, queue=2)
    with running(monkeypatch, settings, step_s=0.02) as server, ThreadPoolExecutor(3) as pool:
        accepted = []
        for waiting in range(3):
            accepted.append(pool.submit(solve, server, ENDLESS))
            eventually(lambda waiting=waiting: state(server) == (1, waiting))  # type: ignore[misc]
        refused = solve(server, {"question": PENS})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["error"]["code"] == "queue_full"
        assert [one.result().status_code for one in accepted] == [200] * 3


def test_a_greedy_client_does_not_keep_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings(port=0, streams=1, queue=4, tokens=TOKENS)
    with running(monkeypatch, settings, step_s=0.02) as server, ThreadPoolExecutor(6) as pool:
        greedy = []
        for waiting in range(5):
            greedy.append(pool.submit(solve, server, {**ENDLESS, "max_tokens": 60}, TOKENS[0]))
            eventually(lambda waiting=waiting: state(server) == (1, waiting))  # type: ignore[misc]
        assert solve(server, {"question": PENS}, TOKENS[1]).json()["answer"] == "21"
        assert sum(one.done() for one in greedy) <= 3
        # The last of the longest line gave its place.
        assert sorted(one.result().status_code for one in greedy) == [200, 200, 200, 200, 429]


def test_a_client_in_the_queue_hears_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings(port=0, streams=1)
    with running(monkeypatch, settings, step_s=0.01) as server, ThreadPoolExecutor(2) as pool:
        for count in (0, 1):
            pool.submit(solve, server, {**ENDLESS, "max_tokens": 100})
            eventually(lambda count=count: state(server) == (1, count))  # type: ignore[misc]
        body = {"question": PENS, "stream": True}
        with httpx.stream("POST", f"{server.url}/solve", json=body, timeout=30) as reply:
            lines = list(reply.iter_lines())
        positions = [json.loads(line[6:])["position"] for line in lines if '"position"' in line]
        assert positions == [1, 0]
        assert any('"answer":"21"' in line for line in lines)


@pytest.mark.parametrize("kind", ["own", "server"])
def test_a_deadline_ends_what_is_written_and_what_waits(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    settings = ServeSettings(port=0, streams=1, **({"deadline_ms": 1500} if kind == "server" else {}))
    body = {**ENDLESS, **({"deadline_ms": 1500} if kind == "own" else {})}
    with running(monkeypatch, settings, step_s=0.05) as server, ThreadPoolExecutor(2) as pool:
        running_one = pool.submit(solve, server, body)
        eventually(lambda: state(server) == (1, 0))
        waiting = solve(server, {"question": PENS, "deadline_ms": 100}).json()
        rows = [running_one.result().json(), waiting]
        assert [row["status"] for row in rows] == ["truncated"] * 2
        assert "deadline came after" in rows[0]["reason"]
        assert "deadline came while the question waited" in rows[1]["reason"]
        assert all(row["timings_ms"]["total"] < 4500 for row in rows)
        # It is told at its deadline, not when the slot falls free.
        assert waiting["timings_ms"]["total"] < rows[0]["timings_ms"]["total"]


def test_samples_that_wait_for_a_slot_past_the_deadline_are_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = ServeSettings(port=0, streams=1)
    with running(monkeypatch, settings, step_s=0.1) as server:
        body = {**ENDLESS, "mode": "vote", "samples": 16, "deadline_ms": 500}
        row = solve(server, body).json()
        assert row["status"] == "truncated"
        # Each would take a step more.
        assert row["timings_ms"]["total"] < 1500


def test_an_end_finishes_what_runs_and_refuses_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings(port=0, streams=1)
    with running(monkeypatch, settings, step_s=0.01) as server, ThreadPoolExecutor(3) as pool:
        first = pool.submit(solve, server, {**ENDLESS, "max_tokens": 60})
        eventually(lambda: state(server) == (1, 0))
        second = pool.submit(solve, server, {"question": PENS})
        eventually(lambda: state(server) == (1, 1))
        server.end()
        assert second.result().status_code == 503
        assert second.result().json()["error"]["code"] == "shutting_down"
        assert first.result().json()["reason"].startswith("the model wrote 60 tokens")
        eventually(lambda: server.ended)
        with pytest.raises(httpx.TransportError):
            solve(server, {"question": PENS})


def test_long_texts_take_fewer_slots_and_give_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch) as server:
        long = {"model": "fake:raw", "prompt": "Once upon" + "." * 1000, "max_tokens": 5}
        for _ in range(2):
            assert solve(server, {"question": PENS}).json()["answer"] == "21"
            assert httpx.post(f"{server.url}/v1/completions", json=long).status_code == 200
        opened = server.engines["fake"][0].opened
        assert opened == [(4, 512), (2, 1014), (4, 512), (2, 1014)]


def test_a_batch_whose_engine_failed_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from runtime.values.errors import WorkFailed

    with running(monkeypatch, step_s=0.01) as server, ThreadPoolExecutor(1) as pool:
        first = pool.submit(solve, server, ENDLESS)
        eventually(lambda: state(server) == (1, 0))
        streams = server.engines["fake"][0].last_streams
        assert streams is not None

        def fail() -> None:
            raise WorkFailed("no memory")

        streams.step = fail  # type: ignore[method-assign, assignment]
        assert first.result().status_code == 503
        assert solve(server, {"question": PENS}).json()["answer"] == "21"
        assert len(server.engines["fake"]) == 2
