"""Batches are sent once, found again after a kill at any moment, and kept like any other reply."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from distill.teachers.chat.model import Reply
from distill.teachers.openai.asker import BudgetSpent
from distill.teachers.openai.model import OpenAIModel
from runtime.values.errors import InputError, WorkFailed
from runtime.values.rationale import Declined
from scripts.speed.stub_endpoint import Row, StubEndpoint, StubReply, completion, failure
from tests.distill.teachers.openai.asking import model, number_asked, request


class BatchStub(StubEndpoint):
    """Answers batches after a few looks at them; question 3 fails, and 7 has no answer."""

    def __init__(self, looks: int = 2, status: str = "completed") -> None:
        super().__init__(lambda row: failure(500))
        self.batches: list[Row] = []
        self.files: dict[str, bytes] = {}
        self._looks, self._status = looks, status
        self.dies: str | None = None

    def reply(self, method: str, path: str, content: bytes) -> StubReply:
        if self.dies is not None and re.fullmatch(self.dies, f"{method} {path}"):
            return failure(500, "gone")
        if method == "POST" and path == "/v1/files":
            name = f"file-{len(self.files)}"
            self.files[name] = b"\n".join(line for line in content.splitlines() if line.startswith(b"{"))
            return StubReply({"id": name, "object": "file"})
        if method == "POST":
            self.batches.append({"id": f"batch-{len(self.batches)}", "looks": 0, **json.loads(content)})
            return StubReply(self._told(self.batches[-1]))
        if path.startswith("/v1/files/"):
            return StubReply(self.files[path.split("/")[3]])
        if path.startswith("/v1/batches?"):
            return StubReply(
                {"object": "list", "data": [self._told(batch) for batch in self.batches], "has_more": False}
            )
        batch = next(batch for batch in self.batches if batch["id"] == path.split("/")[3])
        batch["looks"] += 1
        return StubReply(self._told(batch))

    def _told(self, batch: Row) -> Row:
        told: dict[str, Any] = {
            "object": "batch",
            **{name: batch[name] for name in ("id", "metadata", "input_file_id")},
        }
        if batch["looks"] < self._looks:
            return {**told, "status": "in_progress"}
        status = self._status if batch["id"] == "batch-0" else "completed"
        if status == "failed":
            return {**told, "status": status, "errors": {"data": [{"message": "no such\nmodel"}]}}
        rows = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        numbered = [(number_asked(row["body"]), row) for row in rows]
        self.files["out"] = b"".join(self._line(row) for number, row in numbered if number not in (3, 7))
        self.files["bad"] = b"".join(self._line(row) for number, row in numbered if number == 3)
        return {**told, "status": status, "output_file_id": "out", "error_file_id": "bad"}

    def _line(self, row: Row) -> bytes:
        number = number_asked(row["body"])
        reply = failure(400, "bad") if number == 3 else completion(f"ans = {number}")
        said = {"status_code": reply.status, "body": reply.body}
        return json.dumps({"custom_id": row["custom_id"], "response": said, "error": None}).encode() + b"\n"

    def sent(self) -> list[int]:
        files = [self.files[batch["input_file_id"]] for batch in self.batches]
        return [
            number_asked(json.loads(line)["body"]) for file in files for line in file.splitlines() if line
        ]


def batching(stub: BatchStub, store: Path, **changes: Any) -> OpenAIModel:
    return model(stub.url, store, batch=True, batch_poll_s=0.01, **changes)


def ask(asked: OpenAIModel, numbers: range) -> list[Reply | Declined]:
    for number in numbers:
        asked.send(request(number))
    return [asked.reply(request(number)) for number in numbers]


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_what_waits_is_one_batch(tmp_path: Path, status: str) -> None:
    with BatchStub(status=status) as stub:
        with batching(stub, tmp_path) as asked:
            replies = ask(asked, range(10))
        # What a batch had no time for is sent again, alone.
        assert stub.sent() == [*range(10), *([7] if status == "expired" else [])] and not stub.asked
        reasons = {n: reply.reason for n, reply in enumerate(replies) if isinstance(reply, Declined)}
        assert reasons == {3: "server_error", 7: "server_error"}
        assert [reply.text for reply in replies if isinstance(reply, Reply)][-1] == "ans = 9"
        assert asked.budget.tokens == 8 * 110
        with batching(stub, tmp_path) as asked:
            ask(asked, range(8, 12))
        assert stub.sent()[-2:] == [10, 11]


@pytest.mark.parametrize("dies", [r"GET /v1/batches/.*", r"GET /v1/files/.*"])
def test_a_batch_is_found_again_whenever_a_run_ended(tmp_path: Path, dies: str) -> None:
    with BatchStub() as stub:
        stub.dies = dies
        stopped = pytest.raises(WorkFailed, match="nothing is lost")
        with stopped, batching(stub, tmp_path, retries=0) as asked:
            ask(asked, range(3))
        stub.dies = None
        with batching(stub, tmp_path) as asked:
            assert all(isinstance(reply, Reply) for reply in ask(asked, range(3)))
        assert stub.sent() == [0, 1, 2]


def test_batches_have_a_size_and_a_budget(tmp_path: Path) -> None:
    with BatchStub() as stub:
        spent = pytest.raises(BudgetSpent, match="tokens of 4,000")
        with spent, batching(stub, tmp_path, batch_size=2, budget_tokens=4_000, max_tokens=100) as asked:
            ask(asked, range(10, 60))
        assert len(stub.batches) > 1 and len(stub.sent()) < 50 and asked.budget.tokens <= 4_000


def test_what_is_wrong_with_a_batch_is_one_line(tmp_path: Path) -> None:
    with BatchStub(status="failed") as stub:
        refused = pytest.raises(InputError, match=r"does not take the batch \(no such model\); expected: ")
        with refused, batching(stub, tmp_path) as asked:
            ask(asked, range(3))
    with StubEndpoint(lambda row: failure(404)) as plain:
        plain.reply = lambda method, path, content: failure(404, "no route")  # type: ignore[method-assign]
        without = pytest.raises(InputError, match=r"has no batches .* expected: --set openai.batch=false")
        with without, model(plain.url, tmp_path, batch=True) as asked:
            ask(asked, range(3))
