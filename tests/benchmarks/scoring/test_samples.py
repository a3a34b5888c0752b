"""The log survives being killed, and lets one writer in at a time."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scoring.samples import Sample, SampleLog, question_hash, read_samples
from runtime.values.errors import InputError

SAMPLE = Sample(
    id="p-1",
    task="mine",
    question="What is\n2 + 3?",
    question_hash=question_hash("What is 2 + 3?"),
    gold="5",
    artifact="student",
    artifact_sha256="ab" * 32,
    settings="greedy",
    thought="eot",
    text="ans = 2 + 3  % naïve\u2028 ½",
    status="solved",
    reason="",
    value="5",
    correct=True,
    tokens={"prompt": 9, "generated": 7},
    timings_ms={"load": 0.0, "prefill": 1.0, "decode": 2.0, "solve": 0.5, "total": 3.5},
    votes={"5": 2},
    peak_rss_bytes=1234,
)


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "samples.jsonl"
    with SampleLog(path) as log:
        assert log.finished(SAMPLE.key, SAMPLE.gold) is None
        log.append(SAMPLE)
        assert log.finished(SAMPLE.key, SAMPLE.gold) == SAMPLE
        assert log.finished(SAMPLE.key, f"{SAMPLE.gold}1") is None
    assert list(read_samples(path)) == [SAMPLE]


@pytest.mark.parametrize(
    "change",
    [{"artifact_sha256": "cd" * 32}, {"settings": "seed 1"}, {"task": "other"}, {"question_hash": "0" * 16}],
)
def test_another_artifact_setting_task_or_question_is_not_finished(
    tmp_path: Path, change: dict[str, str]
) -> None:
    with SampleLog(tmp_path / "s.jsonl") as log:
        log.append(SAMPLE)
        assert log.finished(replace(SAMPLE, **change).key, SAMPLE.gold) is None


@pytest.mark.parametrize("tail", [b'{"id": "p-2", "ta', b"{", b'{"id": 1}', "½".encode()[:1]])
def test_a_last_line_that_was_cut_off_is_dropped(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "s.jsonl"
    with SampleLog(path) as log:
        log.append(SAMPLE)
    with path.open("ab") as file:
        file.write(tail)
    assert list(read_samples(path)) == [SAMPLE]
    second = replace(SAMPLE, id="p-2")
    with SampleLog(path) as log:
        log.append(second)
    assert list(read_samples(path)) == [SAMPLE, second]


@pytest.mark.parametrize("glued", [False, True])
@pytest.mark.parametrize("cut", [b'{"id": "p-2", "task": "gs', b"\0\0\0\0\0"])
def test_a_line_that_was_cut_inside_the_log_is_left_out_and_asked_again(
    tmp_path: Path, cut: bytes, glued: bool
) -> None:
    path, second, third = tmp_path / "s.jsonl", replace(SAMPLE, id="p-2"), replace(SAMPLE, id="p-3")
    with SampleLog(path) as log:
        for sample in (SAMPLE, second, third):
            log.append(sample)
    first, middle, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + cut + (middle if glued else b"\n") + last)
    assert list(read_samples(path)) == [SAMPLE, third]
    with SampleLog(path) as log:
        assert log.finished(second.key, second.gold) is None
        assert log.finished(third.key, third.gold) == third
        log.append(second)
    assert list(read_samples(path)) == [SAMPLE, third, second]


def test_a_full_disk_is_told_with_the_file(tmp_path: Path) -> None:
    """A limit on a file's size stands in for the disk; a process of its own, for the limit stays."""
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom benchmarks.scoring.samples import SampleLog\n"
        "from tests.benchmarks.scoring.test_samples import SAMPLE\n"
        "log = SampleLog(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n    log.append(SAMPLE)\nexcept OSError as error:\n    print(error.filename)"
    )
    path = tmp_path / "s.jsonl"
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    assert run.stdout.strip() == str(path), run.stderr


def test_a_damaged_line_inside_the_log_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"id": "p-1"}\n')
    with pytest.raises(InputError, match="line 1 is no sample"):
        SampleLog(path)
    path.write_text("")
    SampleLog(path).close()


def test_a_second_writer_is_refused_while_the_first_is_open(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with SampleLog(path), pytest.raises(InputError, match="another run is writing"):
        SampleLog(path)
    SampleLog(path).close()


def test_a_missing_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        list(read_samples(tmp_path / "none.jsonl"))
