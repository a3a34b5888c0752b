"""Samples that are known to be right or wrong: what a scorer learns from, and preference training."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from benchmarks.tasks.loading import final_number
from distill.labeling.filters import Decontamination, Verifier, canonical_forms
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale

# Distinct samples of one question that count; more of them say little that is new.
PER_QUESTION = 12
# What a stored rationale has of a sample.
KEPT_FIELDS = ("id", "question", "answer", "license", "thought", "text", "teacher")


@dataclass(frozen=True, slots=True)
class Judged:
    """A solved thought about a question, and whether it reached the gold answer."""

    question: str
    thought: Thought
    text: str
    right: bool
    license: str = ""


def read_samples(
    file: Path, known: Mapping[str, Problem], against: Decontamination, solver: Verifier
) -> Iterator[Judged]:
    """The solved samples of a file, each judged by the solver, questions near held-out ones left out.

    A row has `thought` and `text`, and either `question` and `answer` (and `license`, the question's), or the `id` of a
    `known` training problem. Raises InputError naming a row that has neither.
    """
    rows = [
        (row, _problem(row, known, f"{file} row {n}")) for n, row in enumerate(_whole_rows(file), start=1)
    ]
    clean = {question: against.judge(question, "") == "" for question in {one.question for _, one in rows}}
    rows = [(row, problem) for row, problem in rows if clean[problem.question]]
    outcomes = solver.solve_batch((row["thought"], row["text"]) for row, _ in rows)
    for (row, problem), outcome in zip(rows, outcomes, strict=True):
        if outcome.solved and problem.answer is not None:
            right = matches_gold(outcome.value, problem.answer)
            yield Judged(problem.question, row["thought"], row["text"].rstrip(), right, problem.license)


def _whole_rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file; where a line is none the message says what mends a file that a kill has cut."""
    try:
        yield from read_jsonl(file)
    except InputError as error:
        told, _, expected = str(error).partition("; expected: ")
        raise InputError(
            f"{told}; expected: {expected} (a last line that a kill cut short is mended by the same `distill sample`)"
        ) from error


def _problem(row: Mapping[str, Any], known: Mapping[str, Problem], place: str) -> Problem:
    if row.get("thought") not in get_args(Thought) or not isinstance(row.get("text"), str):
        raise InputError(f"{place} is no sample; expected: thought ({', '.join(get_args(Thought))}) and text")
    if row.get("id") in known:
        return known[row["id"]]
    question, answer = row.get("question"), row.get("answer")
    if not isinstance(question, str) or answer is None:
        raise InputError(
            f"{place} has id {row.get('id')!r}; expected: question and answer, or the id of a training problem that "
            "is here"
        )
    return Problem(place, question, final_number(str(answer), place), license=str(row.get("license", "")))


def balanced(samples: Iterable[Judged], *, limit: int, seed: int) -> list[list[Judged]]:
    """Distinct samples by question, at most `PER_QUESTION` each and hardly more of one kind than of the other.

    A question whose samples are all right or all wrong says what it looks like, not what to prefer: a third as many of
    those. `limit` takes a seeded choice of questions; 0 takes all.
    """
    order = random.Random(seed)
    distinct = sorted(set(samples), key=lambda one: (one.question, one.thought, one.text))
    groups = [list(group) for _, group in groupby(distinct, key=lambda one: one.question)]
    if limit and limit < len(groups):
        groups = order.sample(groups, limit)
    return [_some(group, order) for group in groups]


def contrasts(
    samples: Iterable[Judged], *, most: int, limit: int, seed: int, teacher: str
) -> list[Rationale]:
    """The samples of every prompt that has right and wrong ones, at most `most` distinct ones of each; wrong ones are not
    `verified`.

    Those of one question stand together. `limit` takes a seeded choice of questions; 0 takes all.
    """
    order = random.Random(seed)
    distinct = sorted(set(samples), key=lambda one: (one.question, one.thought, one.text))
    chosen: dict[str, list[Judged]] = {}
    for (question, _), group in groupby(distinct, key=lambda one: (one.question, one.thought)):
        mixed = list(group)
        kinds = [
            [one for one in order.sample(mixed, len(mixed)) if one.right is kind] for kind in (True, False)
        ]
        if all(kinds):
            chosen.setdefault(question, []).extend(one for kind in kinds for one in kind[:most])
    questions = list(chosen)
    if limit and limit < len(questions):
        questions = order.sample(questions, limit)
    return [rationale(one, teacher) for question in questions for one in chosen[question]]


def kept_samples(
    rows: Iterable[Mapping[str, Any]], *, most: int, license: str, seed: int
) -> Iterator[dict[str, Any]]:
    """Of the rows of `distill sample`, the right ones that RFT keeps, as stored rationales under the student's `license`.

    Distinct by canonical form; of a prompt at most `most`, and fewer where more than half of its samples are right: what
    a student can do already teaches little.
    """
    order, forms = random.Random(seed), canonical_forms()
    canonical = {name: forms[name] for name in get_args(Thought)}

    def prompt(row: Mapping[str, Any]) -> tuple[str, str]:
        return row["question"], row["thought"]

    for (_, thought), group in groupby(sorted(rows, key=prompt), key=prompt):
        drawn = list(group)
        right = [row for row in drawn if row["right"]]
        distinct = {canonical[thought](row["text"]) or row["text"]: row for row in right}
        share = min(1.0, 2 * (1 - len(right) / len(drawn)))
        count = min(len(distinct), max(1, round(most * share)))
        for form in order.sample(sorted(distinct), count):
            row = distinct[form]
            yield {**{name: row[name] for name in KEPT_FIELDS}, "text_license": license}


def rationale(sample: Judged, teacher: str = "") -> Rationale:
    """The sample as training reads it; a wrong one is not `verified`."""
    problem = Problem("", sample.question, license=sample.license)
    return Rationale(problem, sample.thought, sample.text, teacher, verified=sample.right)


def _some(group: Sequence[Judged], order: random.Random) -> list[Judged]:
    mixed = order.sample(group, len(group))
    right, wrong = ([one for one in mixed if one.right is kind] for kind in (True, False))
    fewer = min(len(right), len(wrong))
    most = min(fewer + 1, PER_QUESTION // 2) if fewer else PER_QUESTION // 3
    return [*right[:most], *wrong[:most]]
