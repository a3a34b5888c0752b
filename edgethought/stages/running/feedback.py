"""Feedback-driven distillation (FDD, arXiv 2411.14698): new problems by what the student could do and what it could not.

`solved.jsonl` and `failed.jsonl` of a round are its problems; `harder` and `similar` the rationale sets of what is
written about them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from distill.recipes.rounds import RoundSettings
from edgethought.stages.asking.agree import Agreement, agree_stage
from edgethought.stages.asking.write import write_stage
from edgethought.stages.label import label_recipe
from edgethought.stages.recipe import Recipe
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem

# What is written about problems of each sort.
WRITTEN = {"solved": "harder", "failed": "similar"}


def sort_problems(problems: Iterable[Problem], samples: Path, folder: Path, share: float) -> dict[str, int]:
    """Write `solved.jsonl` and `failed.jsonl`: a problem is solved where at least `share` of its samples is right.

    Problems without samples are in neither; gives how many are in each.
    """
    right: dict[tuple[str, str], list[bool]] = {}
    for row in read_jsonl(samples):
        right.setdefault((row["id"], row["question"]), []).append(bool(row["right"]))
    sorts: dict[str, list[Problem]] = {sort: [] for sort in WRITTEN}
    for problem in problems:
        if answers := right.get((problem.id, problem.question)):
            sorts["solved" if sum(answers) >= share * len(answers) else "failed"].append(problem)
    for sort, chosen in sorts.items():
        write_jsonl(folder / f"{sort}.jsonl", map(_row, chosen))
    return {sort: len(chosen) for sort, chosen in sorts.items()}


def _row(problem: Problem) -> dict[str, Any]:
    """A problem as a file of one's own has it, so that every teacher can be asked about it."""
    return {
        "id": problem.id,
        "question": problem.question,
        "answer": problem.answer,
        "solution": problem.solution,
        "equation": problem.equation,
        "license": problem.license,
    }


def write_feedback(recipe: Recipe, one: RoundSettings, number: int, folder: Path) -> dict[str, Any]:
    """Rationale sets of new problems in a round's folder; gives how many rationales and why others are none, by kind."""
    told: dict[str, Any] = {}
    for sort, kind in WRITTEN.items():
        problems = folder / f"{sort}.jsonl"
        if not problems.stat().st_size:
            continue
        write = _rewritten if one.writer == "symbolic" else _asked
        report = write(_recipe_of(recipe, one, problems), one, kind, number, folder / kind)
        told[kind] = report.rows
        told[f"{kind}: not"] = report.dropped
    return told


def feedback_sets(folder: Path) -> list[Path]:
    """The rationale sets that a round's feedback has, by kind."""
    return [folder / kind for kind in WRITTEN.values() if (folder / kind).is_dir()]


def _recipe_of(recipe: Recipe, one: RoundSettings, problems: Path) -> Recipe:
    """The recipe, turned to a file of problems and to who writes."""
    own = recipe.model_dump(exclude={"sources", "data", "limit", "share", "mixture", "teacher", "rounds"})
    return Recipe.model_validate({**own, "data": str(problems), "teacher": one.writer})


def _rewritten(recipe: Recipe, one: RoundSettings, kind: str, number: int, out: Path) -> Any:
    """By rule: other numbers each round, answers exact by construction."""
    settings = {"kinds": (kind,), "variants": one.variants, "seed": recipe.seed + number}
    return label_recipe(
        recipe.model_copy(update={"symbolic": recipe.symbolic.model_copy(update=settings)}), out
    )


def _asked(recipe: Recipe, one: RoundSettings, kind: str, number: int, out: Path) -> Any:
    """By a model: it writes questions, and its samples vote on their answers."""
    questions = out.with_name(f"{kind}.questions.jsonl")
    write_stage(kind, recipe, questions)
    return agree_stage(Agreement(questions, (one.writer,)), recipe, out).labeled
