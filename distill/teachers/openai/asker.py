"""The asker: an event loop in a thread of its own that keeps a number of requests under way, each with its retries.

Requests wait in a queue; as many workers as requests may be under way take them out, so that a slow one holds nobody.
A reply is kept before anybody is told of it. What stops one request for good is told of that request alone; what stops
all of them (a wrong key, a spent budget, a server that is gone) is raised to whoever waits.
"""

import asyncio
import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from distill.teachers.chat.store import TokenCount
from distill.teachers.openai.answers import Answer, Fault
from distill.teachers.openai.budget import Budget, expected_tokens
from distill.teachers.openai.retries import backoff_s
from distill.teachers.openai.settings import OpenAISettings
from distill.teachers.openai.turn import Turn
from runtime.values.errors import WorkFailed
from runtime.values.rationale import Declined

# Requests under way have this long to come to their end when asking ends.
GRACE_S = 5.0
# As many failures with nothing answered in between, and the server is taken for gone.
MIN_FAILURES = 8
TICK_S = 0.5


class BudgetSpent(WorkFailed):
    """The next request does not fit the budget."""


@dataclass(frozen=True, slots=True)
class Order:
    """One request: its hash, what to send, what to keep beside the reply, and who waits (for None once it is kept)."""

    key: str
    body: dict[str, Any]
    kept: Mapping[str, Any]
    sent_bytes: int
    done: "Future[Declined | None]" = field(default_factory=Future)


class Client(Protocol):
    """Sends one request."""

    async def post(self, body: Mapping[str, Any], sent_bytes: int) -> Answer | Fault:
        """The server's answer, or why there is none."""

    async def close(self) -> None:
        """Let go of the connections."""


@dataclass(slots=True)
class AskerStats:
    """Requests so far: answered, sent again, and given up."""

    answered: int = 0
    retried: int = 0
    failed: int = 0


