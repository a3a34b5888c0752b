"""Batches: requests sent as one file, answered within a day, at OpenAI for half the price.

What waits when a reply is first needed becomes a batch. The server's own list of batches is the record of what was
sent: each carries the address of our store, so that a run that was killed at any moment finds its batch again and asks
nothing twice. `batches.txt` beside the replies names those whose replies are all in the store.
"""

import json
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from distill.teachers.chat.store import TokenCount
from distill.teachers.openai.answers import Answer, Fault, quoted, read_answer
from distill.teachers.openai.asker import AskerStats, BudgetSpent, Order
from distill.teachers.openai.budget import Budget, expected_tokens
from distill.teachers.openai.settings import OpenAISettings
from runtime.values.errors import EdgethoughtError, InputError, MissingExtra, WorkFailed
from runtime.values.rationale import Declined

try:
    import httpx2
    import openai

    from distill.teachers.openai.client import keep_private, key_refused
except ImportError as error:
    raise MissingExtra("the teacher openai needs openai: pip install 'edgethought[build]'") from error

if TYPE_CHECKING:
    from openai.types import Batch

ENDPOINT: Final = "/v1/chat/completions"
COLLECTED_FILE = "batches.txt"
OURS = "edgethought_store"
EXPIRED = "batch_expired"
FINAL = {"completed", "failed", "expired", "cancelled"}
# The longest sleep between two calls of `tick`.
TICK_S = 0.5


