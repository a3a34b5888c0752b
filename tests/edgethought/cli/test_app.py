"""The command line: fast to start, one line for an error, and exit statuses that scripts can rely on."""

import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from edgethought.__main__ import main

COMMANDS = ["quickstart", "run", "solve", "export", "bench", "check", "doctor", "distill", "data"]
ROOT = Path(__file__).parents[3]


def environment(home: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "EDGETHOUGHT_HOME": str(home), "COLUMNS": "120"}


def edgethought(*words: str, home: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgethought", *words],
        capture_output=True,
        text=True,
        input=text,
        env=environment(home),
        cwd=ROOT,
        check=False,
        timeout=120,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    done = edgethought("--help", home=tmp_path)
    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)


def test_alone_it_shows_commands_by_who_uses_them(tmp_path: Path) -> None:
    done = edgethought(home=tmp_path)
    places = [done.stdout.index(f" {panel} ") for panel in ("Answer", "Build", "Measure", "Machine")]
    assert places == sorted(places)
    assert places[0] < done.stdout.index(" solve ") < places[1] < done.stdout.index(" export ") < places[2]


def test_the_version_is_the_installed_ones(tmp_path: Path) -> None:
    done = edgethought("--version", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"edgethought {version('edgethought')}\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["run", "no-such-recipe"],
            "recipe 'no-such-recipe'; expected: eotd, etd, fdd, flagship, nano, on_policy, quickstart, rft",
        ),
        (["run", "etd", "--set", "limit=-1"], "setting limit = -1"),
        (["run", "etd", "--set", "data=no-such"], "no task 'no-such'"),
        (["run", "etd"], "export EDGETHOUGHT_DATA="),
        (["quickstart", "--set", "targets=gguf:q9"], "expected: gguf:q4_0"),
        (["quickstart", "--set", "train.base=gpt-9"], "base 'gpt-9'; expected: smollm2-135m"),
        (["distill", "trim", "gpt-9", "--out", "x"], "base 'gpt-9'; expected: smollm2-135m"),
        (["solve", ""], "the question is empty"),
        (["solve", "a" * 100_000], "expected: up to 4,000"),
        (["solve", "Tom has 3 pens.", "--model", "nowhere"], "nowhere"),
        (["solve", "Tom has 3 pens."], "edgethought quickstart"),
        (["solve", "--file", "nowhere.jsonl", "--out", "out.jsonl"], "no file nowhere.jsonl"),
        (["export", "nowhere"], "nowhere is no checkpoint"),
        (["export", "nowhere", "--to", "gguf:q9"], "expected: gguf:q4_0"),
        (
            ["export", "nowhere", "--to", "gguf:adapter"],
            "is no adapter (no adapter_config.json); expected: an adapter's folder",
        ),
        (["distill", "sample", "nosuch"], "no task 'nosuch'; expected: stories, gsm8k"),
        (
            ["distill", "label", "--set", "data=nosuch", "--out", "x"],
            "no task 'nosuch'; expected: stories, gsm8k",
        ),
        (["bench", "nowhere"], "nowhere is no artifact"),
        (["bench"], "there is no model yet; expected: `edgethought model get flagship`"),
        (["model", "get", "huge"], "student 'huge'; expected: flagship, nano"),
        (["bench", "x.gguf", "--prompt-mode", "student"], "x.gguf"),
        (["bench", "x.gguf", "--ask", "chat"], "--ask is now --prompt-mode"),
        (["bench", "x.gguf", "--without-siblings"], "--without-siblings is now --exclude-near-duplicates"),
        (["run", "etd", "--set", "siblings=keep"], "siblings is now near_duplicates"),
        (["run", "etd", "--set", "replay.licence=MIT"], "replay.licence is now replay.license"),
        (["bench", "--endpoint", "http://127.0.0.1:9/v1"], "expected: --endpoint URL --model NAME"),
        (["bench", "--endpoint", "http://a:b@c/v1", "--model", "m"], "a user, a password or a query"),
        (["bench", "x.gguf", "--tasks", "mawps"], "task 'mawps' is for training only"),
        (["bench", "x.gguf", "--fields", "a=b"], "fields 'a=b'; expected: OURS=THEIRS"),
        (["data", "leakage"], "expected: EDGETHOUGHT_DATA set"),
        (["data", "prepare", "nothing"], "data set 'nothing'; expected: gsm8k"),
        (["distill", "label", "--recipe", "quickstart", "--out", "README.md/set"], "README.md/set"),
        (["quickstart", "--out", "README.md"], "README.md is a file; expected: a folder"),
        (["check", "sot", "-"], "'sot'; expected: 'eot', 'pot', 'cot'"),
        (["check"], "Missing argument 'thought'. Choose from: eot, pot, cot"),
        (["solve", "why?", "--thought", "prose"], "'--thought': 'prose'; expected: 'eot', 'pot', 'cot'"),
        (["solve", "why?", "--mode", "best"], "'best'; expected: 'single', 'fallback', 'vote', 'adaptive'"),
        (["solve", "why?", "--threads", "many"], "'--threads'"),
        (
            ["bench", "x.gguf", "--mode", "often"],
            "'often'; expected: 'single', 'fallback', 'vote', 'adaptive'",
        ),
        (["bench", "x.gguf", "--tolerance", "loose"], "'loose'; expected: 'exact', 'paper'"),
        (["bench", "x.gguf", "--no-such"], "--no-such"),
        (["no-such"], "No such command 'no-such'"),
        (["data", "show", "nothing"], "no task 'nothing'"),
    ],
)
def test_wrong_input_is_one_line_and_exit_status_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: list[str],
    complaint: str,
) -> None:
    """In this process: starting one takes longer than all that a wrong command line does."""
    monkeypatch.setattr(os, "environ", environment(tmp_path))
    monkeypatch.setattr("runtime.values.environment._PACKAGED", tmp_path / "packaged")
    monkeypatch.setattr(sys, "argv", ["edgethought", *words])
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capfd.readouterr()
    assert ended.value.code == 2, err
    assert complaint in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""


