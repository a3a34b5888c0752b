"""The gate: what every request passes before anything is done for it. Plain ASGI, so that nothing is buffered.

Who asks (token or address) is left in the scope as `client`. A body is read here, within its limits of size, time and
form, and given on whole.
"""

import asyncio
import hmac
import json
import sys
from collections.abc import Mapping
from time import perf_counter
from typing import Any, NoReturn

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.serve.api.replies import dumped
from runtime.serve.errors import ApiError
from runtime.serve.metrics import Metrics
from runtime.serve.settings import MAX_BODY_BYTES, READ_S, ServeSettings, is_loopback

CLIENT = "client_name"
# Everything that a page may load comes from here.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
# Paths that need no token: the page, which has nothing to hide, and whether the server lives.
OPEN_PATHS = ("/", "/health", "/manifest.webmanifest", "/sw.js")
OPEN_FOLDER = "/static/"
# The page asks for these before it has a token.
OPEN_ON_LOOPBACK = ("/models",)


class Gate:
    """Checks host, token and body, adds security headers, counts and logs: method, path, status, time; no text."""

    def __init__(self, app: ASGIApp, settings: ServeSettings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = perf_counter(), 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
            await send(message)

        try:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            self._check_host(headers)
            scope[CLIENT] = self._client(scope, headers)
            if scope["method"] in ("POST", "PUT", "PATCH"):
                receive = _replayed(await _read_body(headers, receive), receive)
            await self._app(scope, receive, counted)
        except ApiError as error:
            await _refuse(error, counted)
        except _Left:
            self._metrics.left += 1
        finally:
            self._note(scope, status, perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # What no route knows is anything that somebody typed.
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests[route, status] += 1
        if route not in ("/health", "/metrics"):
            line = f"{scope['method'][:8]} {route} {status or 'left'} {seconds * 1e3:.0f} ms"
            print(line, file=sys.stderr, flush=True)

    def _check_host(self, headers: Mapping[str, str]) -> None:
        """On loopback a page whose name was made to point here (DNS rebinding) says that name, and is refused."""
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        if self._settings.loopback and not is_loopback(name.strip("[]")):
            raise ApiError(400, f"host {host[:80]!r}; expected: localhost or 127.0.0.1", code="wrong_host")

    def _client(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Who asks; raises ApiError without a token where one is needed."""
        given = _bearer(headers)
        matches = [hmac.compare_digest(given, token.encode("ascii")) for token in self._settings.tokens]
        if any(matches):
            return f"token {matches.index(True)}"
        path = scope["path"]
        free = path in OPEN_PATHS or path.startswith(OPEN_FOLDER)
        free = free or (self._settings.loopback and path in OPEN_ON_LOOPBACK)
        # A browser asks with OPTIONS what it may send, and sends no token with that.
        if self._settings.tokens and not free and scope["method"] != "OPTIONS":
            what = "a token that is not known" if given else "no token"
            raise ApiError(401, f"{what}; expected: Authorization: Bearer TOKEN", code="invalid_api_key")
        peer = scope.get("client")
        return str(peer[0]) if peer else "unknown"


class _Left(Exception):
    """The client left before its request was whole."""


def _bearer(headers: Mapping[str, str]) -> bytes:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1") if scheme.lower() == "bearer" else b""


async def _read_body(headers: Mapping[str, str], receive: Receive) -> bytes:
    """The body, which is JSON; raises ApiError where it is not, is too long, or does not come."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    # Of all others a page elsewhere could send some without asking first.
    if kind != "application/json":
        raise ApiError(415, f"content type {kind[:80]!r}; expected: application/json", code="wrong_type")
    length = headers.get("content-length", "0")
    if length.isdecimal() and len(length) < 20 and int(length) > MAX_BODY_BYTES:
        raise _too_long()
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Left
                body += message.get("body", b"")
                if len(body) > MAX_BODY_BYTES:
                    raise _too_long()
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise ApiError(400, f"a body that took over {READ_S:g} s; expected: all of it at once") from error
    _check_json(bytes(body))
    return bytes(body)


def _too_long() -> ApiError:
    return ApiError(413, f"a body of too many bytes; expected: up to {MAX_BODY_BYTES:,}", code="too_long")


def _check_json(body: bytes) -> None:
    try:
        json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise ApiError(
            400, "a body that is not UTF-8; expected: JSON in UTF-8", code="invalid_json"
        ) from error
    except RecursionError as error:
        raise ApiError(
            400, "JSON that is nested too deep; expected: plain fields", code="invalid_json"
        ) from error
    except ValueError as error:
        raise ApiError(
            400, f"no JSON ({str(error)[:80]}); expected: a JSON object", code="invalid_json"
        ) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What gives the body that was read, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _refuse(error: ApiError, send: Send) -> None:
    body = dumped(error.to_row()).encode("ascii")
    headers: list[Any] = [(b"content-type", b"application/json")]
    headers += [(b"content-length", str(len(body)).encode("ascii"))]
    headers += [
        (name.lower().encode("ascii"), value.encode("ascii")) for name, value in error.headers().items()
    ]
    if error.status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
