"""Whatever fits the description of the endpoints, and what does not, is answered and never fails."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runtime.serve.running import PENS, Running, running

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
# What a field is mostly: now and then it is anything.
USUAL: dict[str, st.SearchStrategy[Any]] = {
    "question": st.sampled_from([PENS, "Broken", ""]) | st.text(max_size=30),
    "model": st.sampled_from(["fake", "fake:raw", "fake:solve", "other"]),
    "thought": st.sampled_from(["eot", "pot", "cot", "x"]),
    "mode": st.sampled_from(["single", "fallback", "vote", "adaptive", "best_of"]),
    "samples": st.integers(0, 5),
    "deadline_ms": st.integers(-1, 500),
    "max_tokens": st.integers(-1, 20),
    "min_confidence": st.floats(0, 1),
    "stream": st.booleans(),
    "messages": st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "system", "assistant"]), "content": st.text(max_size=20)}
        ),
        max_size=3,
    ),
    "prompt": st.text(max_size=20),
    "input": st.text(max_size=20),
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0, 1),
    "seed": st.integers(),
    "stop": st.lists(st.text(max_size=3), max_size=3),
}
PATHS = {
    "/solve": ("question",),
    "/v1/chat/completions": ("model", "messages"),
    "/v1/completions": ("model", "prompt"),
    "/v1/responses": ("model", "input"),
}


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Any]:
    path = draw(st.sampled_from(sorted(PATHS)))
    names = {*PATHS[path], *draw(st.sets(st.sampled_from(sorted(USUAL)), max_size=4))}
    body = {name: draw(USUAL[name] if draw(st.integers(0, 5)) else ANYTHING) for name in sorted(names)}
    return path, body if draw(st.integers(0, 9)) else draw(ANYTHING)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patched, running(patched) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=requests())
def test_no_request_fails(client: httpx.Client, request: tuple[str, Any]) -> None:
    path, body = request
    data = json.dumps(body)
    reply = client.post(path, content=data, headers={"content-type": "application/json"})
    assert reply.status_code in (200, 400, 404)
    if reply.status_code != 200:
        assert "expected" in reply.json()["error"]["message"]


def test_the_description_names_every_endpoint(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {*PATHS, "/v1/models", "/v1/models/{id}", "/models", "/health", "/metrics"}


def test_the_description_has_our_refusals_and_limits(client: httpx.Client) -> None:
    told = client.get("/openapi.json").json()
    for path in PATHS:
        assert set(told["paths"][path]["post"]["responses"]) == {
            "200", "400", "401", "404", "413", "415", "429", "503",
        }  # fmt: skip
    assert set(told["paths"]["/models"]["get"]["responses"]) == {"200", "400", "401"}
    assert told["components"]["schemas"]["SolveBody"]["properties"]["question"]["maxLength"] == 4000
    assert "HTTPValidationError" not in json.dumps(told)
