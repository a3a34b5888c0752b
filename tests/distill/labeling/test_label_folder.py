"""A labelling run that was stopped anywhere goes on, and ends with the same bytes as one that was not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from distill.labeling import label_folder
from distill.labeling.label_folder import LabelFolder
from distill.labeling.stats import LabelStats
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from tests.distill.labeling.scripted import numbered, write_set

FILES = ("rationales.jsonl", "dropped.jsonl", "manifest.json", "data_card.md")
COUNT = 600


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, solver: Solver) -> Path:
    """The set of a run that nothing stopped."""
    out = tmp_path_factory.mktemp("straight") / "set"
    write_set(out, numbered(COUNT), solver)
    return out


def stopped(problems: Iterable[Problem], at: int, error: type[BaseException]) -> Iterator[Problem]:
    yield from islice(problems, at)
    raise error


def same_bytes(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in FILES)


@pytest.mark.parametrize("at", [1, 128, 129, 400, COUNT])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_stopped_run_goes_on(
    tmp_path: Path, solver: Solver, straight: Path, at: int, error: type[BaseException]
) -> None:
    out = tmp_path / "set"
    with pytest.raises(error):
        write_set(out, stopped(numbered(COUNT), at, error), solver)
    assert not out.exists()
    report = write_set(out, numbered(COUNT), solver)
    assert report.resumed == at // 128 * 128
    assert same_bytes(out, straight)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set"]


def test_what_a_kill_wrote_after_the_last_saved_state_is_cut_off(
    tmp_path: Path, solver: Solver, straight: Path
) -> None:
    out = tmp_path / "set"
    with pytest.raises(OSError):
        write_set(out, stopped(numbered(COUNT), 300, OSError), solver)
    for name in ("rationales.jsonl", "dropped.jsonl", "keys.bin"):
        with (tmp_path / "set.part" / name).open("ab") as file:
            file.write(b'{"id": "half a row')
    assert write_set(out, numbered(COUNT), solver).resumed == 256
    assert same_bytes(out, straight)


@pytest.mark.parametrize("damage", ["{", "{}", '{"described": 1}', "[]"])
def test_a_damaged_state_starts_afresh(tmp_path: Path, solver: Solver, straight: Path, damage: str) -> None:
    out = tmp_path / "set"
    with pytest.raises(OSError):
        write_set(out, stopped(numbered(COUNT), 300, OSError), solver)
    (tmp_path / "set.part/progress.json").write_text(damage)
    assert write_set(out, numbered(COUNT), solver).resumed == 0
    assert same_bytes(out, straight)


def test_other_settings_and_other_problems_are_refused(tmp_path: Path, solver: Solver) -> None:
    out = tmp_path / "set"
    with pytest.raises(OSError):
        write_set(out, stopped(numbered(COUNT), 300, OSError), solver)
    with pytest.raises(InputError, match="was begun with other problems"):
        write_set(out, list(numbered(COUNT))[1:], solver)
    with pytest.raises(InputError, match="was begun with other problems"):
        write_set(out, numbered(100), solver)
    with pytest.raises(InputError, match="was begun with other settings"):
        write_set(out, numbered(COUNT), solver, policy="research")
    assert write_set(out, numbered(COUNT), solver).resumed > 0


def test_a_refused_resume_spoils_nothing(tmp_path: Path, solver: Solver, straight: Path) -> None:
    out = tmp_path / "set"
    with pytest.raises(OSError):
        write_set(out, stopped(numbered(COUNT), 300, OSError), solver)
    with pytest.raises(InputError):
        write_set(out, numbered(100), solver)
    assert write_set(out, numbered(COUNT), solver).resumed == 256
    assert same_bytes(out, straight)


def test_a_finished_set_is_kept_by_the_same_run_and_refuses_any_other(
    tmp_path: Path, solver: Solver, straight: Path
) -> None:
    out = shutil.copytree(straight, tmp_path / "set")
    report = write_set(out, numbered(COUNT), solver)
    assert (report.resumed, report.problems) == (COUNT, COUNT)
    assert report == replace(write_set(tmp_path / "anew", numbered(COUNT), solver), folder=out, resumed=COUNT)
    with pytest.raises(
        InputError, match=r"differs \(policy 'ship' there, 'research' now\); expected: the same"
    ):
        write_set(out, numbered(COUNT), solver, policy="research")
    with pytest.raises(InputError, match=r"differs \(other test questions\)"):
        write_set(out, numbered(COUNT), solver, against=[])
    with pytest.raises(InputError, match=r"differs \(other problems\)"):
        write_set(out, numbered(COUNT - 1), solver)
    assert same_bytes(out, straight)
    manifest = json.loads((out / "manifest.json").read_text())
    del manifest["digest"]
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="an earlier version wrote it"):
        write_set(out, numbered(COUNT), solver)


@pytest.mark.parametrize("name", ["rationales.jsonl", "dropped.jsonl", "data_card.md"])
def test_a_finished_set_that_was_damaged_is_not_called_finished(
    tmp_path: Path, solver: Solver, straight: Path, name: str
) -> None:
    out = shutil.copytree(straight, tmp_path / "set")
    (out / name).write_bytes((out / name).read_bytes()[:-20])
    for _ in range(2):
        with pytest.raises(
            InputError, match=rf"{name} is not what manifest\.json describes; expected: remove"
        ):
            write_set(out, numbered(COUNT), solver)
        (out / name).unlink(missing_ok=True)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, solver: Solver) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").touch()
    with pytest.raises(
        InputError, match="holds something else than a rationale set; expected: another --out"
    ):
        write_set(tmp_path / "mine", numbered(10), solver)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "thesis.tex"]


def test_two_runs_into_one_folder_are_kept_apart(tmp_path: Path, solver: Solver) -> None:
    out = tmp_path / "set"
    with LabelFolder(out, {}), pytest.raises(InputError, match="another run labels into"):
        write_set(out, numbered(10), solver)


def test_a_run_that_decides_nothing_leaves_nothing(tmp_path: Path, solver: Solver) -> None:
    with pytest.raises(OSError):
        write_set(tmp_path / "set", stopped([], 0, OSError), solver)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys
from pathlib import Path
from distill.labeling import label_folder
from tests.distill.labeling.scripted import numbered, write_set

label_folder.SAVE_EVERY_S = 0.02
if __name__ == "__main__":
    write_set(Path(sys.argv[1]), numbered(int(sys.argv[2])), workers=2)
"""


