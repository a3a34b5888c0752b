"""What a held process really gets: arithmetic and copied memory a second, to stand beside a device's published rates.

`python -m benchmarks.devices.rates THREADS` prints one JSON object.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.devices.limits import Limits, end_with_parent
from benchmarks.devices.starting import started
from runtime.values.errors import WorkFailed

if TYPE_CHECKING:
    import numpy as np

SECONDS = 0.6
# A matrix's side, small enough for a share of a core.
SIDE = 400
COPIED_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Rates:
    """Float64 matrix products in GFLOPS and copied memory in GB/s, by all threads together, per second of the clock."""

    gflops: float
    copy_gb_s: float


def rates_under(limits: Limits) -> Rates:
    """Measure in a process that is held to these limits; about a second."""
    command = [sys.executable, "-m", "benchmarks.devices.rates", str(limits.threads)]
    with started(command, limits) as (child, check):
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise WorkFailed(f"measuring under {limits.sentence()} ended with exit status {child.wait()}")
        check()
        rates = Rates(**json.loads(child.stdout.readline() or "{}"))
        child.wait()
    return rates


def measure(threads: int) -> Rates:
    """Measure in this process, with so many threads."""
    import numpy as np

    square = np.random.default_rng(0).random((SIDE, SIDE))
    product = np.empty_like(square)
    products = _per_second([lambda: np.matmul(square, square, out=product)])
    copies = _per_second([_copying(np.ones(COPIED_BYTES // 8)) for _ in range(threads)])
    return Rates(gflops=2 * SIDE**3 * products / 1e9, copy_gb_s=COPIED_BYTES * copies / 1e9)


def _copying(source: "np.ndarray[Any, Any]") -> Callable[[], object]:
    import numpy as np

    target = np.empty_like(source)
    return lambda: np.copyto(target, source)


def _per_second(works: Sequence[Callable[[], object]]) -> float:
    """How often the works are done a second, each in a thread of its own, all together; the first time is not counted."""
    with ThreadPoolExecutor(len(works)) as pool:
        return sum(pool.map(_rate, works))


def _rate(work: Callable[[], object]) -> float:
    work()
    done, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < SECONDS:
        work()
        done += 1
    return done / passed


def main() -> None:
    """Say that the process is there, then what it measured."""
    end_with_parent()
    threads = int(sys.argv[1])
    os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    print("started", flush=True)
    print(json.dumps(asdict(measure(threads))), flush=True)


if __name__ == "__main__":
    main()