class BatchAsker:
    """Collects orders, and has them answered together when one of them is waited for."""

    def __init__(
        self,
        settings: OpenAISettings,
        key: str | None,
        folder: Path,
        budget: Budget,
        keep: Callable[[Order, Answer], None],
    ) -> None:
        self.stats = AskerStats()
        self._settings, self._folder, self._budget, self._keep = settings, folder, budget, keep
        self._key = key
        self._waiting: dict[str, Order] = {}
        self._client = openai.OpenAI(
            api_key=key or "none",
            base_url=settings.base_url,
            max_retries=settings.retries,
            http_client=httpx2.Client(timeout=settings.timeout_s, follow_redirects=False),
        )

        keep_private(self._client, settings)

    def submit(self, order: Order) -> None:
        """Put an order into the next batch."""
        self._waiting[order.key] = order

    def wait(self, order: Order, tick: Callable[[], None]) -> Declined | None:
        """Wait for an order: None when its reply is kept. `tick` is called now and then meanwhile."""
        while not order.done.done():
            try:
                self._answer(tick)
            except openai.OpenAIError as error:
                raise self._told(error) from error
        return order.done.result()

    def close(self) -> None:
        """Let go of the connections; batches under way stay so, and are found again."""
        self._client.close()

    def _answer(self, tick: Callable[[], None]) -> None:
        """Take in what is under way at the server, else send what waits and take that in."""
        batches = list(self._under_way())
        if not batches:
            batches = [self._send()]
        for batch in batches:
            self._collect(self._finished(batch, tick))

    def _under_way(self) -> "Iterator[Batch]":
        """Batches of this store whose replies are not all in it."""
        file = self._folder / COLLECTED_FILE
        collected = set(file.read_text().split()) if file.is_file() else set()
        for batch in self._client.batches.list(limit=100):
            if (batch.metadata or {}).get(OURS) == self._folder.name and batch.id not in collected:
                yield batch

    def _send(self) -> "Batch":
        """What waits as one batch, as far as the budget goes."""
        orders: list[Order] = []
        expected: list[TokenCount] = []
        for order in self._waiting.values():
            tokens = expected_tokens(order.sent_bytes, self._settings.max_tokens)
            if len(orders) == self._settings.batch_size or not self._budget.reserve(tokens):
                break
            orders.append(order)
            expected.append(tokens)
        # A finished batch is settled by its replies, so nothing stays set aside.
        for tokens in expected:
            self._budget.release(tokens)
        if not orders:
            raise BudgetSpent(f"the budget is spent ({self._budget.told()})")
        lines = b"".join(self._line(order) for order in orders)
        file = self._client.files.create(file=("requests.jsonl", BytesIO(lines)), purpose="batch")
        return self._client.batches.create(
            input_file_id=file.id,
            endpoint=ENDPOINT,
            completion_window="24h",
            metadata={OURS: self._folder.name},
        )

    def _line(self, order: Order) -> bytes:
        body = {**order.body, **self._settings.request}
        row = {"custom_id": order.key, "method": "POST", "url": ENDPOINT, "body": body}
        return json.dumps(row).encode() + b"\n"

    def _finished(self, batch: "Batch", tick: Callable[[], None]) -> "Batch":
        """The batch when nothing will be added to it."""
        while batch.status not in FINAL:
            until = time.monotonic() + self._settings.batch_poll_s
            while (left := until - time.monotonic()) > 0:
                time.sleep(min(left, TICK_S))
                tick()
            batch = self._client.batches.retrieve(batch.id)
        return batch

    def _collect(self, batch: "Batch") -> None:
        """Keep a batch's replies and tell who waits. What it had no time for goes on waiting, for the next one."""
        if batch.status == "failed":
            faults = batch.errors.data if batch.errors and batch.errors.data else []
            told = "; ".join(str(fault.message) for fault in faults[:3]) or "nothing said"
            self._mark(batch)
            raise InputError(
                f"{self._settings.base_url} does not take the batch ({quoted(told.encode())}); expected: --set "
                "openai.batch=false, or what it asks for"
            )
        for row in self._rows(batch.output_file_id):
            self._take(row)
        for row in self._rows(batch.error_file_id):
            self._decline(row)
        if batch.status == "completed":
            for row in self._rows(batch.input_file_id):
                self._decline({**row, "error": {"message": "the batch has no answer"}})
        self._mark(batch)
        if batch.status == "cancelled":
            raise WorkFailed(
                f"the batch {batch.id} was cancelled; what it answered is kept, and the same call goes on"
            )

    def _rows(self, file: str | None) -> Iterator[dict[str, Any]]:
        if file is None:
            return
        for line in self._client.files.content(file).content.splitlines():
            if line.strip():
                yield json.loads(line)

    def _take(self, row: dict[str, Any]) -> None:
        order = self._waiting.get(row["custom_id"]) or Order(row["custom_id"], {}, {}, 0)
        response = row.get("response") or {}
        answer = read_answer(json.dumps(response.get("body")).encode(), order.sent_bytes)
        if isinstance(answer, Fault) or response.get("status_code") != 200:
            self._decline(row)
            return
        self._budget.spent(answer.count)
        self._keep(order, answer)
        self.stats.answered += 1
        if self._waiting.pop(order.key, None):
            order.done.set_result(None)

    def _decline(self, row: dict[str, Any]) -> None:
        """Tell that there is no answer, if anybody waits for one."""
        if (row.get("error") or {}).get("code") == EXPIRED:
            return
        order = self._waiting.pop(row["custom_id"], None)
        if order is not None:
            told = row.get("error") or (row.get("response") or {}).get("body")
            self.stats.failed += 1
            order.done.set_result(Declined("server_error", quoted(json.dumps(told).encode())))

    def _mark(self, batch: "Batch") -> None:
        with (self._folder / COLLECTED_FILE).open("a", encoding="utf-8") as file:
            file.write(f"{batch.id}\n")

    def _told(self, error: openai.OpenAIError) -> EdgethoughtError:
        """The line about a batch that cannot be had, without the key."""
        url = self._settings.base_url
        if isinstance(error, openai.AuthenticationError):
            return InputError(key_refused(self._settings, self._key))
        told = quoted(str(error).encode())
        told = told.replace(self._key, "***") if self._key else told
        if isinstance(error, openai.NotFoundError):
            return InputError(f"{url} has no batches ({told}); expected: --set openai.batch=false")
        return WorkFailed(f"{url}: {told}; nothing is lost, and the same call goes on")
