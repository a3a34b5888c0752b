"""What a server lets in, and what hostile clients find."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from runtime.serve.settings import MAX_BODY_BYTES, ServeSettings
from tests.runtime.serve.running import PENS, Running, running

TOKENS = ("first-token-0123456", "second-token-012345")
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with (
        pytest.MonkeyPatch.context() as patched,
        running(patched, ServeSettings(port=0, cors=("https://example.org",))) as server,
    ):
        yield server


def exchange(server: Running, data: bytes, *, half_closed: bool = False, seconds: float = 10) -> bytes:
    """What a server answers to bytes, until it closes."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as connection:
        connection.sendall(data)
        if half_closed:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        # A server that closes with unread bytes before it resets.
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
        return answer


@pytest.mark.parametrize(
    ("body", "headers", "status", "part"),
    [
        (b"{", JSON, 400, "JSON"),
        (b"", JSON, 400, "JSON"),
        (b"\xff\xfe{}", JSON, 400, "UTF-8"),
        (b'{"question": NaN}', JSON, 400, "NaN"),
        (b'{"question": "a", "deadline_ms": Infinity}', JSON, 400, "Infinity"),
        (b'{"question": "a", "deadline_ms": 1e999}', JSON, 400, "deadline_ms"),
        (b'{"question": "a", "max_tokens": 1' + b"0" * 5000 + b"}", JSON, 400, "expected"),
        (b"[" * 100_000, JSON, 400, "deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, JSON, 413, "bytes"),
        (b'{"question": "\\ud800"}', JSON, 400, "question"),
        (b'{"question": "a\\u0000b"}', JSON, 400, "U+0000"),
        (b"[]", JSON, 400, "body"),
        (b'"text"', JSON, 400, "body"),
        (b" " * (MAX_BODY_BYTES + 1), JSON, 413, "bytes"),
        (b'{"question": "a"}', {"content-type": "text/plain"}, 415, "application/json"),
        (b"question=a", {"content-type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        (b'{"question": "a"}', {}, 415, "application/json"),
        (b'{"question": "a"}', {**JSON, "host": "evil.example"}, 400, "evil.example"),
        (b'{"question": "a"}', {**JSON, "host": "127.0.0.1.evil.example:80"}, 400, "expected"),
    ],
)
def test_bodies_and_heads_that_are_wrong_are_refused(
    server: Running, body: bytes, headers: dict[str, str], status: int, part: str
) -> None:
    reply = httpx.post(f"{server.url}/solve", content=body, headers=headers)
    assert reply.status_code == status
    message = reply.json()["error"]["message"]
    assert part in message
    assert "expected" in message


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"POST /solve HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /solve HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    ],
)
def test_what_is_no_http_is_answered_by_closing(server: Running, data: bytes) -> None:
    answer = exchange(server, data)
    assert not answer or answer.startswith(b"HTTP/1.1 4")


def test_a_length_that_is_claimed_is_enough_to_refuse(server: Running) -> None:
    head = b"POST /solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    assert exchange(server, head % (1 << 40)).startswith(b"HTTP/1.1 413")


def test_a_client_that_closes_its_half_before_its_body_is_left(server: Running) -> None:
    head = b"POST /solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    assert not exchange(server, head, half_closed=True).startswith(b"HTTP/1.1 5")
    assert httpx.get(f"{server.url}/health").status_code == 200


def test_clients_that_do_not_go_on_are_left(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.serve.protocol.READ_S", 0.2)
    monkeypatch.setattr("runtime.serve.api.gate.READ_S", 0.2)
    started = time.monotonic()
    assert exchange(server, b"") == b""
    assert exchange(server, b"GET / HTT") == b""
    head = (
        b"POST /solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
    )
    answer = exchange(server, head + b"Connection: close\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 400")
    assert time.monotonic() - started < 5


def test_every_reply_has_the_security_headers(server: Running) -> None:
    for path in ("/", "/models", "/nothing", "/static/../app.py", "/static/%2e%2e/app.py", "/static/%00"):
        headers = httpx.get(f"{server.url}{path}").headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/%00", "/static/"]
)
def test_no_file_but_the_pages_is_given(server: Running, path: str) -> None:
    place = urlsplit(server.url)
    answer = exchange(
        server, f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://example.org", "https://example.org"), ("https://evil.example", None)]
)
def test_pages_of_named_origins_alone_may_ask(server: Running, origin: str, allowed: str | None) -> None:
    headers = {"origin": origin, "access-control-request-method": "POST"}
    reply = httpx.options(f"{server.url}/solve", headers=headers)
    assert reply.headers.get("access-control-allow-origin") == allowed


def test_who_has_no_token_gets_the_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        running(monkeypatch, ServeSettings(port=0, tokens=TOKENS)) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        assert client.get("/health").status_code == 200
        assert client.get("/models").status_code == 200
        for wrong in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKENS[0]}"}):
            reply = client.post("/solve", json={"question": PENS}, headers=wrong)
            assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
            assert client.get("/metrics", headers=wrong).status_code == 401
            assert client.get("/v1/models", headers=wrong).status_code == 401
        for token in TOKENS:
            right = {"authorization": f"Bearer {token}"}
            assert client.post("/solve", json={"question": PENS}, headers=right).json()["answer"] == "21"


def test_other_machines_need_a_token_for_the_models_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch, ServeSettings(host="0.0.0.0", port=0, tokens=TOKENS)) as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{url}/models", headers={"host": "any.example"}).status_code == 401
        assert httpx.get(f"{url}/health", headers={"host": "any.example"}).status_code == 200


@pytest.mark.parametrize("log_questions", [False, True])
def test_questions_are_logged_where_that_was_asked_for_alone(
    log_questions: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with running(monkeypatch, ServeSettings(port=0, log_questions=log_questions)) as server:
        httpx.post(f"{server.url}/solve", json={"question": PENS})
        httpx.get(f"{server.url}/secret-path-{PENS}")
    logged = capfd.readouterr().err
    assert "POST /solve 200" in logged
    assert (json.dumps(PENS) in logged) is log_questions
    assert "secret" not in logged
