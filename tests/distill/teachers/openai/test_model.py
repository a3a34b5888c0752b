"""A model is asked nothing twice, keeps to its budget, and a kill at any time loses no reply."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from distill.teachers.chat.model import ChatRequest, Reply
from distill.teachers.chat.offsets import OffsetTable
from distill.teachers.chat.prompts import read_prompt
from distill.teachers.chat.store import REPLIES_FILE, ReplyStore, TokenCount
from distill.teachers.openai.asker import BudgetSpent
from distill.teachers.openai.budget import Budget, cost_usd
from distill.teachers.openai.model import checked_settings, store_folder
from distill.teachers.openai.settings import OpenAISettings, Price
from runtime.values.errors import InputError, WorkFailed
from scripts.speed.stub_endpoint import Row, StubEndpoint, StubReply, completion, failure
from tests.distill.teachers.openai.asking import model, number_asked, request, settings

GOOD = completion("ans = 6")


def test_nothing_is_asked_twice_by_any_run(tmp_path: Path) -> None:
    with StubEndpoint(lambda row: GOOD) as stub:
        for run in ("a1", "b2"):
            with model(stub.url, tmp_path, run) as asked:
                for number in (0, 1, 0, 1):
                    asked.send(request(number))
                replies = [asked.reply(request(number)) for number in (0, 1, 0)]
        assert replies[0] == replies[2]
        assert len(stub.asked) == 2 and asked.stats.answered == 0 and asked.reused == 3
        with model(stub.url, tmp_path) as asked:
            asked.reply(request(0, sample=1))
            assert stub.asked[-1]["seed"] == 1
        with model(stub.url, tmp_path, temperature=0.1) as asked:
            asked.reply(request(0))
    assert len(stub.asked) == 4


def test_samples_without_a_seed_are_asked_apart(tmp_path: Path) -> None:
    with StubEndpoint(lambda row: GOOD) as stub, model(stub.url, tmp_path, seed=-1) as asked:
        for sample in range(3):
            asked.reply(request(0, sample))
    assert len(stub.asked) == 3 and "seed" not in stub.asked[0]


def test_a_request_is_what_the_settings_say(tmp_path: Path) -> None:
    shown = [{"token": "ans", "logprob": -0.25}, {"token": "=", "logprob": -0.5}]
    told = completion('{"questions": ["How many?"]}')
    told.body["choices"][0]["logprobs"] = {"content": shown}
    more = {"logprobs": True, "request": {"top_p": 0.9}, "max_tokens": 99}
    with StubEndpoint(lambda row: told) as stub, model(stub.url, tmp_path, **more) as asked:
        reply = asked.reply(ChatRequest(read_prompt("harder"), "How  many\npens?"))
    row = stub.asked[0]
    assert (row["model"], row["max_tokens"], row["logprobs"], row["top_p"]) == ("stub", 99, True, 0.9)
    assert row["messages"][0]["role"] == "system" and row["messages"][-1]["content"] == "How many pens?"
    schema = row["response_format"]["json_schema"]
    assert schema["strict"] and schema["schema"]["required"] == ["questions"]
    assert schema["schema"]["additionalProperties"] is False
    assert isinstance(reply, Reply) and reply.logprob == -0.75 and reply.model == "stub-1"


def test_a_server_without_structured_output_is_asked_without(tmp_path: Path) -> None:
    def answer(row: Row) -> StubReply:
        if "response_format" in row:
            return failure(400, "response_format of type json_schema is not supported")
        return completion('{"questions": ["How many?"]}')

    with StubEndpoint(answer) as stub, model(stub.url, tmp_path) as asked:
        asked.reply(ChatRequest(read_prompt("harder"), "How many pens?"))
        asked.reply(ChatRequest(read_prompt("harder"), "How many pots?"))
    assert len(stub.asked) == 3 and asked.left_out == ("response_format",)


def test_a_budget_ends_the_asking_before_it_is_passed(tmp_path: Path) -> None:
    price = {"stub": {"input": 10.0, "output": 100.0}}
    limits = {"budget_usd": 0.25, "prices": price, "max_tokens": 100}
    with StubEndpoint(lambda row: GOOD) as stub:
        for _ in range(2):  # a second start has no money of its own
            spent_all = pytest.raises(BudgetSpent, match=r"the budget is spent \(\$0\.\d{4} of \$0\.25")
            with spent_all, model(stub.url, tmp_path, **limits) as asked:
                for number in range(300):
                    asked.send(request(number))
                for number in range(300):
                    asked.reply(request(number))
            assert 0.1 < asked.budget.usd <= 0.25
        spent = len(stub.asked)
        assert 0 < spent <= 125
        with model(stub.url, tmp_path, **{**limits, "budget_usd": 5.0}) as asked:
            for number in range(300):
                assert isinstance(asked.reply(request(number)), Reply)
        assert len(stub.asked) == 300
        with model(stub.url, tmp_path, "other", **limits) as asked:
            assert isinstance(asked.reply(request(0)), Reply) and asked.budget.usd == 0


def test_a_budget_of_tokens_counts_what_the_server_counts(tmp_path: Path) -> None:
    with StubEndpoint(lambda row: GOOD) as stub:
        asking = model(stub.url, tmp_path, budget_tokens=10_000)
        with pytest.raises(BudgetSpent, match=r"tokens of 10,000"), asking as asked:
            for number in range(300):
                asked.reply(request(number))
    assert asked.budget.tokens == 110 * len(stub.asked) <= 10_000


def test_cached_tokens_have_a_price_of_their_own() -> None:
    count = TokenCount(input=1_000_000, output=500_000, cached=400_000)
    assert cost_usd(count, Price(input=1, output=2)) == 2.0
    assert cost_usd(count, Price(input=1, output=2, cached=0.5)) == pytest.approx(1.8)
    budget = Budget(tokens=10)
    assert budget.reserve(TokenCount(6)) and not budget.reserve(TokenCount(6))
    budget.release(TokenCount(6))
    assert budget.reserve(TokenCount(10)) and budget.under_way == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": ""}, "without a model"),
        ({"budget_usd": 1.0}, "without a price of 'stub'"),
        ({"base_url": "ftp://there"}, "expected: http"),
        ({"base_url": "http://me:secret@there/v1"}, "with a user"),
    ],
)
def test_settings_that_do_not_fit_are_told(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        checked_settings(settings("http://127.0.0.1:9/v1", tmp_path, **changes))
    assert "secret@" not in str(raised.value)


def test_openai_needs_its_key_and_others_get_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: sk-mine")
    assert checked_settings(OpenAISettings(model="m")).api_key_env == "OPENAI_API_KEY"
    with StubEndpoint(lambda row: GOOD) as stub, model(stub.url, tmp_path) as asked:
        asked.reply(request())
    assert "mine" not in stub.heads[0] and "organization" not in stub.heads[0].lower()
    monkeypatch.delenv("OPENAI_API_KEY")
    without = pytest.raises(InputError, match=r"\$OPENAI_API_KEY is not set")
    with without, model("https://api.openai.com/v1", tmp_path) as asked:
        asked.send(request())


def test_a_store_is_for_one_run_at_a_time(tmp_path: Path) -> None:
    taken = pytest.raises(InputError, match="another run asks the same model")
    with ReplyStore(tmp_path, "openai.store"), taken, ReplyStore(tmp_path, "openai.store"):
        pass


def key(number: int) -> str:
    return sha256(b"%d" % number).hexdigest()


def row(store: ReplyStore, number: int) -> None:
    store.append(key(number), "ab", TokenCount(3, 2, 1), {"reply": f"text {number}\nof two lines"})


@pytest.mark.parametrize(
    "torn", [b"", b'{"key": "', b'{"key": "' + b"0" * 64 + b'", "run": "ab", "input": 1']
)
def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    with ReplyStore(tmp_path, "openai.store") as store:
        for number in range(1, 4):
            row(store, number)
    with (tmp_path / REPLIES_FILE).open("ab") as file:
        file.write(torn)
    with ReplyStore(tmp_path, "openai.store") as store:
        assert len(store) == 3 and store.spent("ab") == TokenCount(9, 6, 3) and not store.spent("cd").total
        row(store, 9)
        found = store.get(key(9))
        assert found is not None and found["reply"] == "text 9\nof two lines"
        assert store.get("f" * 64) is None
    assert len((tmp_path / REPLIES_FILE).read_text().splitlines()) == 4


def test_a_full_disk_is_told_and_leaves_whole_lines(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from distill.teachers.chat.store import ReplyStore\n"
        "from tests.distill.teachers.openai.test_model import row\n"
        "from runtime.values.errors import WorkFailed\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "with ReplyStore(Path(sys.argv[1]), 'openai.store') as store:\n"
        "    try:\n"
        "        for number in range(99): row(store, number)\n"
        "    except WorkFailed as error: print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "the replies before are kept" in told.stdout
    lines = (tmp_path / REPLIES_FILE).read_text().splitlines()
    assert 3 < len(lines) < 9 and all(json.loads(line) for line in lines)


def test_offsets_of_many_replies_are_found_again() -> None:
    table = OffsetTable()
    keys = [number * 2_654_435_761 % (1 << 64) or 1 for number in range(1, 5001)]
    for offset, key in enumerate(keys):
        table.put(key, offset)
        table.put(key, 0)
    assert len(table) == 5000
    assert [table.get(key) for key in keys] == list(range(5000))
    assert table.get(12345) is None


ASKING = """
import sys
from pathlib import Path
from tests.distill.teachers.openai.asking import model, request
url, store, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
with model(url, store, concurrency=16) as asked:
    for number in range(count):
        asked.send(request(number))
    for number in range(count):
        asked.reply(request(number))
    print(asked.stats.answered)
