"""Replies on their way: whole or in events, and ended where the client leaves."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from time import perf_counter
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from runtime.serve.api.desk import Desk, Request
from runtime.serve.api.replies import Reply, ReplyFormat, Row, dumped
from runtime.serve.errors import ApiError
from runtime.serve.work.ticket import Ticket

T = TypeVar("T")

# A queued client hears its position again after this time, where it has changed.
POSITION_S = 0.5
# A client that waits hears something at least this often, so that what stands between does not give up.
PING_S = 15.0
PING = b": waiting\n\n"
# Pieces are sent no more often: what comes meanwhile is sent together.
PIECES_S = 0.02
# After its deadline, a request has this long to be told.
GRACE_S = 30.0


class JsonReply(Response):
    """One object in plain ASCII, so that whatever text is in it can be sent."""

    media_type = "application/json"

    def render(self, content: Row) -> bytes:
        """The object's bytes."""
        return dumped(content).encode("ascii")


class Whole(Response):
    """A reply that is sent once it is whole; nothing is sent, and the work ends, where the client leaves before."""

    def __init__(self, desk: Desk, request: Request, form: ReplyFormat) -> None:
        self._desk, self._request, self._form = desk, request, form
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            reply = await _unless_left(receive, self._desk.reply(self._request))
        finally:
            self._desk.release(self._request)
        if reply is not None:
            await JsonReply(self._form.whole(reply))(scope, receive, send)


class EventStream(Response):
    """A reply as server-sent events, while it is written."""

    def __init__(self, desk: Desk, request: Request, form: ReplyFormat) -> None:
        self._desk, self._request, self._form = desk, request, form
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            limit_s = self._desk.settings.deadline_ms / 1e3 + GRACE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await _unless_left(receive, self._send(send))
        finally:
            self._desk.release(self._request)

    async def _send(self, send: Send) -> bool:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for data in _events(self._desk, self._request, self._form):
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return True


async def _unless_left(receive: Receive, work: Coroutine[Any, Any, T]) -> T | None:
    """What comes of some work, which is ended where the client leaves; None then."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _news(ticket: Ticket, seconds: float) -> bool:
    """Whether something was told within this time."""
    try:
        await asyncio.wait_for(ticket.news(), seconds)
    except TimeoutError:
        return False
    return True


def _rest(reply: Reply, told: str) -> str:
    """The part of a reply's text that was not told yet."""
    return reply.text[len(told) :] if reply.text.startswith(told) else ""


async def _events(desk: Desk, request: Request, form: ReplyFormat) -> AsyncIterator[bytes]:
    """All events of a reply: its place in the queue, pieces of text, the end."""
    ticket, told = request.ticket, ""
    position = request.batch.position(ticket)
    yield b"".join(form.queued(position))
    spoke = perf_counter()
    while ticket.result is None or ticket.has_news():
        if not await _news(ticket, PING_S if ticket.begun else POSITION_S):
            now = request.batch.position(ticket)
            if now != position:
                position, spoke = now, perf_counter()
                yield b"".join(form.queued(position))
            elif perf_counter() - spoke >= PING_S:
                spoke = perf_counter()
                yield PING
            continue
        pieces = ticket.pieces()
        if pieces:
            told += "".join(text for _, text in pieces)
            spoke = perf_counter()
            yield b"".join(event for piece in pieces for event in form.piece(*piece))
            if ticket.result is None:
                await asyncio.sleep(PIECES_S)
    try:
        reply = await desk.reply(request)
    except ApiError as error:
        yield b"".join(form.failed(error))
    else:
        yield b"".join(form.end(reply, _rest(reply, told)))
