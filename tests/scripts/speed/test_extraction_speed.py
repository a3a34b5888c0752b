"""Readers are counted on the same replies."""

import json
import sys
from pathlib import Path

import pytest

from scripts.speed.extraction_speed import main

ROWS = [
    {"rationale": "2 and 3 make 5. The answer is 5, in 3 days.", "answer": "5"},
    {"rationale": "It is **7**.", "answer": "7"},
]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["extraction_speed", *words])
    return main()


def test_right_answers_are_counted_by_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    assert run(monkeypatch, str(path), "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["reader"], row["right"]) for row in rows] == [
        ("strict", 1),
        ("flexible", 2),
        ("lm-eval's flexible filter", 1),
    ]
    assert all(row["replies a second"] > 0 for row in rows)


def test_a_file_without_replies_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"question": "?"}\n')
    assert run(monkeypatch, str(path)) == 2
    assert "expected: rows with rationale" in capsys.readouterr().err