"""


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_a_kill_repeats_and_loses_no_reply(tmp_path: Path, count: int) -> None:
    def answer(row: Row) -> StubReply:
        return StubReply(completion(f"ans = {number_asked(row)}").body, delay_s=0.02)

    with StubEndpoint(answer) as stub:
        command = [sys.executable, "-c", ASKING, stub.url, str(tmp_path), str(count)]
        process = subprocess.Popen(command)
        while len(stub.asked) < count // 2:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        folder = store_folder(settings(stub.url, tmp_path))
        with ReplyStore(folder, "openai.store") as store:
            kept = len(store)
        assert 0 < kept < count
        before = len(stub.asked)
        finished = subprocess.run(command, capture_output=True, text=True, check=True)
        assert int(finished.stdout) == count - kept == len(stub.asked) - before
    numbers = Counter(map(number_asked, stub.asked))
    assert set(numbers) == set(range(count))
    # Only what was under way when it was killed is asked again: its replies had nobody to go to.
    assert sum(numbers.values()) - count == before - kept <= 16
    texts = {
        json.loads(line)["reply"]["choices"][0]["message"]["content"]
        for line in (folder / REPLIES_FILE).open()
    }
    assert texts == {f"ans = {number}" for number in range(count)}


def test_leaving_lets_what_is_under_way_come_in(tmp_path: Path) -> None:
    with StubEndpoint(lambda row: StubReply(GOOD.body, delay_s=0.2)) as stub:
        with pytest.raises(KeyboardInterrupt), model(stub.url, tmp_path) as asked:
            for number in range(50):
                asked.send(request(number))
            while len(stub.asked) < 4:
                time.sleep(0.01)
            raise KeyboardInterrupt
        assert len(stub.asked) == 4
        with ReplyStore(store_folder(settings(stub.url, tmp_path)), "openai.store") as store:
            assert len(store) == 4
    assert not [thread for thread in threading.enumerate() if thread.name == "asker"]


def test_a_failing_disk_stops_the_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: ReplyStore, line: bytes) -> None:
        raise WorkFailed("no space")

    monkeypatch.setattr(ReplyStore, "_write", full)
    with StubEndpoint(lambda row: GOOD) as stub:
        asking = model(stub.url, tmp_path)
        with pytest.raises(WorkFailed, match="no space"), asking as asked:
            asked.reply(request())
