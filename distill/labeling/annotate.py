"""Label: problems and a teacher in, a folder of verified rationales out. The stage behind `edgethought distill label`.

Everything streams: each problem is judged on its own (`rationale_filter`, in several processes), then repeats are
dropped in the order of the problems. Only 64-bit keys stay in memory. The folder appears whole or not at all,
and a run that was killed goes on where it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.tasks.licenses import Policy, permitted
from benchmarks.tasks.overlap import loose_key
from distill.labeling.data_card import data_card
from distill.labeling.filter_pool import judged
from distill.labeling.filters import HeldOut, NearDuplicates, Verifier
from distill.labeling.label_folder import LabelFolder
from distill.labeling.rationale_filter import LabelConfig
from distill.labeling.rationale_set import CARD_FILE, DROPPED_FILE, MANIFEST_FILE, ROWS_FILE
from distill.labeling.stats import LabelStats
from distill.teachers import Teacher
from runtime.values.files import write_json
from runtime.values.manifest import file_sha256
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.schema import SCHEMA

Progress = Callable[[LabelStats], None]


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What became of the problems. `dropped` counts rationales and whole problems by reason.

    `near_duplicates` are the tasks of which near copies of test questions were kept; `resumed` is how many problems an
    earlier, killed run had decided; `held_out` how many test questions they were compared with; `data_sets` has one
    row a data set.
    """

    folder: Path
    problems: int
    rows: int
    by_thought: dict[str, int]
    dropped: dict[str, int]
    near_duplicates: tuple[str, ...]
    resumed: int
    held_out: int
    data_sets: list[dict[str, Any]]


def label(
    problems: Iterable[Problem],
    teacher: Teacher,
    thoughts: Sequence[Thought],
    out: Path,
    *,
    against: Iterable[HeldOut],
    policy: Policy,
    near_duplicates: NearDuplicates = "drop",
    task: str = "",
    solver: Verifier | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    asked: Mapping[str, Any] | None = None,
) -> LabelReport:
    """Write the rationale set of some problems to `out`, in place of what was there.

    `against` holds the questions that accuracy is measured on; no row may equal or nearly equal one, but for kept
    `near_duplicates` inside the problems' own `task`. `progress` is called with the counts so far. `workers` processes
    judge, one a core unless given; with a `solver` this one does it alone. `asked` says how the teacher is asked, where
    that decides what it writes. Raises InputError for an unknown policy or when `out` was begun with other problems.
    """
    permitted("", policy)
    terms = LabelConfig(teacher, tuple(thoughts), policy, tuple(against), near_duplicates, task)
    described = {**_described(terms), **({"asked": dict(asked)} if asked else {})}
    with LabelFolder(out, described) as folder:
        for chunk in judged(folder.undecided(problems), terms, solver=solver, workers=workers):
            for problem, verdict in chunk:
                folder.add(problem, verdict)
            folder.save_if_due()
            if progress is not None:
                progress(folder.ledger)
        folder.save()
        _describe(folder.path, folder.ledger, described)
        folder.finish()
    ledger = folder.ledger
    return LabelReport(
        folder=out,
        problems=ledger.problems,
        rows=ledger.rows,
        by_thought=ledger.rows_by_thought(),
        dropped=ledger.dropped_by_reason(),
        near_duplicates=tuple(ledger.total("near_duplicates")),
        resumed=folder.resumed,
        held_out=len(terms.against),
        data_sets=ledger.table(),
    )


def _described(terms: LabelConfig) -> dict[str, Any]:
    """The part of the manifest that is known before the first problem; a run goes on only under the same."""
    return {
        "teacher": terms.teacher.name,
        "thoughts": list(terms.thoughts),
        "policy": terms.policy,
        "task": terms.task,
        "near_duplicates_setting": terms.near_duplicates,
        "against": {
            "questions": len(terms.against),
            "tasks": sorted({held_out.task for held_out in terms.against if held_out.task}),
            "sha256": _questions_hash(terms.against),
        },
    }


def _questions_hash(against: Iterable[HeldOut]) -> str:
    """One hash over the test questions, whatever their order."""
    keys = sorted(loose_key(held_out.question) for held_out in against)
    return sha256("\n".join(keys).encode()).hexdigest()


def _describe(folder: Path, ledger: LabelStats, described: dict[str, Any]) -> None:
    """Write the data card and the manifest with the hash of every other file."""
    manifest = {
        "schema": SCHEMA,
        "kind": "rationales",
        **described,
        "near_duplicates": list(ledger.total("near_duplicates")),
        "near_duplicate_rows": ledger.total("near_duplicates"),
        "problems": ledger.problems,
        "rows": ledger.rows,
        "by_thought": ledger.rows_by_thought(),
        "teachers": ledger.total("teachers"),
        "licenses": ledger.total("licenses"),
        "text_licenses": ledger.total("text_licenses"),
        "dropped": ledger.dropped_by_reason(),
        "data_sets": ledger.table(),
    }
    (folder / CARD_FILE).write_text(data_card(manifest), encoding="utf-8")
    files = {name: file_sha256(folder / name) for name in (ROWS_FILE, DROPPED_FILE, CARD_FILE)}
    write_json(folder / MANIFEST_FILE, {**manifest, "files": files})
