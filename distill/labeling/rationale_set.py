"""Rationale sets: a folder with `rationales.jsonl`, `manifest.json` and `data_card.md`, read and written as streams."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale
from runtime.values.schema import SCHEMA, migrated, with_current_keys

ROWS_FILE = "rationales.jsonl"
DROPPED_FILE = "dropped.jsonl"
MANIFEST_FILE = "manifest.json"
CARD_FILE = "data_card.md"


def rationale_row(rationale: Rationale) -> dict[str, Any]:
    """A rationale as one JSON row."""
    problem = rationale.problem
    row = {
        "id": problem.id,
        "question": problem.question,
        "answer": problem.answer,
        "thought": rationale.thought,
        "text": rationale.text,
        "teacher": rationale.teacher,
        "verified": rationale.verified,
        "source": problem.source,
        "license": problem.license,
        "text_source": rationale.source or problem.source,
        "text_license": rationale.license or problem.license,
    }
    return {**row, "provenance": dict(rationale.provenance)} if rationale.provenance else row


def row_rationale(row: Mapping[str, Any]) -> Rationale:
    """A rationale from its JSON row; raises InputError naming what is missing or wrong."""
    row = with_current_keys(row)
    try:
        problem = Problem(
            id=str(row["id"]),
            question=str(row["question"]),
            answer=None if row["answer"] is None else str(row["answer"]),
            source=str(row["source"]),
            license=str(row["license"]),
        )
        thought: Thought = row["thought"]
        rationale = Rationale(
            problem,
            thought,
            str(row["text"]),
            str(row["teacher"]),
            row["verified"] is True,
            source=str(row.get("text_source", "")),
            license=str(row.get("text_license", "")),
            provenance=row.get("provenance") or {},
        )
    except KeyError as error:
        raise InputError(
            f"a rationale has no {error}; expected: rows that `edgethought distill label` wrote"
        ) from error
    if thought not in get_args(Thought):
        raise InputError(
            f"rationale {problem.id!r} has thought {thought!r}; expected: {', '.join(get_args(Thought))}"
        )
    return rationale


def read_rationales(folder: Path) -> Iterator[Rationale]:
    """The rationales of a set, one at a time; raises InputError when the folder is none of ours."""
    read_set_manifest(folder)
    return (row_rationale(row) for row in read_jsonl(folder / ROWS_FILE))


def read_set_manifest(folder: Path) -> dict[str, Any]:
    """A set's manifest; raises InputError when the folder is no rationale set or has another schema."""
    path = folder / MANIFEST_FILE
    try:
        manifest = migrated(json.loads(path.read_text(encoding="utf-8")), path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} is no rationale set (no {MANIFEST_FILE}); expected: a folder that `distill label` wrote"
        ) from error
    except ValueError as error:
        raise InputError(
            f"{path} is damaged; expected: a set that `distill label` wrote, label again"
        ) from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("kind") != "rationales"
        or manifest.get("schema") != SCHEMA
    ):
        raise InputError(
            f"{path} is no manifest of a rationale set; expected: kind rationales, schema {SCHEMA}"
        )
    return manifest


def set_near_duplicates(folder: Path) -> tuple[str, ...]:
    """The tasks whose test questions a set holds with other numbers; none in sets of schema 1, which dropped them."""
    return tuple(read_set_manifest(folder).get("near_duplicates", ()))
