"""Cold starts: from the start of a process to its answer, and the most memory it held, ours beside the library's API."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from runtime.values.errors import WorkFailed

# The shortest script that answers with llama-cpp-python's own API.
RIVAL = (
    "import sys, llama_cpp; "
    "llama = llama_cpp.Llama(sys.argv[1], n_ctx=1024, n_threads=int(sys.argv[2]), flash_attn=True, verbose=False); "
    "print(llama.create_completion(sys.argv[3], max_tokens=int(sys.argv[4]), temperature=0.0)['choices'][0]['text'])"
)
# A peak only grows, so the last look before the end is as good as one at the end.
LOOK_EVERY_S = 0.005


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One process: seconds from its start to its end, and its peak resident memory in MB (10^6 bytes)."""

    seconds: float
    peak_mb: float


def ours(artifact: Path, question: str) -> ColdStart:
    """`edgethought solve` as a user types it."""
    return _timed(
        [sys.executable, "-m", "edgethought", "solve", "--json", "--model", str(artifact), question]
    )


def rival(model_file: Path, threads: int, prompt: str, max_tokens: int) -> ColdStart:
    """The same question through `Llama.create_completion` in a fresh process."""
    return _timed([sys.executable, "-c", RIVAL, str(model_file), str(threads), prompt, str(max_tokens)])


def middle(starts: Sequence[ColdStart]) -> ColdStart:
    """Medians of both figures."""
    return ColdStart(median(one.seconds for one in starts), median(one.peak_mb for one in starts))


def _timed(command: Sequence[str]) -> ColdStart:
    started = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak, ended = 0, 0
        while not ended:
            peak = max(peak, _peak_bytes(process.pid))
            sleep(LOOK_EVERY_S)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        took = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    # 1 is a thought that the solver could not solve: an answer all the same.
    if process.returncode not in (0, 1):
        raise WorkFailed(f"{' '.join(command[:4])} ended with status {process.returncode}")
    # Kilobytes on Linux, and never below what this process held when it started the other: a last resort.
    return ColdStart(took, (peak or usage.ru_maxrss * 1024) / 1e6)


def _peak_bytes(pid: int) -> int:
    """The most that a process has held so far, 0 where the system does not tell or it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
