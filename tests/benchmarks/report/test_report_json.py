"""report.json is what its schema says, with and without what only some samples hold."""

import json
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest

from benchmarks.report.findings import Comparison, Entry, entry_of
from benchmarks.scoring.attempts import attempts_of
from benchmarks.scoring.statistics import compare
from runtime.values.problem import Problem
from runtime.values.schema import SCHEMA
from tests.benchmarks.fakes import findings, model_right_on, scored

jsonschema = pytest.importorskip("jsonschema")


def schema() -> dict[str, Any]:
    text = resources.files("benchmarks.report").joinpath("report.schema.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def full() -> Entry:
    entry = scored("sure", model_right_on(20, wrong=10))
    samples = [
        replace(sample, confidence=0.5 + number / 100, votes={sample.value: 3, "-1": 2})
        for number, sample in enumerate(entry.samples)
        if sample.value
    ]
    problems = [Problem(s.id, s.question, s.gold, equation=f"{s.id[2:]} + 1") for s in samples]
    return entry_of(entry.subject, entry.task, samples, problems, attempts_of(samples, 8))


def test_a_report_is_what_its_schema_says() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    report = findings(scored("base", model_right_on(4)), full(), baseline="base")
    row = json.loads(json.dumps(report.to_row()))
    jsonschema.validate(row, schema(), jsonschema.Draft202012Validator)
    assert row["entries"][1]["attempts"] and row["entries"][1]["risk_coverage"]
    assert row["robustness"] == [] and "strict_correct" not in row["entries"][0]
    assert {group["by"] for group in row["entries"][1]["groups"]} == {"steps", "operation", "words"}


def test_strict_readings_and_robustness_sets_are_in_the_schema() -> None:
    asked = scored("theirs", model_right_on(4))
    both = [
        replace(sample, strict_value=sample.value, strict_correct=sample.correct) for sample in asked.samples
    ]
    rewritten = entry_of(asked.subject, f"{asked.task}~names", both)
    report = findings(entry_of(asked.subject, asked.task, both))
    report = replace(report, drops=(Comparison(rewritten.task, asked, rewritten, compare([True], [False])),))
    row = json.loads(json.dumps(report.to_row()))
    jsonschema.validate(row, schema(), jsonschema.Draft202012Validator)
    assert row["entries"][0]["strict_accuracy"] == row["entries"][0]["accuracy"]
    assert row["robustness"][0]["gain"] == -1


def test_the_schema_is_of_the_version_that_is_written() -> None:
    assert schema()["properties"]["schema"] == {
        "description": "The version of this format.",
        "const": SCHEMA,
    }
