"""The comparison with lm-eval sees every kind of difference, and says so by its exit status."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.scoring.model_info import LM_EVAL_SETTINGS
from benchmarks.scoring.samples import Sample, question_hash
from runtime.values.errors import InputError
from scripts.speed.lm_eval_agreement import agreements, lm_eval_samples, whole

ROOT = Path(__file__).parents[3]
# Reply, gold, what strict and flexible read (None: nothing), whether each is right.
CASES = [
    (" so\n#### 18", "18", "18", "18", True, True),
    (" It is $1,200.", "1200", None, "$1,200.", False, True),
    (" #### 18.00", "18", "18.00", "18.00", False, False),
    (" I do not know", "18", None, None, False, False),
]


def sample(text: str, gold: str) -> Sample:
    question = f"Question of {text}?"
    return Sample(
        id=text,
        task="gsm8k test",
        question=question,
        question_hash=question_hash(question),
        gold=gold,
        artifact="base",
        artifact_sha256="aa",
        settings=f"{LM_EVAL_SETTINGS}, greedy",
        thought="cot",
        text=text,
        status="solved",
        reason="",
        value="1",
        correct=False,
        tokens={},
        timings_ms={},
    )


def theirs(text: str, filter: str, read: str | None, right: bool) -> dict[str, Any]:
    return {
        "doc": {"question": f"Question of {text}?"},
        "resps": [[text]],
        "filtered_resps": [read or "[invalid]"],
        "filter": filter,
        "exact_match": float(right),
    }


def both_sides() -> tuple[list[dict[str, Any]], list[Sample]]:
    rows = []
    for text, _, strict, flexible, strictly, flexibly in CASES:
        rows += [
            theirs(text, "strict-match", strict, strictly),
            theirs(text, "flexible-extract", flexible, flexibly),
        ]
    return rows, [sample(text, gold) for text, gold, *_ in CASES]


def test_what_agrees_is_counted_whole() -> None:
    rows, samples = both_sides()
    found = list(agreements(rows, samples))
    assert all(map(whole, found))
    assert [tuple(row.values()) for row in found] == [
        ("strict-match", 4, 4, 4, 4, 1, 1),
        ("flexible-extract", 4, 4, 4, 4, 2, 2),
    ]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"resps": [[" other"]]}, (3, 4, 4)),
        ({"filtered_resps": ["19"]}, (4, 3, 4)),
        ({"exact_match": 0.0}, (4, 4, 3)),
    ],
)
def test_each_difference_is_seen(change: dict[str, Any], counts: tuple[int, int, int]) -> None:
    rows, samples = both_sides()
    rows[0] |= change
    strict = next(agreements(rows, samples))
    assert (strict["same reply"], strict["same number read"], strict["same verdict"]) == counts
    assert not whole(strict)


def test_files_that_cannot_be_compared_are_refused(tmp_path: Path) -> None:
    rows, samples = both_sides()
    with pytest.raises(InputError, match="is in both files"):
        list(agreements(rows, [replace(samples[0], question_hash="other")]))
    with pytest.raises(InputError, match="no sample of lm-eval"):
        list(agreements([{"doc": {}}], samples))
    log = tmp_path / "samples.jsonl"
    for artifacts in ([], ["one", "two"]):
        log.write_text(
            "".join(json.dumps(asdict(replace(samples[0], artifact=name))) + "\n" for name in artifacts)
        )
        with pytest.raises(InputError, match="one model"):
            lm_eval_samples(log)


@pytest.mark.parametrize(("right", "status"), [(1.0, 0), (0.0, 1)])
def test_the_command_prints_the_table_and_its_status_says_whether_all_agree(
    tmp_path: Path, right: float, status: int
) -> None:
    rows, samples = both_sides()
    rows[0]["exact_match"] = right
    other = replace(samples[0], settings="eot, greedy", artifact="student")
    (tmp_path / "theirs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "ours.jsonl").write_text(
        "".join(json.dumps(asdict(sample)) + "\n" for sample in [other, *samples])
    )
    command = [sys.executable, "-m", "scripts.speed.lm_eval_agreement", "theirs.jsonl", "ours.jsonl"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr
    assert "| strict-match | 4 |" in done.stdout
