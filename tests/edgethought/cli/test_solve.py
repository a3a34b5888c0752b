"""`edgethought solve`: what is printed, what it exits with, and that wrong input costs no model."""

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgethought.cli.solve import Asking, solve_command, wrapped
from edgethought.cli.terminal import printable
from runtime.answering.pipeline import Model
from runtime.solver.solver import Solver
from runtime.values.errors import InputError, MissingExtra
from tests.runtime.fake_engine import FakeEngine, fake_manifest

ROOT = Path(__file__).parents[3]
QUESTION = "Ann has 3 apples and buys 4 more. How many has she?"
REPLIES = {
    "apples": "a = 3\nans = a + 4",
    "hopeless": "a = (",
    "half": "ans = 5 / 2",
    "hostile": "\x1b[2Jans = 1",
}


def solved(
    question: str | None,
    *,
    file: Path | None = None,
    out: Path | None = None,
    as_json: bool = False,
    **how: Any,
) -> int:
    return solve_command(question, Asking(**how), file=file, out=out, as_json=as_json)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """Make loading give a fake model; collects what was asked to be loaded."""
    asked: list[Path | None] = []

    def load(model: Path | None = None, *, threads: int | None = None, adapter: Path | None = None) -> Model:
        asked.append(model)
        return Model(FakeEngine(REPLIES), fake_manifest(), Solver(workers=1))

    monkeypatch.setattr("runtime.answering.pipeline.load", load)
    return asked


@pytest.mark.usefixtures("loads")
def test_a_solved_question_shows_answer_thought_and_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert solved(QUESTION) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:4] == ["  a = 3", "  ans = a + 4", "", "Answer: 7"]
    assert re.fullmatch(r"fake · eot · \d+ \+ 17 tokens · \d+\.\d\d s", out.splitlines()[-1])
    assert err == ""


@pytest.mark.usefixtures("loads")
def test_an_unsolved_question_says_why_and_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert solved("a hopeless one") == 1
    out = capsys.readouterr().out
    assert out.startswith("  a = (\n\nNo answer: bad syntax\n(")


@pytest.mark.usefixtures("loads")
def test_json_prints_the_contracts_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert solved("half", as_json=True) == 0
    out, err = capsys.readouterr()
    row = json.loads(out)
    assert out.count("\n") == 1
    assert list(row) == [
        "answer",
        "status",
        "reason",
        "thought",
        "text",
        "votes",
        "tokens",
        "timings_ms",
        "model",
    ]
    assert (row["answer"], row["status"], row["thought"]) == ("2.5", "solved", "eot")
    assert set(row["tokens"]) == {"prompt", "generated"}
    assert set(row["timings_ms"]) == {"load", "prefill", "decode", "solve", "total"}
    assert err == ""


def test_log_probabilities_that_nothing_would_tell_are_refused(loads: list[Path | None]) -> None:
    with pytest.raises(InputError, match="--logprobs without --json; expected"):
        solved("half", logprobs=True)
    assert loads == []


@pytest.mark.usefixtures("loads")
@pytest.mark.parametrize("streams", [1, 4])
@pytest.mark.parametrize("logprobs", [False, True])
def test_log_probabilities_are_told_where_they_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], streams: int, logprobs: bool
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"question": "half"}\n')
    solved(None, file=source, out=out, streams=streams, logprobs=logprobs)
    solved("half", as_json=True, logprobs=logprobs)
    solved("half", as_json=True, logprobs=logprobs, mode="vote", samples=2)
    for line in (*out.read_text().splitlines(), *capsys.readouterr().out.splitlines()):
        assert ("logprob" in json.loads(line)) is logprobs