def test_a_killed_run_over_processes_goes_on_and_leaves_no_process(tmp_path: Path, solver: Solver) -> None:
    """SIGKILL in the middle: the children end by themselves, the next run takes over what was saved."""
    count, out, script = 5_000, tmp_path / "set", tmp_path / "killed.py"
    script.write_text(KILLED)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    child = subprocess.Popen([sys.executable, str(script), str(out), str(count)], env=environment)
    progress = tmp_path / "set.part/progress.json"
    deadline = time.monotonic() + 60
    while not progress.is_file():
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    family = descendants(child.pid)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert family
    saved = json.loads(progress.read_text())["counts"]["problems"]
    assert 0 < saved < count
    assert write_set(out, numbered(count), solver).resumed >= saved
    write_set(tmp_path / "straight", numbered(count), solver)
    assert same_bytes(out, tmp_path / "straight")
    assert not [pid for pid in family if running(pid)]


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_saving_happens_while_it_runs(
    tmp_path: Path, solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_folder, "SAVE_EVERY_S", 0.0)
    seen: list[int] = []

    def look(counts: LabelStats) -> None:
        state = json.loads((tmp_path / "set.part/progress.json").read_text())
        seen.append(state["counts"]["problems"])

    write_set(tmp_path / "set", numbered(300), solver, progress=look)
    assert seen == [128, 256, 300]
