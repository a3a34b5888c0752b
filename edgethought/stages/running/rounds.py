"""The rounds of a recipe: the student answers training problems, and learns from what it wrote.

A round has a folder, `rounds/NUMBER`: `samples.jsonl`, of rft `rationales`, and `student`. A round that nothing can be
learned from is left out.
"""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.tasks.licenses import permitted
from benchmarks.tasks.splits import TRAIN
from distill.recipes.judged import kept_samples
from distill.recipes.rounds import RoundSettings
from edgethought.stages.label import label_joined
from edgethought.stages.problems import held_out, known_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.running.run_folder import RATIONALES, SAMPLES, STUDENT, Run, Work
from edgethought.stages.tasks import draw
from edgethought.stages.train import train_rows, train_stage
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale

ROUNDS, KEPT = "rounds", "kept.jsonl"


def round_stages(recipe: Recipe) -> Iterator[tuple[str, tuple[str, Work]]]:
    """Two stages a round, by name."""
    for number, one in enumerate(recipe.rounds, start=1):
        how = "the student is trained again" if one.method == "rft" else "the student goes on"
        yield (
            f"sample {number}",
            (f"round {number}: the student answers training problems", partial(_sample, number=number)),
        )
        yield (
            f"learn {number}",
            (f"round {number}: {how}, with what it wrote", partial(_learn, number=number)),
        )


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
    data = one.data or (recipe.sources[0].data if recipe.sources else recipe.data)
    limit = one.limit
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


def _learn(run: Run, *, number: int) -> dict[str, Any]:
    learn = {"rft": _train_anew, "prefer": _go_on}[run.recipe.rounds[number - 1].method]
    return learn(run, number)


def _train_anew(run: Run, number: int) -> dict[str, Any]:
    """RFT: right samples beside the rationales that were there, and a student of the base."""
    from export.checkpoint import read_card

    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    license = read_card(student_folder(run, number - 1) / "checkpoint").license
    kept = list(
        kept_samples(read_jsonl(folder / SAMPLES), most=one.most, license=license, seed=run.recipe.seed)
    )
    if not kept:
        return _left_out(number, "none of its samples is right")
    write_jsonl(folder / KEPT, kept)
    there = rationales_folder(run, number - 1)
    labeled = label_joined(run.recipe, [there, folder / KEPT], folder / RATIONALES)
    recipe = run.recipe.model_copy(update={"train": run.recipe.trained_in(one)})
    report = train_stage(folder / RATIONALES, recipe, folder / STUDENT)
    assert report is not None
    return {"kept": len(kept), "rationales": labeled.rows, **learned(report)}


def _go_on(run: Run, number: int) -> dict[str, Any]:
    """Preference training from the adapter that the student has, or from all its weights."""
    one, folder = run.recipe.rounds[number - 1], _folder(run, number)
    rows = preferences(folder / SAMPLES, run.recipe, most=one.most)
    if not rows:
        return _left_out(number, "no prompt has right and wrong samples")
    student = student_folder(run, number - 1)
    start = {"base": str(student / "checkpoint"), "vocabulary": "full"}
    if run.recipe.train.method == "lora":
        start |= {"base": _base(run, number - 1), "adapter": str(student / "adapter")}
    recipe = run.recipe.model_copy(update={"train": run.recipe.trained_in(one, **start)})
    report = train_rows(rows, recipe, folder / STUDENT)
    assert report is not None
    return {
        "right": sum(row.verified for row in rows),
        "wrong": sum(not row.verified for row in rows),
        **learned(report),
    }


def _base(run: Run, rounds: int) -> str:
    """The base that the adapter after so many rounds is of: the recipe's, or its trimmed one."""
    for number in range(rounds, -1, -1):
        folder = _folder(run, number) / STUDENT if number else run.path / STUDENT
        if (folder / "base").is_dir():
            return str(folder / "base")
        if number and run.recipe.rounds[number - 1].method == "rft" and folder.is_dir():
            break
    return run.recipe.train.base


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
