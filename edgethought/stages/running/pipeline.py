"""Run a recipe: problems, rationales, student, artifacts, scores, report. Each stage leaves its files in the run folder.

A stage that is finished is not done again, and one that was killed goes on from what it left, so that starting a run
twice costs nothing and loses nothing.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distill.labeling.rationale_set import read_rationales
from edgethought.stages.label import label_recipe
from edgethought.stages.progress import say
from edgethought.stages.recipe import Recipe
from edgethought.stages.running.report import report_run
from edgethought.stages.running.rounds import learned, rationales_folder, round_stages, student_folder
from edgethought.stages.running.run_folder import ARTIFACTS, RATIONALES, STUDENT, Run, Work
from edgethought.stages.running.score import score_run
from edgethought.stages.train import train_stage
from export.building.build import export_checkpoint
from export.gguf.importance import draw_calibration
from export.targets import parse_targets
from runtime.values.errors import InputError
from runtime.values.files import locked


def run_recipe(name: str, recipe: Recipe, out: Path, *, command: Sequence[str] = ()) -> Path:
    """Carry a recipe through all its stages in `out`; returns the path of `report.md`.

    Raises InputError when the folder holds a run with other settings, or another process works in it.
    """
    run = Run(name, recipe, out, shlex.join(command) or f"edgethought run {name} --out {out}")
    with locked(out):
        run.begin()
        stages = stages_of(recipe)
        for number, (stage, (title, work)) in enumerate(stages.items(), start=1):
            heading = f"[{number}/{len(stages)}] {title}"
            if stage in run.finished():
                say(f"{heading}: already done")
                continue
            say(heading)
            result, seconds = run.carry_out(stage, work)
            say(f"    {_line(result)} ({seconds:.0f} s)")
    return out / "report.md"


def _line(result: dict[str, Any]) -> str:
    return ", ".join(
        f"{key} {value}" for key, value in result.items() if isinstance(value, str | int | float)
    )


def _label(run: Run) -> dict[str, Any]:
    report = label_recipe(run.recipe, run.path / RATIONALES)
    return {
        "problems": report.problems,
        "rationales": report.rows,
        "dropped": report.dropped,
        "near_duplicates": list(report.near_duplicates),
    }


def _train(run: Run) -> dict[str, Any]:
    report = train_stage(run.path / RATIONALES, run.recipe, run.path / STUDENT)
    if report is None:
        raise InputError(
            "a run under `accelerate launch`; expected: accelerate launch -m edgethought distill train"
        )
    return learned(report)


def _export(run: Run) -> dict[str, Any]:
    # A student that learned in an artifact's own rounding is rounded so, without weights.
    weighed, rounds = run.recipe.train.quantization == "none", len(run.recipe.rounds)
    manifests = export_checkpoint(
        student_folder(run, rounds) / "checkpoint",
        parse_targets(run.recipe.targets),
        run.path / ARTIFACTS,
        calibration=draw_calibration(read_rationales(rationales_folder(run, rounds)), "rationales")
        if weighed
        else None,
        progress=lambda note: say(f"    {note}"),
    )
    return {
        manifest.name: f"{manifest.bytes / 1e6:.0f} MB, KL {manifest.gate['mean_kl']:.3f}"
        for manifest in manifests
    }


STAGES: dict[str, tuple[str, Work]] = {
    "label": ("the teacher writes rationales, the solver verifies them", _label),
    "train": ("the student learns", _train),
    "export": ("artifacts are built and checked against the checkpoint", _export),
    "score": ("artifacts and the untouched base answer problems they never saw", score_run),
    "report": ("the report", report_run),
}


def stages_of(recipe: Recipe) -> dict[str, tuple[str, Work]]:
    """The stages of a recipe in their order: its rounds come after the first training."""
    stages = list(STAGES.items())
    after = list(STAGES).index("train") + 1
    return dict([*stages[:after], *round_stages(recipe), *stages[after:]])
