"""The task that tests of whole benches score."""

import json
from pathlib import Path

import pytest

from benchmarks.scoring.job import BenchTask
from tests.benchmarks.fakes import problems


@pytest.fixture
def mine(tmp_path: Path) -> BenchTask:
    """A file of twenty problems."""
    path = tmp_path / "mine.jsonl"
    rows = ({"id": p.id, "question": p.question, "answer": p.answer} for p in problems(20))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return BenchTask(str(path))