def test_wrong_input_is_one_line_in_a_process_too(tmp_path: Path) -> None:
    done = edgethought("run", "no-such-recipe", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch("error: recipe 'no-such-recipe'; expected: .*\n", done.stderr)


def test_a_file_of_other_rows_than_the_authors_is_pointed_out(tmp_path: Path) -> None:
    row = {"id": "a", "question": "Two and two?", "answer": "4", "solution": "2 + 2"}
    (tmp_path / "own.jsonl").write_text(f"{json.dumps(row)}\n")
    done = edgethought(
        "data", "prepare", "gsm_plus_mini", "--file", str(tmp_path / "own.jsonl"), home=tmp_path
    )
    assert done.returncode == 0 and "of the authors' own file 2,100 are kept" in done.stderr + done.stdout


def test_a_binary_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(bytes(range(256)) * 40)
    done = edgethought(
        "solve", "--file", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "o.jsonl"), home=tmp_path
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "o.jsonl").exists()


def test_a_thought_is_checked_from_standard_input(tmp_path: Path) -> None:
    done = edgethought("check", "eot", "-", home=tmp_path, text="clips = 48 / 2\nans = 48 + clips\n")
    assert done.returncode == 0
    assert "72" in done.stdout


@pytest.mark.torch
def test_doctor_names_the_command_that_mends(tmp_path: Path) -> None:
    done = edgethought("doctor", home=tmp_path)
    assert "EDGETHOUGHT_DATA" in done.stdout


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_is_one_line(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(**settings: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("edgethought.cli.app.app", full)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    line = f"error: {os.strerror(number)}; expected: room on the disk, then the same command goes on\n"
    assert capsys.readouterr().err == line


def test_control_c_in_a_command_is_one_word_and_status_130(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "thought")
    child = subprocess.Popen(
        [sys.executable, "-m", "edgethought", "check", "eot", str(tmp_path / "thought")],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # A shell that runs tests in the background has it ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    # It can be opened once somebody reads it, which is the command.
    while (writer := opened(tmp_path / "thought")) is None:
        assert child.poll() is None
        time.sleep(0.02)
    told = None
    while told is None:
        child.send_signal(signal.SIGINT)
        # One that comes just before the command waits for what is written is noticed only after it.
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, told = child.communicate(timeout=5)
    os.close(writer)
    assert (child.returncode, told) == (130, "stopped\n")


def opened(fifo: Path) -> int | None:
    """A FIFO for writing, None while nobody reads it."""
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None
