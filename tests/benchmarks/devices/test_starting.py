"""A started process really has its profile's processors, memory and share of time."""

import sys
import time
from dataclasses import replace

import pytest

from benchmarks.devices.control_groups import means_here
from benchmarks.devices.limits import Limits
from benchmarks.devices.pace import cpu_seconds, paced
from benchmarks.devices.starting import started
from runtime.values.cores import physical_processors

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="profiles are for Linux")
MIB = 1 << 20


def limits(cores: float | None = None, memory_mib: int = 512) -> Limits:
    """Limits by whatever means work here."""
    return Limits("pi4-like", 1, tuple(physical_processors()[:1]), cores, memory_mib * MIB, means_here())


def run(code: str, held_to: Limits | None) -> tuple[str, int]:
    with started([sys.executable, "-S", "-c", f"print('up', flush=True)\n{code}"], held_to) as (child, check):
        assert child.stdout is not None and child.stdout.readline() == "up\n"
        check()
        return child.stdout.read().strip(), child.wait()


def test_a_process_runs_on_its_processors_alone() -> None:
    said, status = run("import os; print(sorted(os.sched_getaffinity(0)))", limits())
    assert (said, status) == (str(physical_processors()[:1]), 0)


def test_memory_beyond_the_ceiling_is_refused() -> None:
    code = "held = bytearray({} << 20)\nfor i in range(0, len(held), 4096): held[i] = 1\nprint('held')"
    assert run(code.format(100), limits(memory_mib=256)) == ("held", 0)
    said, status = run(code.format(600), limits(memory_mib=256))
    assert said == "" and status != 0


def test_a_share_of_time_is_a_share_of_time() -> None:
    code = (
        "import time\nbegun, used = time.monotonic(), time.process_time()\n"
        "while time.monotonic() - begun < 1.5: pass\nprint(time.process_time() - used)"
    )
    said, status = run(code, limits(cores=0.2))
    assert status == 0 and 0.02 < float(said) < 0.2 * 1.5 + 0.1


def test_no_limits_are_none() -> None:
    assert run("print(2)", None) == ("2", 0)


def test_a_process_that_is_left_is_ended_also_while_it_stands_still() -> None:
    held_to = replace(limits(cores=0.01), means="process")
    with started([sys.executable, "-S", "-c", "while True: pass"], held_to) as (child, _):
        time.sleep(0.1)
    assert child.poll() is not None


def test_a_paced_process_goes_on_afterwards() -> None:
    with started([sys.executable, "-S", "-c", "while True: pass"], None) as (child, _):
        with paced(child.pid, 0.01):
            time.sleep(0.1)
        used = cpu_seconds(child.pid)
        time.sleep(0.2)
        assert cpu_seconds(child.pid) > used
