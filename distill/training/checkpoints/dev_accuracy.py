"""Dev accuracy on the way: a checkpoint becomes an artifact, and the artifact answers, as it would on a device.

The artifact does not go through the parity gate (that takes longer than the answers do) and is never published. Or the
checkpoint answers as it is, which is quicker where the processor multiplies bfloat16.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bench import run
from benchmarks.scoring.job import BenchSettings, Job, dev_task
from export.building.build import write_unchecked
from export.building.source import read_source
from export.checkpoint import is_encoder_decoder
from export.checkpoint_engine.opening import CHECKPOINT_STREAMS
from export.targets import DEFAULT_TARGETS, Target, check_targets, parse_targets
from runtime.answering.modes import DEFAULT_STREAMS, Mode
from runtime.engines.opening import ENGINES, engine_installed
from runtime.values.errors import InputError, MissingExtra
from runtime.values.files import write_jsonl
from runtime.values.problem import Problem

FOLDER = "dev"
# Instead of an artifact.
AS_IT_IS = "checkpoint"


@dataclass(frozen=True, slots=True)
class Dev:
    """The problems that choices in training are made on, and how a student answers them."""

    problems: Sequence[Problem]
    mode: Mode = "single"


@dataclass(frozen=True, slots=True)
class DevScore:
    """`right` of `n` dev problems, in `seconds` with writing the artifact."""

    right: int
    n: int
    seconds: float


Measure = Callable[[Path, str], DevScore]


def dev_target(base: Path, name: str) -> Target | None:
    """The artifact to measure by, None for none: the checkpoint as it is.

    Raises InputError or MissingExtra when this student or machine cannot have it.
    """
    encoder_decoder = is_encoder_decoder(base)
    if name == AS_IT_IS and not encoder_decoder:
        return None
    try:
        targets = parse_targets(name) if name else (DEFAULT_TARGETS[encoder_decoder],)
    except InputError as error:
        raise InputError(f"dev_target {name!r}; expected: {AS_IT_IS}, or one target ({error})") from error
    if len(targets) != 1:
        raise InputError(f"dev_target {name!r}; expected: one target")
    check_targets(targets, encoder_decoder=encoder_decoder)
    if not engine_installed(targets[0].format):
        kind = ENGINES[targets[0].format]
        raise MissingExtra(f"measuring dev accuracy by {targets[0]} needs {kind.package}: {kind.install}")
    return targets[0]


def measure_by(target: Target | None, dev: Dev, out: Path) -> Measure:
    """What measures a checkpoint folder in a run's folder `out`, under a label.

    Every answer is logged in `dev/samples.jsonl`, so that one that was given before a kill is not asked again.
    """
    folder = out / FOLDER
    problems = folder / "problems.jsonl"

    def measure(checkpoint: Path, label: str) -> DevScore:
        began = time.monotonic()
        write_jsonl(problems, (asdict(problem) for problem in dev.problems))
        artifact = folder / target.folder_name if target else checkpoint
        if target:
            write_unchecked(read_source(checkpoint), target, artifact)
        last: list[tuple[int, int]] = []
        job = Job(
            artifact,
            label,
            (dev_task(problems),),
            folder / "samples.jsonl",
            BenchSettings(mode=dev.mode, streams=DEFAULT_STREAMS if target else CHECKPOINT_STREAMS),
        )
        run(job, lambda now: last.append((now.correct, now.done)))
        if target:
            shutil.rmtree(artifact)
        right, n = last[-1]
        return DevScore(right, n, time.monotonic() - began)

    return measure
