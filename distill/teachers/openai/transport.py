"""Connections of the client through aiohttp, at half the cost of its own, with a bound on what is read of a reply."""

import asyncio
import os
import ssl
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2

from distill.teachers.openai.turn import Turn

CONNECT_S = 10.0
# What aiohttp reads without another package.
ENCODINGS = "gzip, deflate"


class ReplyTooLong(Exception):
    """A reply went past the bound."""


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """One connection a stream, kept open; a reply is read whole. Raises httpx2's errors, and ReplyTooLong.

    It is called by whoever has the turn, and gives it to others between the request and its reply.
    """

    def __init__(self, streams: int, max_bytes: int, turn: Turn) -> None:
        self._streams, self._max_bytes, self._turn = streams, max_bytes, turn
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read its reply; redirects are replies like others."""
        session = self._session or self._opened(request.url)
        # Not `{**request.headers}`, which looks each name up in the whole list.
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw
        }
        headers["accept-encoding"] = ENCODINGS
        exchange = asyncio.ensure_future(self._exchange(session, request, headers))
        try:
            # The request is written by a task of its own, two rounds of the loop later.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            async with self._turn.given():
                response, content = await exchange
        except aiohttp.ClientConnectorError as error:
            # A number below 0 is a name that could not be looked up.
            number, words = error.os_error.errno or 0, error.os_error.strerror
            raise httpx2.ConnectError(os.strerror(number) if number > 0 else str(words or error)) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise httpx2.ConnectError("no connection in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx2.ReadError(str(error)) from error
        finally:
            exchange.cancel()
        # The content is no longer encoded.
        told = [
            (name, value) for name, value in response.headers.items() if name.lower() != "content-encoding"
        ]
        return httpx2.Response(response.status, headers=told, content=content, request=request)

    async def _exchange(
        self, session: aiohttp.ClientSession, request: httpx2.Request, headers: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        async with session.request(
            request.method, str(request.url), headers=headers, data=request.content, allow_redirects=False
        ) as response:
            return response, await self._content(response)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self, url: httpx2.URL) -> aiohttp.ClientSession:
        """The session, opened by the first request because it belongs to a loop.

        Its proxy is looked up once: aiohttp would do that for each request, in a thread, and ask .netrc for a key.
        """
        connector = aiohttp.TCPConnector(limit=self._streams, ssl=ssl.create_default_context())
        # The whole of a request has a time limit of its own.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
        proxy = None if proxy_bypass(url.host) else getproxies().get(url.scheme)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, proxy=proxy)
        return self._session

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > self._max_bytes:
                raise ReplyTooLong
            parts.append(part)
        return b"".join(parts)
