"""The rounds of a recipe: the student answers training problems, and learns from what it wrote or could not do.

A round has a folder, `rounds/NUMBER`: `samples.jsonl`, of rft and fdd `rationales`, and `student`. A round that nothing
can be learned from is left out. Where dev problems are answered after each, a student that is no better is put aside,
and the rounds end with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, Protocol

from benchmarks.bench import Progress
from benchmarks.bench import run as run_job
from benchmarks.scoring.job import BenchSettings, Job
from benchmarks.scoring.statistics import wilson
from benchmarks.tasks.licenses import permitted
from benchmarks.tasks.splits import DEV, TRAIN
from distill.labeling.rationale_set import read_rationales
from distill.recipes.judged import kept_samples
from distill.recipes.rounds import RoundSettings
from edgethought.stages.label import label_joined
from edgethought.stages.problems import held_out, known_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.running.feedback import feedback_sets, sort_problems, write_feedback
from edgethought.stages.running.run_folder import RATIONALES, SAMPLES, STUDENT, Run, Work
from edgethought.stages.tasks import bench_task, draw
from edgethought.stages.train import train_rows, train_stage
from runtime.answering.modes import MAX_STREAMS
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale

ROUNDS, KEPT, DEV_ANSWERS = "rounds", "kept.jsonl", "dev.jsonl"
# Where a student goes that is no better than the one before.
PUT_ASIDE = f"{STUDENT}.no-better"
LEARNS = {
    "rft": "a student is trained again, with what it wrote",
    "fdd": "a student is trained again, with the new problems",
    "prefer": "the student goes on, with what it wrote",
    "on_policy": "the student goes on, its samples corrected by a larger model's logits",
}


class RoundWork(Protocol):
    """What a stage of a round does, and what is noted of it."""

    def __call__(self, run: Run, *, number: int) -> dict[str, Any]:
        """Do it."""


def round_stages(recipe: Recipe) -> Iterator[tuple[str, tuple[str, Work]]]:
    """The stages of every round, by name."""
    if recipe.rounds and recipe.round_dev:
        yield "dev 0", ("before the rounds: the student answers dev problems", partial(_measure, number=0))
    for number, one in enumerate(recipe.rounds, start=1):
        works: dict[str, tuple[str, RoundWork]] = {}
        if one.method != "on_policy":
            works["sample"] = ("the student answers training problems", _sample)
        if one.method == "fdd":
            works["feedback"] = (
                "new problems, harder than solved and similar to failed ones",
                _write_feedback,
            )
        works["learn"] = (LEARNS[one.method], _learn)
        if recipe.round_dev:
            works["dev"] = ("the student answers dev problems", _measure)
        for stage, (title, work) in works.items():
            yield (
                f"{stage} {number}",
                (f"round {number}: {title}", partial(_unless_over(work), number=number)),
            )


def _unless_over(work: RoundWork) -> RoundWork:
    """The work of a stage, unless an earlier round was no better."""

    def checked(run: Run, *, number: int) -> dict[str, Any]:
        stages = run.finished()
        over = next((k for k in range(number) if stages.get(f"dev {k}", {}).get("better") is False), None)
        return work(run, number=number) if over is None else {"left out": f"round {over} was no better"}

    return checked


def student_folder(run: Run, rounds: int) -> Path:
    """The folder of the student after so many rounds: the last of them that was not left out."""
    for number in range(rounds, 0, -1):
        if (_folder(run, number) / STUDENT / "checkpoint").is_dir():
            return _folder(run, number) / STUDENT
    return run.path / STUDENT


def rationales_folder(run: Run, rounds: int) -> Path:
    """The rationale set after so many rounds."""
    for number in range(rounds, 0, -1):
        if (_folder(run, number) / RATIONALES).is_dir():
            return _folder(run, number) / RATIONALES
    return run.path / RATIONALES


def round_problems(recipe: Recipe, one: RoundSettings) -> list[Problem]:
    """The training problems of a round. Raises InputError for data that has no training split here."""
    own = recipe.sources[0] if recipe.sources else recipe
    data, limit = (one.data, one.limit) if one.data else (own.data, one.limit or own.limit)
    if recipe.share < 1:
        limit = ceil(recipe.share * (limit or draw(data, TRAIN, 0, recipe.seed)[1]))
    return list(draw(data, TRAIN, limit, recipe.seed)[0])


def _folder(run: Run, number: int) -> Path:
    return run.path / ROUNDS / str(number)


def _sample(run: Run, *, number: int) -> dict[str, Any]:
    from distill.recipes.sampling import draw_samples
    from export.checkpoint_engine.opening import load_model

    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    folder.mkdir(parents=True, exist_ok=True)
    problems = round_problems(run.recipe, one)
    checkpoint = student_folder(run, number - 1) / "checkpoint"
    with (
        load_model(checkpoint, threads=run.recipe.train.threads or None) as student,
        progress_bar("problems") as bar,
    ):
        report = draw_samples(
            student,
            problems,
            folder / SAMPLES,
            samples=one.samples,
            seed=run.recipe.seed + number,
            progress=bar,
        )
    return {"problems": len(problems), "samples": report.rows, "right": report.right}


def _write_feedback(run: Run, *, number: int) -> dict[str, Any]:
    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    counts = sort_problems(round_problems(run.recipe, one), folder / SAMPLES, folder, one.solved)
    return {**counts, **write_feedback(run.recipe, one, number, folder)}


def _learn(run: Run, *, number: int) -> dict[str, Any]:
    learn = {"rft": _with_samples, "fdd": _with_feedback, "prefer": _go_on, "on_policy": _corrected}
    return learn[run.recipe.rounds[number - 1].method](run, number)


def _with_samples(run: Run, number: int) -> dict[str, Any]:
    """RFT: right samples beside the rationales that were there."""
    from export.checkpoint import read_card

    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    license = read_card(student_folder(run, number - 1) / "checkpoint").license
    kept = list(
        kept_samples(read_jsonl(folder / SAMPLES), most=one.most, license=license, seed=run.recipe.seed)
    )
    if not kept:
        return _left_out(number, "none of its samples is right")
    write_jsonl(folder / KEPT, kept)
    return {"kept": len(kept), **_train_on_all(run, number, [folder / KEPT])}


def _with_feedback(run: Run, number: int) -> dict[str, Any]:
    """FDD: the new problems beside the rationales that were there."""
    sets = [one for one in feedback_sets(_folder(run, number)) if next(read_rationales(one), None)]
    if not sets:
        return _left_out(number, "no new problem was written")
    return _train_on_all(run, number, sets)


def _train_on_all(run: Run, number: int, new: Sequence[Path]) -> dict[str, Any]:
    """A student of the base, or the one that there is, on what was there and what is new."""
    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    there = rationales_folder(run, number - 1)
    labeled = label_joined(run.recipe, [there, *new], folder / RATIONALES)
    start = _from_student(run, number) if one.start == "student" else {}
    recipe = run.recipe.model_copy(update={"train": run.recipe.trained_in(one, **start)})
    report = train_stage(folder / RATIONALES, recipe, folder / STUDENT)
    assert report is not None
    return {"rationales": labeled.rows, **learned(report)}


def _go_on(run: Run, number: int) -> dict[str, Any]:
    """Preference training from the adapter that the student has, or from all its weights."""
    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    rows = preferences(folder / SAMPLES, run.recipe, most=one.most)
    if not rows:
        return _left_out(number, "no prompt has right and wrong samples")
    recipe = run.recipe.model_copy(update={"train": run.recipe.trained_in(one, **_from_student(run, number))})
    report = train_rows(rows, recipe, folder / STUDENT)
    assert report is not None
    return {
        "right": sum(row.verified for row in rows),
        "wrong": sum(not row.verified for row in rows),
        **learned(report),
    }


def _corrected(run: Run, number: int) -> dict[str, Any]:
    """On-policy distillation: the questions of the rationales that there are, and samples drawn while it learns."""
    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    recipe = run.recipe.model_copy(update={"train": run.recipe.trained_in(one, **_from_student(run, number))})
    report = train_stage(rationales_folder(run, number - 1), recipe, folder / STUDENT)
    assert report is not None
    return learned(report)


def _from_student(run: Run, number: int) -> dict[str, str]:
    """Settings of training from the student before a round: its adapter, or all its weights."""
    student = student_folder(run, number - 1)
    if run.recipe.train.method == "full":
        return {"base": str(student / "checkpoint"), "vocabulary": "full"}
    return {"base": _base(run, number - 1), "vocabulary": "full", "adapter": str(student / "adapter")}


def _base(run: Run, rounds: int) -> str:
    """The base that the adapter after so many rounds is of: the recipe's, or its trimmed one."""
    for number in range(rounds, -1, -1):
        folder = _folder(run, number) / STUDENT if number else run.path / STUDENT
        if (folder / "base").is_dir():
            return str(folder / "base")
        if number and run.recipe.rounds[number - 1].starts_anew and folder.is_dir():
            break
    return run.recipe.train.base


