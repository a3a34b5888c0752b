"""Ways of answering, timed on this device: the most samples with which nine of ten questions are answered in time.

More samples are right more often (docs/experiments, ways of answering); here only their times are measured.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median

from benchmarks.tasks.table import Table
from export.gate.probes import probe_problems
from runtime.answering.modes import DEFAULT_SAMPLES, Mode
from runtime.answering.pipeline import Model

SAMPLES = (4, 8, 16)
# Questions that each way answers, and how many of them must be in time.
QUESTIONS = 10
IN_TIME = 9


@dataclass(frozen=True, slots=True)
class TimedWay:
    """A way of answering: its median time, and the time within which nine of ten questions were answered."""

    mode: Mode
    samples: int
    median_ms: float
    most_ms: float

    @property
    def label(self) -> str:
        """As the table and a line name it."""
        return self.mode if self.mode == "single" else f"{self.mode.removesuffix('_of')} of {self.samples}"


def timed_ways(
    model: Model, latency_ms: float, progress: Callable[[int, int, str], None] | None = None
) -> Iterator[TimedWay]:
    """Time one thought, then more and more samples, the first way that is too slow the last one.

    Samples are chosen among by the artifact's scorer, or vote where it has none.
    """
    chosen: Mode = "best_of" if model.manifest.scorer else "vote"
    ways: list[tuple[Mode, int]] = [("single", DEFAULT_SAMPLES), *((chosen, count) for count in SAMPLES)]
    for done, (mode, samples) in enumerate(ways):
        way = timed(model, mode, samples)
        if progress:
            progress(done + 1, len(ways), way.label)
        yield way
        if way.most_ms > latency_ms:
            return


def timed(model: Model, mode: Mode, samples: int) -> TimedWay:
    """The times of the probe problems' first questions, one at a time, after a warm-up."""
    warm_up, *questions = [problem.question for problem in islice(probe_problems(), QUESTIONS + 1)]
    model.answer(warm_up, mode=mode, samples=samples)
    took = sorted(model.answer(question, mode=mode, samples=samples).timings.total for question in questions)
    return TimedWay(mode, samples, median(took), took[IN_TIME - 1])


def best_way(ways: list[TimedWay], latency_ms: float) -> TimedWay:
    """The last way that is in time; one thought where none is."""
    return next((way for way in reversed(ways) if way.most_ms <= latency_ms), ways[0])


def ways_table(ways: list[TimedWay], latency_ms: float) -> Table:
    """Every way that was timed, and which was chosen."""
    best = best_way(ways, latency_ms)
    return Table(
        "Ways of answering",
        ("way", "median", "nine of ten", ""),
        tuple(
            (
                way.label,
                f"{way.median_ms:.0f} ms",
                f"{way.most_ms:.0f} ms",
                "chosen" if way is best else "",
            )
            for way in ways
        ),
        f"The most samples that answer nine of {QUESTIONS} questions within {latency_ms:g} ms. How often each is right, "
        "`edgethought bench` says (--mode, --samples).",
    )
