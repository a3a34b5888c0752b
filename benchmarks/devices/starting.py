"""Starting a process that is held to a profile, and making sure that it is."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from benchmarks.devices.control_groups import (
    ROOT,
    check_group,
    control_group,
    delegating_group,
    joining_command,
    scope_command,
)
from benchmarks.devices.limits import Limits
from benchmarks.devices.pace import paced
from runtime.values.errors import WorkFailed

Check = Callable[[], None]


@contextmanager
def started(
    command: Sequence[str], limits: Limits | None, stderr: IO[str] | int | None = None
) -> Iterator[tuple["subprocess.Popen[str]", Check]]:
    """A child with its output in a pipe, and a check to call once it has written something; killed if it is still there.

    The check raises WorkFailed where a limit does not hold.
    """
    with ExitStack() as stack:
        before = [] if limits is None else _before(limits, stack)
        child = subprocess.Popen([*before, *command], stdout=subprocess.PIPE, stderr=stderr, text=True)
        stack.callback(_end, child)
        if limits is not None:
            _hold(child.pid, limits)
            if limits.means == "process" and limits.cores is not None:
                stack.enter_context(paced(child.pid, limits.cores))
        yield child, lambda: None if limits is None else _check(child.pid, limits)


def _before(limits: Limits, stack: ExitStack) -> list[str]:
    if limits.means == "systemd":
        return scope_command(limits)
    if limits.means == "process":
        return []
    parent = delegating_group(ROOT, Path("/proc/self/cgroup"))
    if parent is None:
        raise WorkFailed(f"{limits.sentence()}: no control group may be made here any more")
    return joining_command(stack.enter_context(control_group(parent, limits)))


def _hold(pid: int, limits: Limits) -> None:
    """Processors, and memory where no group counts it, before the child is more than an interpreter."""
    assert sys.platform == "linux"
    os.sched_setaffinity(pid, limits.processors)
    if limits.means == "process":
        resource.prlimit(pid, resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))


def _check(pid: int, limits: Limits) -> None:
    assert sys.platform == "linux"
    if os.sched_getaffinity(pid) != set(limits.processors):
        raise WorkFailed(f"{limits.sentence()} does not hold: process {pid} runs elsewhere, too")
    if limits.means != "process":
        check_group(pid, limits)
    elif resource.prlimit(pid, resource.RLIMIT_DATA)[1] != limits.memory_bytes:
        raise WorkFailed(f"{limits.sentence()} does not hold: process {pid} has another RLIMIT_DATA")


def _end(child: "subprocess.Popen[str]") -> None:
    if child.poll() is None:
        child.kill()
        child.wait()
    assert child.stdout is not None
    child.stdout.close()
