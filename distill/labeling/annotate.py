"""Label: problems and a teacher in, a folder of verified rationales out. The stage behind `edgethought distill label`.

Everything streams: each problem is judged on its own (`rationale_filter`, in several processes), then repeats are
dropped in the order of the problems. Only 64-bit keys stay in memory. The folder appears whole or not at all,
and a run that was killed goes on where it was.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.tasks.licenses import Policy, permitted
from benchmarks.tasks.overlap import loose_key
from distill.labeling.data_card import data_card
from distill.labeling.filter_pool import judged
from distill.labeling.filters import HeldOut, NearDuplicates, Verifier
from distill.labeling.label_folder import LabelFolder, problems_digest
from distill.labeling.rationale_filter import LabelConfig
from distill.labeling.rationale_set import (
    CARD_FILE,
    DROPPED_FILE,
    MANIFEST_FILE,
    ROWS_FILE,
    read_set_manifest,
)
from distill.labeling.stats import LabelStats
from distill.teachers import Teacher
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.manifest import file_sha256
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.schema import SCHEMA

Progress = Callable[[LabelStats], None]
# Parts of a manifest that are too long to show, for people.
WORDS = {"against": "test questions", "asked": "settings of the teacher"}


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What became of the problems. `dropped` counts rationales and whole problems by reason.

    `near_duplicates` are the tasks of which near copies of test questions were kept; `resumed` is how many problems an
    earlier run had decided, all of them where the set was there; `held_out` how many test questions they were compared
    with; `data_sets` has one row a data set.
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
    """Write the rationale set of some problems to `out`; one of the same settings and problems that is there is kept.

    `against` holds the questions that accuracy is measured on; no row may equal or nearly equal one, but for kept
    `near_duplicates` inside the problems' own `task`. `progress` is called with the counts so far. `workers` processes
    judge, one a core unless given; with a `solver` this one does it alone. `asked` says how the teacher is asked, where
    that decides what it writes. Raises InputError for an unknown policy, when `out` was begun with other problems, and
    when it holds anything else.
    """
    permitted("", policy)
    terms = LabelConfig(teacher, tuple(thoughts), policy, tuple(against), near_duplicates, task)
    described = {**_described(terms), **({"asked": dict(asked)} if asked else {})}
    if there := _finished(out, described, problems):
        return _report(out, there, resumed=there["problems"])
    with LabelFolder(out, described) as folder:
        for chunk in judged(folder.undecided(problems), terms, solver=solver, workers=workers):
            for problem, verdict in chunk:
                folder.add(problem, verdict)
            folder.save_if_due()
            if progress is not None:
                progress(folder.ledger)
        folder.save()
        manifest = _describe(folder.path, folder.ledger, {**described, "digest": folder.digest})
        folder.finish()
    return _report(out, manifest, resumed=folder.resumed)


def _report(out: Path, manifest: Mapping[str, Any], *, resumed: int) -> LabelReport:
    return LabelReport(
        folder=out,
        problems=manifest["problems"],
        rows=manifest["rows"],
        by_thought=manifest["by_thought"],
        dropped=manifest["dropped"],
        near_duplicates=tuple(manifest["near_duplicates"]),
        resumed=resumed,
        held_out=manifest["against"]["questions"],
        data_sets=manifest["data_sets"],
    )


def _finished(
    out: Path, described: Mapping[str, Any], problems: Iterable[Problem]
) -> Mapping[str, Any] | None:
    """The manifest of the set in `out` where it is what would be written, None where nothing is there.

    Raises InputError where a set of other settings or problems is, or something else. Takes the problems but for None.
    """
    if not out.exists() or (out.is_dir() and next(out.iterdir(), None) is None):
        return None
    try:
        manifest = read_set_manifest(out)
    except InputError as error:
        raise InputError(
            f"{out} holds something else than a rationale set; expected: another --out, or remove it"
        ) from error
    for name, digest in manifest["files"].items():
        if not (out / name).is_file() or file_sha256(out / name) != digest:
            raise InputError(
                f"{out / name} is not what {MANIFEST_FILE} describes; expected: remove the folder, and label again"
            )
    changed = list(_changes(manifest, described))
    if not changed and "digest" not in manifest:
        changed = ["an earlier version wrote it, which did not say of which problems"]
    elif not changed and manifest["digest"] != problems_digest(problems):
        changed = ["other problems"]
    if changed:
        raise InputError(
            f"{out} holds a finished set that differs ({'; '.join(changed)}); expected: the same settings, another "
            "--out, or remove it"
        )
    return manifest


def _changes(manifest: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[str]:
    for name in (*described, *({"asked"} - described.keys())):
        there, now = manifest.get(name), json.loads(json.dumps(described.get(name)))
        if there == now:
            continue
        if isinstance(there, dict) or isinstance(now, dict):
            yield f"other {WORDS.get(name, name)}"
        else:
            yield f"{name} {there!r} there, {now!r} now"


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


def _describe(folder: Path, ledger: LabelStats, described: dict[str, Any]) -> dict[str, Any]:
    """Write the data card and the manifest, with the hash of every other file; returns it."""
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
    return manifest
