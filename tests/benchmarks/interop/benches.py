"""Benches whose answers are known, as folders on disk: one of a student, one of a model that is read twice."""

from dataclasses import replace
from pathlib import Path

from benchmarks.report.findings import Entry
from benchmarks.scoring.samples import Sample, SampleLog
from runtime.values.files import write_json
from tests.benchmarks.fakes import findings, model_right_on, scored


def student_bench(folder: Path, label: str = "student gguf:q4_0", right: int = 10) -> Path:
    """Programs of a student: `right` of 40 right, then twenty wrong, the rest without an answer, one of them cut off."""
    entry = scored(label, model_right_on(right, wrong=20))
    samples = [replace(sample, thought="pot", settings="pot, greedy") for sample in entry.samples]
    samples[-1] = replace(samples[-1], status="truncated", reason="320 tokens", votes={"7": 2, "8": 1})
    return _write(folder, entry, samples)


def external_bench(folder: Path) -> Path:
    """A chat model: half of its right answers are not stated as such."""
    entry = scored("base", model_right_on(10, wrong=20))
    samples = [
        replace(
            sample,
            settings="zero-shot chat, strict and flexible, greedy",
            strict_value=sample.value if number % 2 else None,
            strict_correct=sample.correct and number % 2 == 1,
        )
        for number, sample in enumerate(entry.samples)
    ]
    return _write(folder, entry, samples)


def _write(folder: Path, entry: Entry, samples: list[Sample]) -> Path:
    with SampleLog(folder / "samples.jsonl") as log:
        for sample in samples:
            log.append(sample)
    write_json(folder / "report.json", findings(entry).to_row())
    return folder
