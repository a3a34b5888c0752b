"""What `edgethought distill yields` does: every training set and every stored rationale file, labelled, in one table."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distill.labeling.stored import stored_files
from edgethought.stages.label import label_recipe
from edgethought.stages.progress import say
from edgethought.stages.recipe import Recipe, source_recipe
from edgethought.stages.tasks import is_task, training_tasks_here
from runtime.values.prompt import THOUGHTS

if TYPE_CHECKING:
    from distill.labeling.annotate import LabelReport


@dataclass(frozen=True, slots=True)
class Yield:
    """What became of one source: who wrote, rows read, rationales kept by thought, drops by reason and thought."""

    source: str
    teacher: str
    read: int
    kept: dict[str, int]
    dropped: dict[str, int]


def yields_command(
    sources: Sequence[str], name: str, changes: Sequence[str], *, out: Path | None, as_json: bool
) -> None:
    """Label each source and print the table; the sets are kept where `out` says so."""
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for recipe in _recipes(sources, name, changes):
            say(f"{recipe.data} ({recipe.teacher})")
            place = (out or Path(folder)) / f"{recipe.teacher}-{Path(recipe.data).name}"
            rows.append(yield_of(recipe, label_recipe(recipe, place, scored=False)))
    if not as_json:
        print("\n".join(markdown(rows)))
        return
    for row in rows:
        kept = {"data": row.source, "teacher": row.teacher, "read": row.read, "kept": row.kept}
        print(json.dumps({**kept, "dropped": row.dropped}))


def _recipes(sources: Sequence[str], name: str, changes: Sequence[str]) -> Iterator[Recipe]:
    """One recipe a source: a task by its annotations, anything else by replay."""
    for source in sources or (*training_tasks_here(), *stored_files()):
        teacher = "gold" if is_task(source) else "replay"
        yield source_recipe(name, source, teacher, ["policy=research", *changes])


def yield_of(recipe: Recipe, report: "LabelReport") -> Yield:
    """One source's row."""
    dropped: Counter[str] = Counter()
    for row in report.data_sets:
        dropped.update(row["dropped"])
    return Yield(recipe.data, recipe.teacher, report.problems, report.by_thought, dict(dropped.most_common()))


def markdown(rows: Iterable[Yield]) -> Iterator[str]:
    """The table, in the form that documents keep."""
    yield "| source | teacher | read | " + " | ".join(THOUGHTS) + " | dropped, by reason |"
    yield "|---|---|--:|" + "--:|" * len(THOUGHTS) + "---|"
    for row in rows:
        kept = " | ".join(f"{row.kept.get(thought, 0):,}" for thought in THOUGHTS)
        reasons = ", ".join(_reason(name, count) for name, count in row.dropped.items())
        yield f"| {row.source} | {row.teacher} | {row.read:,} | {kept} | {reasons or 'nothing'} |"


def _reason(name: str, count: int) -> str:
    """`problem:overlap_near` as `overlap near 82`, `eot:wrong_answer` as `wrong answer 3 (eot)`."""
    what, _, reason = name.partition(":")
    told = f"{reason.replace('_', ' ')} {count:,}"
    return told if what == "problem" else f"{told} ({what})"
