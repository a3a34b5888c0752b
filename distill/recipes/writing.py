"""What a teacher writes beside rationales: new problems and notes, appended to a file as JSON lines, problem by problem.

What was asked for and not given, or may not be learned from, goes into a file beside it with its reason.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.tasks.licenses import Policy, permitted
from benchmarks.tasks.overlap import loose_key
from distill.labeling.filters import Decontamination, Drop
from distill.teachers import Note, Variant
from distill.teachers.chat.teacher import ChatTeacher
from runtime.values.errors import InputError
from runtime.values.files import appending, read_jsonl
from runtime.values.problem import Problem
from runtime.values.rationale import Declined

Written = Variant | Note
Task = Callable[[ChatTeacher, Problem], Iterator[Written | Declined]]
VARIANTS: dict[str, Task] = {
    "harder": ChatTeacher.harder,
    "similar": ChatTeacher.similar,
    "rephrase": ChatTeacher.rephrase,
    "distract": ChatTeacher.distract,
}
NOTES: dict[str, Task] = {
    "key_points": ChatTeacher.key_points,
    "sub_questions": ChatTeacher.sub_questions,
    "guidance": ChatTeacher.guidance,
}
KINDS: dict[str, Task] = {**VARIANTS, **NOTES}
LINE_START = b'{"id": '
FOREIGN = "holds other things; expected: a new file, or one of `distill write`"
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What the files have by now: problems asked about, texts, and reasons of what is none; `before` were there."""

    problems: int
    rows: int
    dropped: dict[str, int]
    before: int


def check_kind(kind: str) -> None:
    """Raise InputError for a kind that no teacher writes."""
    if kind not in KINDS:
        raise InputError(f"kind {kind!r}; expected: {', '.join(KINDS)}")


def dropped_file(out: Path) -> Path:
    """Where the reasons of what is no row of `out` are."""
    return out.with_name(f"{out.name.removesuffix('.jsonl')}.dropped.jsonl")


def write_texts(
    kind: str,
    teacher: ChatTeacher,
    problems: Iterable[Problem],
    out: Path,
    *,
    against: Decontamination,
    policy: Policy,
    progress: Progress = lambda *step: None,
) -> WriteReport:
    """Append what a teacher writes of one kind about problems; those that the files have are not asked about again.

    A problem that may not be learned from is not asked about, and neither it nor a new one may be near a question of
    `against`. Raises InputError for an unknown kind, and where `out` holds something else.
    """
    check_kind(kind)
    with ExitStack() as stack:
        files = [
            stack.enter_context(appending(path, start=LINE_START, foreign=FOREIGN))
            for path in (out, dropped_file(out))
        ]
        book = _Book(kind, teacher.name, out)
        before = len(book.done)
        for problem, drop in _begun(kind, teacher, problems, book, against, policy):
            found = [drop] if drop else KINDS[kind](teacher, problem)
            book.add(problem, found, files, against)
            progress(len(book.done), f"{book.rows} written")
    return WriteReport(len(book.done), book.rows, dict(book.dropped.most_common()), before)


class _Book:
    """What the files hold: problems that are done, questions that are taken, counts."""

    def __init__(self, kind: str, teacher: str, out: Path) -> None:
        self.kind = kind
        self.done: set[str] = set()
        self.rows, self.dropped = 0, Counter[str]()
        self._taken: set[str] = set()
        for number, row in enumerate(read_jsonl(out), start=1):
            if (row.get("kind"), row.get("teacher")) != (kind, teacher):
                raise InputError(
                    f"{out} row {number} is {row.get('kind')} by {row.get('teacher')}; expected: {kind} by {teacher}, or "
                    "another --out"
                )
            self._count(row)
        for row in read_jsonl(dropped_file(out)):
            self.done.add(row["id"])
            self.dropped[row["reason"]] += 1

    def _count(self, row: Mapping[str, Any]) -> None:
        self.done.add(row.get("parent", row["id"]))
        self.rows += 1
        if self.kind in VARIANTS:
            self._taken.add(loose_key(row["question"]))

    def add(
        self,
        problem: Problem,
        found: Iterable[Written | Declined],
        files: list[BinaryIO],
        against: Decontamination,
    ) -> None:
        """Write what is about one problem, the texts in one piece and before the reasons."""
        rows, drops = [], []
        for item in found:
            declined = self._declined(item, against)
            if declined is not None:
                self.dropped[declined.reason] += 1
                told = {"kind": self.kind, "reason": declined.reason, "detail": declined.detail}
                drops.append({"id": problem.id, **told})
            elif not isinstance(item, Declined):
                rows.append(written_row(item))
                self._count(rows[-1])
        self.done.add(problem.id)
        for file, lines in zip(files, (rows, drops), strict=True):
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines)
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()

    def _declined(self, item: Written | Declined, against: Decontamination) -> Declined | None:
        """Why an item is no row, None where it is one."""
        if isinstance(item, Declined):
            return item
        if isinstance(item, Note):
            return None
        question = item.problem.question
        if loose_key(question) in self._taken:
            return Declined("duplicate", question[:200])
        overlap = against.judge(question, "")
        return Declined(overlap.reason, overlap.detail) if isinstance(overlap, Drop) else None


def _begun(
    kind: str,
    teacher: ChatTeacher,
    problems: Iterable[Problem],
    book: _Book,
    against: Decontamination,
    policy: Policy,
) -> Iterator[tuple[Problem, Declined | None]]:
    """Problems that are not done, each sent for long before it is wanted, or why it is not asked about."""
    waiting: deque[tuple[Problem, Declined | None]] = deque()
    begun: set[str] = set()
    for problem in problems:
        if problem.id in book.done or problem.id in begun:
            continue
        begun.add(problem.id)
        drop = _screened(problem, against, policy)
        if drop is None:
            teacher.begin_writing(kind, problem)
        waiting.append((problem, drop))
        if len(waiting) > teacher.ahead:
            yield waiting.popleft()
    yield from waiting


def _screened(problem: Problem, against: Decontamination, policy: Policy) -> Declined | None:
    if not permitted(problem.license, policy):
        return Declined("license", problem.license)
    overlap = against.judge(problem.question, "")
    return Declined(overlap.reason, overlap.detail) if isinstance(overlap, Drop) else None


def written_row(item: Written) -> dict[str, Any]:
    """A new problem, or a note, as one JSON row."""
    problem = item.problem
    if isinstance(item, Note):
        row: dict[str, Any] = {"id": problem.id, "kind": item.kind, "question": problem.question}
        row |= {"answer": problem.answer, "lines": list(item.lines)}
        row |= {"answers": list(item.answers)} if item.answers else {}
        license = item.license
    else:
        row = {"id": problem.id, "question": problem.question, "answer": problem.answer}
        row |= {"kind": item.kind, "parent": item.parent.id, "source": problem.source}
        license = problem.license
    return {**row, "teacher": item.teacher, "license": license, "provenance": dict(item.provenance)}
