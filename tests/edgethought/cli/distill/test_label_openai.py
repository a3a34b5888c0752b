"""`distill label --teacher openai` against a server on loopback: wrong settings, budgets, stops, second runs."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from distill.labeling.rationale_set import read_rationales, read_set_manifest
from edgethought.cli.distill.train import label_command
from edgethought.stages.recipe import read_recipe
from runtime.values.errors import InputError, WorkFailed
from scripts.speed.stub_endpoint import Row, StubEndpoint, StubReply, completion, failure
from tests.edgethought.cli.distill.test_distill import problem, write

COUNT = 60
KEY = "sk-not-a-real-key-0123456789"
COMMAND = [sys.executable, "-c", "from edgethought.__main__ import main; main()", "distill", "label"]
CHANGES = ["teacher=openai", "data=svamp", "thoughts=eot", "score.tasks=svamp", "openai.model=stub"]
CHANGES += ["openai.license=Apache-2.0", "openai.retry_base_s=0.01"]
PRICED = "openai.prices={stub: {input: 1, output: 2}}"
Label = Callable[..., None]


def told(number: int) -> str:
    return f"Shelf {number} of hall {number % 7} holds {number} old maps and {number + 1} new ones: how many in all?"


@pytest.fixture
def label(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Label:
    """The command, with a training split of COUNT problems and a home of its own."""
    data = tmp_path / "data"
    rows = [problem(f"svamp-{n}", told(n), str(2 * n + 1), f"( {n}.0 + {n + 1}.0 )") for n in range(COUNT)]
    write(data / "svamp_train.jsonl", *rows)
    write(
        data / "svamp_test.jsonl", problem("t", "How many birds sit on the long wire?", "3", "( 1.0 + 2.0 )")
    )
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(data))
    monkeypatch.setenv("STUB_KEY", KEY)

    def run(url: str, *changes: str) -> None:
        label_command("etd", [*CHANGES, f"openai.base_url={url}", *changes], tmp_path / "set")

    return run


def answer(row: Row) -> StubReply:
    """Right for most shelves, otherwise wrong in several ways."""
    number = int(row["messages"][-1]["content"].split()[1])
    if number % 10 == 3:
        return completion("maps = 1\nans = maps")
    if number % 10 == 5:
        return completion(None, refusal="I can't help with that.")
    return completion(f"maps = {number}\nnew = {number + 1}\nans = maps + new")


def test_a_set_is_written_with_where_each_row_is_from(
    tmp_path: Path, label: Label, capsys: pytest.CaptureFixture[str]
) -> None:
    def once_busy(row: Row) -> StubReply:
        return failure(503) if len(stub.asked) % 9 == 4 else answer(row)

    with StubEndpoint(once_busy) as stub:
        label(stub.url, PRICED)
    shown = capsys.readouterr()
    assert "48 verified rationales of 60 problems" in shown.out
    assert "dropped 6: refusal" in shown.out and "dropped 6: wrong_answer" in shown.out
    assert "stub: 60 asked" in shown.err and "$0.0072, 6,600 tokens" in shown.err
    rows = list(read_rationales(tmp_path / "set"))
    assert len(rows) == 48 and rows[0].license == "Apache-2.0" and rows[0].source == f"{stub.url}#stub"
    manifest = read_set_manifest(tmp_path / "set")
    asked = manifest["asked"]
    assert (manifest["teacher"], asked["temperature"]) == ("stub", 0.7)
    assert rows[0].provenance["prompt_sha256"] == asked["prompts"]["annotate_eot"]
    assert "the teacher refused" in (tmp_path / "set/data_card.md").read_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("openai.model=", "teacher openai without a model; expected: --set openai.model=NAME"),
        ("openai.license=", "are under 'unstated', which trains no student that is shipped"),
        ("openai.model=gpt-4o", "are under 'OpenAI API terms', which trains no student"),
        ("openai.modell=x", "setting openai.modell = 'x' is none; expected: "),
        ("openai.concurrency=0", "setting openai.concurrency = 0: "),
        ("openai.budget_usd=1", "openai.budget_usd without a price of 'stub'"),
        ("openai.base_url=http://127.0.0.1:9/v1", "nothing answers at http://127.0.0.1:9/v1"),
        ("openai.api_key_env=NOT_SET", "needs a key, and $NOT_SET is not set"),
    ],
)
def test_wrong_settings_are_one_line(label: Label, change: str, message: str) -> None:
    with StubEndpoint(answer) as stub, pytest.raises(InputError) as raised:
        label(stub.url, change)
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert not stub.asked


def test_a_wrong_key_stops_at_once_and_is_not_shown(tmp_path: Path, label: Label) -> None:
    with (
        StubEndpoint(lambda row: failure(401, f"bad key {KEY}")) as stub,
        pytest.raises(InputError) as raised,
    ):
        label(stub.url, "openai.api_key_env=STUB_KEY", "openai.concurrency=1")
    assert str(raised.value) == f"{stub.url} refuses the key (401); expected: a valid one in $STUB_KEY"
    assert len(stub.asked) == 1
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(KEY in path.read_text(errors="replace") for path in files)


def test_a_spent_budget_says_what_is_left_and_more_goes_on(tmp_path: Path, label: Label) -> None:
    with StubEndpoint(answer) as stub:
        with pytest.raises(
            WorkFailed,
            match=r"the budget is spent \(\$0.00\d\d of \$0.0050.*; expected: the same call with more",
        ) as stop:
            label(stub.url, PRICED, "openai.budget_usd=0.005", "openai.concurrency=2")
        assert 0 < len(stub.asked) < COUNT
        assert f"; {len(stub.asked)} replies are kept in {tmp_path}" in str(stop.value)
        assert "0 of 60 problems are decided so far" in str(stop.value)
        label(stub.url, PRICED)
    assert len(stub.asked) == COUNT
    assert len(list(read_rationales(tmp_path / "set"))) == 48


def test_a_kept_reply_needs_neither_key_nor_server(
    label: Label, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "openai.api_key_env=STUB_KEY"
    with StubEndpoint(answer) as stub:
        label(stub.url, key)
    shutil.rmtree(tmp_path / "set")
    label(stub.url, "openai.api_key_env=NOT_SET")
    assert "0 asked, 60 from the store" in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_goes_on_and_asks_nothing_twice(
    tmp_path: Path, label: Label, how: signal.Signals
) -> None:
    delays_s = [0.1]

    def late(row: Row) -> StubReply:
        return StubReply(answer(row).body, delay_s=delays_s[-1])

    out = tmp_path / "set"
    with StubEndpoint(late) as stub:
        changes = [*CHANGES[1:], f"openai.base_url={stub.url}", "openai.concurrency=4"]
        words = [word for change in changes for word in ("--set", change)]
        command = [*COMMAND, "--teacher", "openai", "--out", str(out), *words]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        while len(stub.asked) < 20:
            time.sleep(0.01)
        # A busy machine may deliver the signal late.
        delays_s.append(0.6)
        process.send_signal(how)
        _, complaint = process.communicate()
        delays_s.append(0.0)
        assert not out.exists()
        assert len(stub.asked) < COUNT
        if how == signal.SIGINT:
            assert process.returncode == 130 and "goes on" in complaint.splitlines()[-1]
        label(stub.url)
        questions = [row["messages"][-1]["content"] for row in stub.asked]
    assert set(questions) == {told(number) for number in range(COUNT)}
    # What was under way when it was killed is asked again: the replies had nobody to go to.
    assert len(questions) - COUNT <= (0 if how == signal.SIGINT else 4)
    assert len(list(read_rationales(out))) == 48
    assert json.loads((out / "manifest.json").read_text())["problems"] == COUNT


def test_speed_and_money_do_not_decide_what_a_run_makes() -> None:
    changes = ["teacher=openai", "openai.model=stub"]
    first = read_recipe("etd", changes).deciding()
    assert (
        read_recipe("etd", [*changes, "openai.budget_tokens=9", "openai.concurrency=9"]).deciding() == first
    )
    assert read_recipe("etd", [*changes, "openai.temperature=0.1"]).deciding() != first
    assert "openai" not in read_recipe("etd").deciding()