@pytest.mark.usefixtures("loads")
def test_a_thought_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    solved("hostile")
    solved("hostile", as_json=True)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"\x1b[2Jans = 1" in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\x1b]0;x\x07", r"a\x1b]0;x\x07"),
        ("a\rb", r"a\rb"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("½ café 三 👍", "½ café 三 👍"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_is_printed_has_no_power_over_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.usefixtures("loads")
def test_a_question_can_come_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Some apples\nin two lines\n")))
    assert solved("-") == 0
    assert "\nAnswer: 7\n" in capsys.readouterr().out


WRONG: list[tuple[str | None, dict[str, object], str]] = [
    ("", {}, "empty"),
    ("   ", {}, "empty"),
    ("x" * 100_000, {}, "100,000 characters; expected: up to 4,000"),
    ("why?", {"deadline_ms": 0.0}, "0 ms; expected: more than 0"),
    ("why?", {"deadline_ms": float("nan")}, "nan ms"),
    ("why?", {"file": Path("a.jsonl"), "out": Path("b.jsonl")}, "one of them"),
    (None, {"file": Path("a.jsonl")}, "--file without --out"),
    (None, {"out": Path("a.jsonl")}, "--out without --file"),
    (None, {"file": Path("no.jsonl"), "out": Path("b.jsonl")}, "no file no.jsonl"),
    (None, {"file": Path("tests"), "out": Path("b.jsonl")}, "tests is a folder"),
    (None, {"file": Path("a.jsonl"), "out": Path("./a.jsonl")}, "two different files"),
    (None, {"file": Path(sys.executable), "out": Path("b.jsonl")}, "not UTF-8"),
]


@pytest.mark.parametrize(("question", "options", "message"), WRONG)
def test_wrong_input_is_told_before_any_model_is_loaded(
    loads: list[Path | None], question: str | None, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        solved(question, **options)  # type: ignore[arg-type]
    assert loads == []


def test_standard_input_that_is_no_text_is_told(
    loads: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(bytes(range(256)))))
    with pytest.raises(InputError, match="not UTF-8"):
        solved("-")
    assert loads == []


def test_a_file_is_answered_row_by_row_and_not_twice(
    loads: list[Path | None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "a", "question": "apples"}\n{"question": "hopeless"}\n')
    assert solved(None, file=source, out=out) == 0
    assert [(row["id"], row["status"]) for row in map(json.loads, out.read_text().splitlines())] == [
        ("a", "solved"),
        (2, "bad_syntax"),
    ]
    assert capsys.readouterr().err.splitlines()[-1] == f"1 of 2 solved, written to {out}"
    before = out.read_text()
    assert solved(None, file=source, out=out) == 0
    assert out.read_text() == before
    assert "all 2 were finished before" in capsys.readouterr().err


def test_a_question_too_long_for_the_artifact_is_named_before_any_is_answered(
    loads: list[Path | None], tmp_path: Path
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"question": "apples"}, {"question": "word " * 700}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match=r"row 2: the question takes 3,5\d\d tokens; expected: 2,192"):
        solved(None, file=source, out=out, max_tokens=6000)
    assert not out.exists()


WRONG_OPTIONS: list[tuple[dict[str, object], str]] = [
    ({"question": "apples", "streams": 4}, "--streams without --file"),
    ({"file": True, "streams": 0}, "streams is 0; expected: 1 to 128"),
    (
        {"question": "apples", "samples": 4},
        "--samples with --mode single; expected: with --mode vote, adaptive or best_of",
    ),
    ({"question": "apples", "samples": 65, "mode": "vote"}, "samples is 65; expected: 2 to 64"),
]


@pytest.mark.parametrize(("options", "message"), WRONG_OPTIONS)
def test_samples_and_streams_are_checked_before_loading(
    loads: list[Path | None], tmp_path: Path, options: dict[str, object], message: str
) -> None:
    if options.pop("file", False):
        options |= {"question": None, "file": tmp_path / "in.jsonl", "out": tmp_path / "out.jsonl"}
    with pytest.raises(InputError, match=message):
        solved(**options)  # type: ignore[arg-type]
    assert loads == []


@pytest.mark.usefixtures("loads")
def test_best_of_an_artifact_without_a_scorer_is_wrong_input() -> None:
    with pytest.raises(InputError, match="fake has no scorer, which mode best_of needs") as error:
        solved("apples", mode="best_of")
    assert (error.value.exit_status, "\n" in str(error.value)) == (2, False)


def test_a_grammar_without_its_library_is_told_before_loading(
    loads: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(MissingExtra, match=r"pip install 'edgethought\[grammar\]'"):
        solved("apples", grammar=True)
    assert loads == []


@pytest.mark.parametrize("mode", ["single", "fallback", "vote", "adaptive"])
def test_a_grammar_holds_in_every_mode(
    gguf_artifact: Path, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    pytest.importorskip("llguidance")
    samples = 2 if mode in ("vote", "adaptive") else None
    solved(
        QUESTION, model=gguf_artifact, mode=mode, samples=samples, grammar=True, max_tokens=24, as_json=True
    )
    row = json.loads(capsys.readouterr().out)
    assert row["status"] not in ("bad_syntax", "no_thought", "refused")


@pytest.mark.usefixtures("loads")
def test_a_vote_is_told_with_its_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert solved("apples", thought="eot", mode="vote", samples=4) == 0
    assert capsys.readouterr().out.splitlines()[:4] == ["  a = 3", "  ans = a + 4", "", "Answer: 7  (7: 3)"]


def test_lines_are_printed_as_they_are_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine({"Program:": "a = 3\nans = b", "Equations:": "ans = 3 + 4"})
    told: list[str] = []
    plain = FakeEngine.generate

    def generate(self: FakeEngine, *prompt: Any, **options: Any) -> Iterator[int]:
        for token in plain(self, *prompt, **options):
            told.append(capsys.readouterr().out)
            yield token

    monkeypatch.setattr(FakeEngine, "generate", generate)
    monkeypatch.setattr(
        "runtime.answering.pipeline.load", lambda *_, **__: Model(engine, fake_manifest(), Solver(workers=1))
    )
    assert solved(QUESTION, mode="fallback") == 0
    # The first line stands there before the second is begun, and a thought before the next one.
    assert [text for text in told if text] == ["  a = 3\n", "  ans = b\n"]
    assert capsys.readouterr().out.startswith("\n  ans = 3 + 4\n\nAnswer: 7\n")


def test_ctrl_c_keeps_the_finished_rows(
    loads: list[Path | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"question": "apples 1"}\n{"question": "apples 2"}\n{"question": "half"}\n')
    plain = Model.answer_batch

    def interrupted(self: Model, questions: Iterable[str], **options: object) -> Iterator[object]:
        solutions = plain(self, questions, **options)  # type: ignore[arg-type]
        yield next(solutions)
        yield next(solutions)
        raise KeyboardInterrupt

    monkeypatch.setattr(Model, "answer_batch", interrupted)
    assert solved(None, file=source, out=out) == 130
    assert len(out.read_text().splitlines()) == 2
    assert "stopped after 2 of 3" in capsys.readouterr().err
    monkeypatch.undo()


@pytest.mark.usefixtures("loads")
def test_the_prompt_loop_goes_on_after_a_wrong_question(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["", "apples", "x" * 5000, "hopeless", "half", "exit", "apples"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    assert solved(None) == 2
    out, err = capsys.readouterr()
    assert [line for line in out.splitlines() if line.startswith(("Answer", "No answer"))] == [
        "Answer: 7",
        "No answer: bad syntax",
        "Answer: 2.5",
    ]
    assert err == "error: the question has 5,000 characters; expected: up to 4,000\n"


@pytest.mark.usefixtures("loads")
@pytest.mark.parametrize(
    ("typed", "status"),
    [("apples\n", 0), ("apples\nhopeless\nhalf\n", 1), ("hopeless\n\x01\nhalf\n", 2), ("", 0)],
)
def test_a_pipe_of_questions_has_the_worst_ones_status(
    monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert solved(None) == status


def test_closed_streams_are_no_reason_to_fail() -> None:
    command = f"{sys.executable} -m edgethought --version <&- 2>&-; {sys.executable} -m edgethought solve '' >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=ROOT, check=False).returncode == 2


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgethought", "solve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)  # type: ignore[call-overload,no-any-return]


def test_the_command_answers_with_a_real_artifact(gguf_artifact: Path) -> None:
    done = run(QUESTION, "--model", str(gguf_artifact), "--json", "--max-tokens", "8")
    row = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0 if row["status"] == "solved" else 1, "")
    assert row["model"] == "base-gguf"


@pytest.mark.parametrize("question", ["", "x" * 100_000])
def test_wrong_input_takes_one_line_and_status_2(question: str) -> None:
    done = run(question)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error: the question .*; expected: .*\n", done.stderr)


def test_a_killed_file_run_goes_on(gguf_artifact: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"question": f"What is {n} + 1?"}) + "\n" for n in range(6)))
    options = ["--file", str(source), "--out", str(out), "--model", str(gguf_artifact), "--max-tokens", "12"]
    command = [sys.executable, "-m", "edgethought", "solve", *options]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (out.exists() and out.read_text().count("\n") >= 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = run(*options)
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [1, 2, 3, 4, 5, 6]


def test_the_prompt_at_a_terminal_greets_and_leaves_at_ctrl_d(gguf_artifact: Path, home: Path) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "edgethought", "solve", "--model", str(gguf_artifact), "--max-tokens", "5"],
        cwd=ROOT,
        stdin=side,
        stdout=side,
        stderr=side,
    )
    os.close(side)
    seen = _read_until(main, b"> ")
    os.write(main, b"How many?\n")
    seen += _read_until(main, b"tokens", b"> ")
    os.write(main, b"\x04")
    assert process.wait(timeout=20) == 0
    os.close(main)
    assert b"base-gguf: type a problem, or exit" in seen
    assert "How many?" in (home / "history").read_text()


def _read_until(terminal: int, *marks: bytes) -> bytes:
    """Read a terminal until the marks have come one after the other."""
    seen, start = b"", 0
    for mark in marks:
        while (found := seen.find(mark, start)) < 0:
            seen += os.read(terminal, 4096)
        start = found + len(mark)
    return seen


@pytest.mark.usefixtures("loads")
def test_the_working_is_shown_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert solved("Ann has 3 apples and buys 4 more.", explain=True) == 0
    assert "  a = 3\n  answer = 3 + 4 = 7\n" in capsys.readouterr().out
    assert solved("Ann has 3 apples and buys 4 more.", explain=True, as_json=True) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert steps[1] == {"written": "ans = a + 4", "name": "ans", "filled": "3 + 4", "value": "7"}
    assert solved("Ann has 3 apples and buys 4 more.", as_json=True) == 0
    assert "steps" not in json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("loads")
def test_hostile_working_is_shown_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    solved("hostile", explain=True)
    assert "\x1b" not in capsys.readouterr().out


def test_a_long_line_of_working_fits_a_narrow_terminal() -> None:
    found = list(wrapped(["total = " + " + ".join(["12345"] * 30), ""]))
    assert all(len(line) <= 76 for line in found) and found[1].startswith("    ") and found[-1] == ""
