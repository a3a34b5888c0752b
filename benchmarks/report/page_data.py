"""Samples for the page's failure browser: as many as a page may carry, compressed, so that no text is ever markup."""

import base64
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

from benchmarks.report.findings import Entry
from benchmarks.scoring.samples import Sample
from benchmarks.scoring.scores import verdict

# With tables and pictures a page stays below two megabytes.
MAX_BYTES = 1_500_000
# A longer text is shown to here; the whole of it is in the log.
MAX_CHARACTERS = 4000

Row = tuple[str, Sample]


@dataclass(frozen=True, slots=True)
class PageSamples:
    """What the page carries: `encoded` is gzipped JSON in base64, `left_out` counts by verdict what is not in it."""

    encoded: str
    kept: int
    total: int
    left_out: dict[str, int]


def page_samples(entries: Sequence[Entry], max_bytes: int = MAX_BYTES) -> PageSamples:
    """Choose and encode samples: each artifact's verdicts in turn, so that rare failures are there before common ones.

    Problems come in one order for all artifacts, so that their answers to one problem stay together.
    """
    rows = list(_in_turn(entries))
    count = len(rows)
    encoded = _encode(rows)
    while len(encoded) > max_bytes:
        # Texts compress unevenly, so the first guess may still be too much.
        count = int(count * min(0.98, 0.98 * max_bytes / len(encoded)))
        encoded = _encode(rows[:count])
    left = Counter(verdict(sample) for _, sample in rows[count:])
    return PageSamples(encoded, count, len(rows), dict(left.most_common()))


def _in_turn(entries: Iterable[Entry]) -> Iterator[Row]:
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for label, sample in _distinct(entries):
        groups[sample.task, label, verdict(sample)].append((label, sample))
    for rows in groups.values():
        rows.sort(key=lambda row: (row[1].question_hash, row[1].id))
    return filter(None, chain.from_iterable(zip_longest(*groups.values())))


def _distinct(entries: Iterable[Entry]) -> Iterator[Row]:
    """Each artifact's samples once, also where a part of a task is reported by itself."""
    seen = set()
    for entry in entries:
        for sample in entry.samples:
            key = (entry.label, sample.task, sample.id, sample.question_hash)
            if key not in seen:
                seen.add(key)
                yield entry.label, sample


def _encode(rows: Sequence[Row]) -> str:
    """Questions once, then a row a sample that refers to them by number."""
    names: dict[str, dict[Any, int]] = {key: {} for key in ("artifacts", "tasks", "verdicts", "problems")}

    def number(kind: str, name: Any) -> int:
        return names[kind].setdefault(name, len(names[kind]))

    samples = [
        [
            number("artifacts", label),
            number("problems", _problem(sample, number("tasks", sample.task))),
            number("verdicts", verdict(sample)),
            *_answer(sample),
        ]
        for label, sample in sorted(rows, key=lambda row: (row[1].task, row[1].id, row[1].question_hash))
    ]
    data = {**{kind: list(found) for kind, found in names.items()}, "samples": samples}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8", "replace"), mtime=0)
    return base64.b64encode(packed).decode()


def _problem(sample: Sample, task: int) -> tuple[int, str, str, str]:
    return task, sample.id, _cut(sample.question), sample.gold


def _answer(sample: Sample) -> tuple[object, ...]:
    return (
        sample.thought,
        _cut(sample.text),
        sample.value,
        sample.reason,
        round(sample.timings_ms["total"]),
        sample.tokens["generated"],
        None if sample.confidence is None else round(sample.confidence, 3),
        list(sample.votes.items()),
    )


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]} … ({len(text):,} characters)"