class Asker:
    """Sends orders through a client within a budget; `keep` is called in the loop's thread with each answer."""

    def __init__(
        self,
        settings: OpenAISettings,
        client: Client,
        turn: Turn,
        budget: Budget,
        keep: Callable[[Order, Answer], None],
    ) -> None:
        self.stats = AskerStats()
        self._settings, self._client, self._turn = settings, client, turn
        self._budget, self._keep = budget, keep
        self._chance = random.Random()
        self._error: Exception | None = None
        self._held: list[tuple[Order, Declined]] = []
        self._under_way = 0
        self._not_before = 0.0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="asker", daemon=True)
        self._thread.start()
        self._ready.wait()

    def submit(self, order: Order) -> None:
        """Put an order at the end of the queue; what has stopped the asking is told to whoever waits for it."""
        if self._error is not None:
            order.done.set_exception(self._error)
            return
        self._loop.call_soon_threadsafe(self._queue.put_nowait, order)

    def wait(self, order: Order, tick: Callable[[], None]) -> Declined | None:
        """Wait for an order: None when its reply is kept. `tick` is called now and then meanwhile."""
        while True:
            try:
                return order.done.result(TICK_S)
            except TimeoutError:
                tick()

    def close(self) -> None:
        """Let what is under way come to its end, a few seconds long, and end the thread."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Order] = asyncio.Queue()
        # Set when no further request is to be sent; `freed` whenever one under way has come to its end.
        self._closing, self._stopping, self._freed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        workers = [asyncio.create_task(self._work()) for _ in range(self._settings.concurrency)]
        self._ready.set()
        await self._closing.wait()
        self._stop(WorkFailed("asking has ended"))
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while self._under_way:
                    self._freed.clear()
                    await self._freed.wait()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await self._client.close()

    async def _work(self) -> None:
        async with self._turn:
            while True:
                await self._take_one()

    async def _take_one(self) -> None:
        """An order from the queue to its end."""
        if self._queue.empty():
            async with self._turn.given():
                order = await self._queue.get()
        else:
            order = self._queue.get_nowait()
        self._under_way += 1
        try:
            self._settle(order, await self._answered(order))
        except Exception as error:  # noqa: BLE001 -- it is raised again, in the thread that waits
            self._stop(error)
            order.done.set_exception(self._error or error)
        finally:
            self._under_way -= 1
            self._freed.set()
        if not self._under_way and self._queue.empty():
            if self._held and not self.stats.answered:
                # Nothing was ever answered: no word on the requests, only on the server.
                self._stop(self._gone())
            self._release()

    def _settle(self, order: Order, fault: Fault | None) -> None:
        """Tell who waits. Failures of the server are held back until it answers again, or is taken for gone."""
        if fault is None:
            self.stats.answered += 1
            order.done.set_result(None)
            self._release()
            return
        self.stats.failed += 1
        if fault.what == "never":
            order.done.set_result(Declined(fault.reason, fault.detail))
            return
        self._held.append((order, Declined(fault.reason, fault.detail)))
        if len(self._held) >= max(MIN_FAILURES, self._settings.concurrency):
            self._stop(self._gone())

    def _gone(self) -> WorkFailed:
        reasons = ", ".join(sorted({failure.reason for _, failure in self._held}))
        _, last = self._held[-1]
        return WorkFailed(
            f"{self._settings.base_url} failed {len(self._held)} requests one after the other, each asked "
            f"{self._settings.retries + 1} times ({reasons}; the last: {last.detail or 'nothing said'}); "
            "nothing is lost, and the same call goes on"
        )

    def _release(self) -> None:
        held, self._held = self._held, []
        for order, declined in held:
            order.done.set_result(declined)

    def _stop(self, error: Exception) -> None:
        """No further request is sent, and whoever waits for one hears why; the first reason stays."""
        self._error = self._error or error
        self._stopping.set()
        waiting = [order for order, _ in self._held]
        self._held = []
        while not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        for order in waiting:
            order.done.set_exception(self._error)

    async def _answered(self, order: Order) -> Fault | None:
        """Ask until there is an answer, and keep it; else the last fault. Raises what stops all asking."""
        expected = expected_tokens(order.sent_bytes, self._settings.max_tokens)
        await self._reserve(expected)
        try:
            for attempt in count():
                await self._pause(self._not_before - self._loop.time())
                answer = await self._client.post(order.body, order.sent_bytes)
                if isinstance(answer, Answer):
                    self._budget.spent(answer.count)
                    self._keep(order, answer)
                    return None
                if answer.error is not None:
                    raise answer.error
                if answer.what == "never" or attempt >= self._settings.retries:
                    return answer
                self.stats.retried += 1
                if answer.what == "again":
                    await self._before_retry(answer, attempt)
            raise AssertionError("unreachable: the last attempt returns or raises")
        finally:
            self._budget.release(expected)

    async def _reserve(self, expected: TokenCount) -> None:
        """Wait until a request fits the budget beside those under way; raises BudgetSpent when it never will."""
        while not self._budget.reserve(expected):
            if self._error is not None:
                raise self._error
            if not self._budget.under_way:
                raise BudgetSpent(f"the budget is spent ({self._budget.told()})")
            self._freed.clear()
            async with self._turn.given():
                await self._freed.wait()

    async def _before_retry(self, fault: Fault, attempt: int) -> None:
        """Wait as the server asks, all requests alike, or longer with each retry."""
        settings = self._settings
        wait_s = backoff_s(attempt, settings.retry_base_s, settings.retry_max_s, self._chance)
        if fault.wait_s is not None:
            if fault.wait_s > settings.max_wait_s:
                raise WorkFailed(
                    f"{settings.base_url} asks to wait {fault.wait_s:.0f} s ({fault.reason}), longer than "
                    f"openai.max_wait_s={settings.max_wait_s:g}; nothing is lost, and the same call goes on later"
                )
            self._not_before = max(self._not_before, self._loop.time() + fault.wait_s)
            wait_s += fault.wait_s
        await self._pause(wait_s)

    async def _pause(self, seconds: float) -> None:
        """Sleep, or raise what stops the asking as soon as it does."""
        if seconds > 0 and self._error is None:
            async with self._turn.given():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), seconds)
        if self._error is not None:
            raise self._error
