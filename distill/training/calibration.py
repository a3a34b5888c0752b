"""What a run settles by measuring the machine it begins on, and keeps: the type it computes in, the steps that fit.

A CPU with AVX512-BF16 or AMX multiplies bfloat16 two to eight times as fast as float32; one without, up to ten times as
slowly. Nobody should have to know which one they have. `python -m distill.training.calibration` prints what was measured.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from distill.training.mixture import Plan
from distill.training.settings import ComputeType, TrainSettings
from runtime.values.errors import InputError
from runtime.values.files import write_json

CALIBRATION_FILE = "calibration.json"
# Rows, input and output of a product as a small student has them.
PRODUCT = (256, 576, 1536)
PRODUCT_S = 0.3
# float16 needs its loss scaled, and no CPU that we know is quicker in it: it is taken only when asked for.
CANDIDATES: tuple[ComputeType, ...] = ("float32", "bfloat16")
# Steps that are timed before a run with a time budget is cut; the first one also lays out memory.
TIMED_STEPS = 3
MIN_STEPS = 8


@dataclass(frozen=True, slots=True)
class Calibration:
    """The type that products compute in and why; `gflops` by type, empty where nothing was measured.

    `steps` are those that the run was cut to by `train.time_budget_s`, None while it was not.
    """

    compute: ComputeType
    reason: str
    gflops: dict[str, float] = field(default_factory=dict)
    steps: Annotated[int, Field(ge=MIN_STEPS)] | None = None

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    @property
    def dtype(self) -> Any:
        """The same for torch."""
        import torch

        return getattr(torch, self.compute)

    @property
    def line(self) -> str:
        """Which type, and why, for people."""
        return f"computes in {self.compute}: {self.reason}"

    def save(self, out: Path) -> None:
        """Keep it in a run's folder."""
        write_json(out / CALIBRATION_FILE, asdict(self))


def read_calibration(out: Path) -> Calibration | None:
    """What a run in this folder settled, None where none has begun; raises InputError when it is damaged."""
    path = out / CALIBRATION_FILE
    try:
        return TypeAdapter(Calibration).validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        fault = error.errors()[0]
        what = ".".join(map(str, fault["loc"])) or "the file"
        raise InputError(f"{path} is damaged ({what}: {fault['msg']}); expected: another folder") from error
    except OSError as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}); expected: another folder") from error


def calibrate(settings: TrainSettings, out: Path, device: Any) -> Calibration:
    """The type of the run in `out`: the one it began in, else the one asked for, else what is fastest here.

    Raises InputError for another type than the run began in.
    """
    known = read_calibration(out)
    if known is None:
        found = _choose(settings.compute, device)
        found.save(out)
        return found
    if settings.compute not in ("auto", known.compute):
        raise InputError(
            f"train.compute {settings.compute}, but the run in {out} began in {known.compute}; expected: auto or "
            f"{known.compute}, or another folder"
        )
    here = _choose("auto", device)
    if here.compute == known.compute:
        return known
    reason = f"the run began in it, though on this machine {here.compute} is faster ({_rates(here.gflops)})"
    return replace(known, reason=reason)


def _choose(asked: str, device: Any) -> Calibration:
    if asked != "auto":
        return Calibration(asked, "train.compute says so")  # type: ignore[arg-type]
    if device.type != "cpu":
        return Calibration("bfloat16", "on a GPU")
    gflops = product_gflops(CANDIDATES)
    fastest = max(CANDIDATES, key=lambda name: gflops[name])
    return Calibration(fastest, f"the fastest here, {_rates(gflops)}", gflops)


def _rates(gflops: Mapping[str, float]) -> str:
    rates = ", ".join(f"{name} {rate:.0f}" for name, rate in gflops.items())
    return f"{rates} GFLOP/s" if gflops else "a GPU"


def product_gflops(
    types: Sequence[ComputeType], sizes: tuple[int, int, int] = PRODUCT, seconds: float = PRODUCT_S
) -> dict[str, float]:
    """Each type's best rate of a product (rows, input) by (input, output), in 10⁹ floating-point operations a second.

    On the CPU, with as many threads as torch has; takes `seconds` for each type.
    """
    import torch

    rows, width, inner = sizes
    factors = {
        name: tuple(torch.randn(size, width).to(getattr(torch, name)) for size in (rows, inner))
        for name in types
    }
    best = dict.fromkeys(types, float("inf"))
    began = time.perf_counter()
    # In turn, so that other work on the machine slows all of them down alike; the first products only warm up.
    while time.perf_counter() - began < seconds * len(types) or float("inf") in best.values():
        for name, (left, right) in factors.items():
            start = time.perf_counter()
            torch.mm(left, right.t())
            best[name] = min(best[name], time.perf_counter() - start)
    # Three digits, so that a slow type on a busy machine is still more than nothing.
    return {name: float(f"{2 * rows * width * inner / least / 1e9:.3g}") for name, least in best.items()}


def fit_steps(
    calibration: Calibration, plan: Plan, seconds: Sequence[float], budget_s: float
) -> tuple[Calibration, str]:
    """Cut a plan to the steps that fit into `budget_s` (0 is no limit), by the `seconds` of the first `TIMED_STEPS`.

    Returns what to keep, and a line for people. What was cut once stays cut; `MIN_STEPS` always fit.
    """
    if calibration.steps:
        kept = f"the {calibration.steps} of {len(plan)} steps it was cut to when it began"
        return calibration, f"training goes on with {kept}"
    spent = list(_seconds_by_step(plan, seconds))
    whole = f"{len(plan)} steps take about {duration(spent[-1])}"
    fitting = max(MIN_STEPS, sum(at <= budget_s for at in spent))
    if not budget_s or fitting >= len(plan):
        return calibration, f"training: {whole}"
    cut = f"cut to {fitting}, about {duration(spent[fitting - 1])} (train.time_budget_s is {budget_s:g})"
    return replace(calibration, steps=fitting), f"training: {whole}; {cut}"


def _seconds_by_step(plan: Plan, seconds: Sequence[float]) -> Iterator[float]:
    """Seconds from the beginning to each step's end: as measured, then by tokens; the first step is no measure."""
    tokens = [sum(len(example.ids) for micro in step for example in micro) for step in plan]
    rate = sum(seconds[1:TIMED_STEPS]) / sum(tokens[1:TIMED_STEPS])
    known = seconds[:TIMED_STEPS]
    yield from accumulate([*known, *(count * rate for count in tokens[len(known) :])])


def duration(seconds: float) -> str:
    """Seconds for people: `40 s`, `9 min`, `3.1 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def main() -> None:
    """Print the rates of products, and which type training would take here, as one JSON row."""
    gflops = product_gflops(CANDIDATES)
    print(json.dumps({"gflops": gflops, "compute": max(CANDIDATES, key=lambda name: gflops[name])}))


if __name__ == "__main__":
    main()
