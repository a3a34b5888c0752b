"""Memory and machine are really read from this process and this machine."""

import subprocess
import sys
from pathlib import Path

from benchmarks.scoring.machine import describe_machine

ROOT = Path(__file__).parents[3]


def test_the_peak_grows_with_what_is_held_and_never_shrinks() -> None:
    # In a process of its own: this one may have held more before.
    code = """
from benchmarks.scoring.machine import peak_rss_bytes
before = peak_rss_bytes()
held = bytearray(b"x") * (64 * 2**20)
high = peak_rss_bytes()
del held
print(high - before, peak_rss_bytes() - high)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    grown, further = map(int, ran.stdout.split())
    assert 60 * 2**20 < grown < 80 * 2**20
    assert further > -(2**20)  # the kernel counts in batches


def test_the_machine_is_described() -> None:
    machine = describe_machine()
    assert machine.cpu and machine.cores >= 1 and machine.memory_bytes > 2**28
    assert machine.python.startswith("3.") and "sympy" in machine.packages
    assert machine.cpu in machine.sentence()
    assert machine.to_row()["cores"] == machine.cores
