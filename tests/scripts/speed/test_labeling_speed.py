"""The speed script measures what really ran."""

from pathlib import Path

import pytest

from scripts.speed.labeling_speed import measure, story_rows


def test_rows_are_as_many_as_asked_for_and_all_different() -> None:
    rows = [tuple(row.values()) for row in story_rows(100)]
    assert len(set(rows)) == 100


@pytest.mark.slow
def test_every_row_is_verified_and_memory_is_seen(tmp_path: Path, home: Path) -> None:
    row = measure(600, tmp_path)
    assert row["kept"] == row["rows"] == 600
    assert row["rows_per_s"] > 0
    assert row["peak_all_processes_mb"] >= row["peak_largest_process_mb"] > 10