def _measure(run: Run, *, number: int) -> dict[str, Any]:
    """Let the student after a round answer dev problems; one that is no better than the best before is put aside."""
    recipe, folder = run.recipe, _folder(run, number) if number else run.path
    student = folder / STUDENT if (folder / STUDENT).is_dir() else folder / PUT_ASIDE
    if not student.is_dir():
        return {"left out": "the student is the same"}
    task = bench_task(recipe.train.dev_task, DEV, recipe.round_dev, recipe.seed, run.path)
    settings = BenchSettings(limit=recipe.round_dev, seed=recipe.seed, streams=MAX_STREAMS)
    job = Job(student / "checkpoint", f"round {number}", (task,), run.path / ROUNDS / DEV_ANSWERS, settings)
    right = of = 0
    with progress_bar("dev problems") as bar:

        def progress(now: Progress) -> None:
            nonlocal right, of
            right, of = now.correct, now.done
            bar(now.done, now.total, f"{now.correct} right")

        run_job(job, progress)
    before = [
        stage["right"]
        for name, stage in run.finished().items()
        if name.startswith("dev ") and "right" in stage
    ]
    better = not before or right > max(before)
    if not better and student.name == STUDENT:
        student.rename(folder / PUT_ASIDE)
    interval = wilson(right, of)
    share = f"{100 * right / of:.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
    return {"right": right, "of": of, "dev": share, "better": better}


