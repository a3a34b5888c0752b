"""Label: problems and a teacher in, a folder of verified rationales out. The stage behind `edgethought distill label`.

Everything streams: licence and decontamination decide about a problem, the teacher writes, the solver verifies, the
canonical form removes repeats. Only hashes stay in memory. The folder appears whole or not at all.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.licences import Policy, permitted
from benchmarks.overlap import OverlapIndex, loose_key
from distill.data_card import data_card
from distill.filters import Verifier, decontaminated, deduped, permitted_only, verified, written_by
from distill.ledger import Ledger
from distill.rationales import CARD_FILE, DROPPED_FILE, MANIFEST_FILE, ROWS_FILE, SCHEMA, rationale_row
from distill.teachers import Teacher
from runtime.jsonl import write_json, write_jsonl
from runtime.manifest import file_sha256
from runtime.problem import Problem
from runtime.prompt import Thought
from runtime.rationale import Rationale

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What became of the problems. `dropped` counts rationales and whole problems by reason."""

    folder: Path
    problems: int
    rows: int
    by_thought: dict[str, int]
    dropped: dict[str, int]


def label(
    problems: Iterable[Problem],
    teacher: Teacher,
    thoughts: Sequence[Thought],
    out: Path,
    *,
    against: Iterable[str],
    policy: Policy,
    solver: Verifier | None = None,
    progress: Progress | None = None,
) -> LabelReport:
    """Write the rationale set of some problems to `out`, in place of what was there.

    `against` holds the test questions that no row may equal or nearly equal; `progress` is called with the numbers of
    problems read and rows written. Without a `solver` one is started and closed. Raises InputError for an unknown
    policy.
    """
    if solver is None:
        from runtime.solver import Solver

        with Solver() as started:
            return label(
                problems,
                teacher,
                thoughts,
                out,
                against=against,
                policy=policy,
                solver=started,
                progress=progress,
            )
    permitted("", policy)
    questions = list(against)
    index = OverlapIndex(questions)
    partial = _fresh_folder(out)
    with Ledger(partial / DROPPED_FILE) as ledger:
        wanted = decontaminated(permitted_only(_counted(problems, ledger), policy, ledger), index, ledger)
        written = written_by(teacher, wanted, thoughts, ledger)
        kept = deduped(verified(written, solver, ledger), ledger)
        rows = write_jsonl(partial / ROWS_FILE, _rows(kept, ledger, progress))
    described = {
        "teacher": teacher.name,
        "thoughts": list(thoughts),
        "policy": policy,
        "against": {"questions": len(questions), "sha256": _questions_hash(questions)},
    }
    _describe(partial, ledger, described)
    _replace_folder(partial, out)
    return LabelReport(out, ledger.problems, rows, ledger.rows_by_thought(), ledger.dropped_by_reason())


def _fresh_folder(out: Path) -> Path:
    partial = out.with_name(out.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def _counted(problems: Iterable[Problem], ledger: Ledger) -> Iterator[Problem]:
    for problem in problems:
        ledger.read(problem)
        yield problem


def _rows(
    rationales: Iterable[Rationale], ledger: Ledger, progress: Progress | None
) -> Iterator[dict[str, Any]]:
    for rationale in rationales:
        ledger.keep(rationale)
        if progress is not None:
            progress(ledger.problems, ledger.rows)
        yield rationale_row(rationale)


def _questions_hash(questions: Iterable[str]) -> str:
    """One hash over the test questions, whatever their order."""
    return sha256("\n".join(sorted(loose_key(question) for question in questions)).encode()).hexdigest()


def _describe(folder: Path, ledger: Ledger, described: dict[str, Any]) -> None:
    """Write the data card and the manifest with the hash of every other file."""
    manifest = {
        "schema": SCHEMA,
        "kind": "rationales",
        **described,
        "problems": ledger.problems,
        "rows": ledger.rows,
        "by_thought": ledger.rows_by_thought(),
        "licences": dict(ledger.licences),
        "dropped": ledger.dropped_by_reason(),
        "data_sets": ledger.table(),
    }
    (folder / CARD_FILE).write_text(data_card(manifest), encoding="utf-8")
    files = {name: file_sha256(folder / name) for name in (ROWS_FILE, DROPPED_FILE, CARD_FILE)}
    write_json(folder / MANIFEST_FILE, {**manifest, "files": files})


def _replace_folder(partial: Path, out: Path) -> None:
    """Put a finished folder in its place; the one before is moved aside first and then removed."""
    old = out.with_name(out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    partial.rename(out)
    shutil.rmtree(old, ignore_errors=True)
