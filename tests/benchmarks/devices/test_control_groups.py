"""Control groups: where one may be made is read from the tree of groups, and what is written there is the profile's."""

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.devices.control_groups import (
    check_group,
    delegating_group,
    group_values,
    joining_command,
    means_here,
    own_group,
    scope_command,
)
from benchmarks.devices.limits import Limits
from runtime.values.errors import WorkFailed

PI = Limits("pi4-like", 2, (0, 1), 0.25, 2 << 30, "cgroup")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Groups as a delegated container has them: `user` hands cpu and memory down, `user/shell` is where we are."""
    for group, handed_down in {"": "cpu io memory", "user": "cpu memory", "user/shell": ""}.items():
        folder = tmp_path / "root" / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu io memory\n")
        (folder / "cgroup.subtree_control").write_text(handed_down + "\n")
        (folder / "cgroup.procs").write_text("")
    (tmp_path / "own").write_text("4:memory:/elsewhere\n0::/user/shell\n")
    return tmp_path


def test_the_nearest_group_that_hands_controllers_down_is_taken(tree: Path) -> None:
    root = tree / "root"
    assert own_group(root, tree / "own") == root / "user/shell"
    assert delegating_group(root, tree / "own") == root / "user"
    (root / "user/cgroup.subtree_control").write_text("memory\n")
    assert delegating_group(root, tree / "own") == root
    (root / "cgroup.subtree_control").write_text("io\n")
    assert delegating_group(root, tree / "own") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_group_of_somebody_else_is_passed_over(tree: Path) -> None:
    (tree / "root/user/cgroup.procs").chmod(0o444)
    assert delegating_group(tree / "root", tree / "own") == tree / "root"


def test_groups_of_version_one_are_none(tree: Path) -> None:
    (tree / "root/cgroup.controllers").unlink()
    assert own_group(tree / "root", tree / "own") is None
    assert delegating_group(tree / "root", tree / "own") is None
    assert means_here(tree / "root", tree / "own") in ("process", "systemd")


def test_a_group_gets_time_and_memory() -> None:
    assert group_values(PI) == {"memory.max": str(2 << 30), "memory.swap.max": "0", "cpu.max": "5000 20000"}
    whole = Limits("laptop", 2, (0, 1), None, 8 << 30, "cgroup")
    assert group_values(whole)["cpu.max"] == "max 20000"


def test_a_scope_gets_the_same() -> None:
    command = scope_command(PI)
    assert command[-1] == "--" and "CPUQuota=25%" in command and f"MemoryMax={2 << 30}" in command
    assert "CPUQuotaPeriodSec=20000us" in command


def test_a_process_joins_before_it_is_anything_else(tmp_path: Path) -> None:
    command = [*joining_command(tmp_path), "/bin/sh", "-c", "echo $$"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (tmp_path / "cgroup.procs").read_text() == seen


@pytest.mark.parametrize(
    ("memory", "cpu", "kept"),
    [
        (str(2 << 30), "5000 20000", True),
        (str(2 << 30), "25000 100000", True),
        (str(2 << 30), "max 100000", False),
        ("max", "5000 20000", False),
    ],
)
def test_what_the_kernel_says_of_a_process_is_checked(
    tmp_path: Path, memory: str, cpu: str, kept: bool
) -> None:
    line = next(one for one in Path("/proc/self/cgroup").read_text().splitlines() if one.startswith("0::"))
    group = tmp_path / line.removeprefix("0::").lstrip("/")
    group.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cgroup.controllers").write_text("cpu memory\n")
    (group / "memory.max").write_text(memory + "\n")
    (group / "cpu.max").write_text(cpu + "\n")
    if kept:
        check_group(os.getpid(), PI, tmp_path)
    else:
        with pytest.raises(WorkFailed, match="does not hold"):
            check_group(os.getpid(), PI, tmp_path)