def _left_out(number: int, why: str) -> dict[str, Any]:
    say(f"    round {number} is left out: {why}")
    return {"left out": why}


def learned(report: Any) -> dict[str, Any]:
    """What a run notes of a training."""
    return {key: value for key, value in asdict(report).items() if key not in ("checkpoint", "plan")}


def preferences(samples: Path, recipe: Recipe, *, most: int, limit: int = 0) -> list[Rationale]:
    """Samples of a file, judged by the solver, of the prompts that have right and wrong ones; see `contrasts`.

    Raises InputError where no question's licence may train under the recipe's policy.
    """
    from distill.labeling.filters import Decontamination
    from distill.recipes.judged import contrasts, read_samples
    from runtime.solver.solver import Solver

    against = Decontamination(held_out(recipe, scored=False), "drop")
    with Solver() as solver:
        judged = list(read_samples(samples, known_problems(), against, solver))
    allowed = [one for one in judged if permitted(one.license, recipe.policy)]
    if judged and not allowed:
        raise InputError(
            f"{samples}: no question's licence may train a student that ships; expected: --set policy=research, or a "
            "field `license` such as MIT beside question and answer"
        )
    rows = contrasts(allowed, most=most, limit=limit, seed=recipe.seed, teacher=f"samples, {samples.name}")
    right = sum(row.verified for row in rows)
    kinds = f"{right:,} right and {len(rows) - right:,} wrong ones"
    questions = len({row.problem.question for row in rows})
    say(f"  {len(judged):,} solved samples, of which {kinds} count, of {questions:,} questions")
    return rows
