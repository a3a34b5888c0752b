"""Control groups (v2): who may make one here, a group with a profile's limits, and what holds for a process.

Follows Documentation/admin-guide/cgroup-v2.rst of the kernel. A group of ours stands beside this process, never above
it: one that has processes cannot hand controllers down.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.devices.limits import Limits, Means
from runtime.values.errors import WorkFailed

ROOT = Path("/sys/fs/cgroup")
NEEDED = frozenset({"cpu", "memory"})
# Short, so that a first token waits little for its slice; the kernel's own default is 100 ms.
PERIOD_US = 20_000
# Prints `cpu.max` and `memory.max` of the group that it runs in.
_SAY_LIMITS = 'cd "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)" && cat cpu.max memory.max'
REMOVE_TRIES, REMOVE_WAIT_S = 50, 0.02


def means_here(root: Path = ROOT, own: Path = Path("/proc/self/cgroup")) -> Means:
    """The strongest means that works here: systemd's scope, else a group of our own, else none but the process itself."""
    if _scope_works():
        return "systemd"
    return "process" if delegating_group(root, own) is None else "cgroup"


def _scope_works() -> bool:
    """Whether systemd makes scopes for this user that limit both: it is tried, as being installed says nothing."""
    if shutil.which("systemd-run") is None:
        return False
    command = [*_scope(), "-p", "CPUQuota=50%", "-p", "MemoryMax=1G", "--", "/bin/sh", "-c", _SAY_LIMITS]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return False
    said = tried.stdout.split()
    return tried.returncode == 0 and len(said) == 3 and "max" not in (said[0], said[2])


def _scope() -> list[str]:
    user = ["--user"] if os.geteuid() else []
    return ["systemd-run", *user, "--scope", "--quiet", "--collect"]


def scope_command(limits: Limits) -> list[str]:
    """What to put before a command so that it runs in a systemd scope with these limits, as the same process."""
    command = [*_scope(), "-p", f"MemoryMax={limits.memory_bytes}", "-p", "MemorySwapMax=0"]
    if limits.cores is not None:
        command += ["-p", f"CPUQuota={100 * limits.cores:g}%", "-p", f"CPUQuotaPeriodSec={PERIOD_US}us"]
    return [*command, "--"]


def delegating_group(root: Path, own: Path) -> Path | None:
    """The nearest group at or above this process's in which we may make one with the controllers needed; None without."""
    path = own_group(root, own)
    while path is not None and path.is_relative_to(root):
        handed_down = _words(path / "cgroup.subtree_control")
        if handed_down >= NEEDED and all(os.access(one, os.W_OK) for one in (path, path / "cgroup.procs")):
            return path
        path = path.parent if path != root else None
    return None


def own_group(root: Path, own: Path) -> Path | None:
    """The folder of the v2 group that a `/proc/PID/cgroup` names; None where v2 is not what is mounted at `root`."""
    if not (root / "cgroup.controllers").is_file():
        return None
    for line in own.read_text(encoding="utf-8").splitlines():
        if line.startswith("0::"):
            return root / line.removeprefix("0::").lstrip("/")
    return None


def _words(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text(encoding="ascii").split())
    except OSError:
        return frozenset()


@contextmanager
def control_group(parent: Path, limits: Limits) -> Iterator[Path]:
    """A group with these limits, gone again afterwards."""
    group = parent / f"edgethought-{os.getpid()}-{limits.profile}"
    group.mkdir()
    try:
        for name, value in group_values(limits).items():
            _write(group / name, value)
        yield group
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    """Remove a group; a solver's worker may take a moment to see that it was left, or is ended."""
    if (group / "cgroup.kill").is_file():
        (group / "cgroup.kill").write_text("1", encoding="ascii")
    for _ in range(REMOVE_TRIES):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(REMOVE_WAIT_S)
    group.rmdir()


def _write(file: Path, value: str) -> None:
    try:
        file.write_text(value, encoding="ascii")
    except FileNotFoundError:
        if file.name != "memory.swap.max":  # not there in a kernel without swap accounting
            raise


def group_values(limits: Limits) -> dict[str, str]:
    """Files of a group and what stands in them for these limits."""
    quota = "max" if limits.cores is None else str(round(limits.cores * PERIOD_US))
    return {
        "memory.max": str(limits.memory_bytes),
        "memory.swap.max": "0",
        "cpu.max": f"{quota} {PERIOD_US}",
    }


def joining_command(group: Path) -> list[str]:
    """What to put before a command so that its process joins the group before it is anything else."""
    return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]


def check_group(pid: int, limits: Limits, root: Path = ROOT) -> None:
    """Raise WorkFailed unless the kernel says that a process is in a group with these limits."""
    group = own_group(root, Path(f"/proc/{pid}/cgroup"))
    wanted = group_values(limits)
    found = {} if group is None else {name: " ".join(_line(group / name)) for name in wanted}
    kept = [name for name in ("memory.max", "cpu.max") if _same(name, found.get(name), wanted[name])]
    if len(kept) < 2:
        raise WorkFailed(
            f"{limits.sentence()} does not hold: the group of process {pid} has {found or 'no limits'}"
        )


def _same(name: str, found: str | None, wanted: str) -> bool:
    if found is None or name != "cpu.max":
        return found == wanted
    if wanted.startswith("max"):
        return found.startswith("max")
    (quota, period), (ours, over) = found.split(), wanted.split()
    return quota != "max" and abs(int(quota) / int(period) - int(ours) / int(over)) < 0.01


def _line(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except OSError:
        return []
