"""Files are compared whole and from both sides, and the table that comes with the data is found again."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.tasks.file_leakage import file_leakage_table, file_leaks
from runtime.values.errors import InputError

REAL_DATA = os.environ.get("EDGETHOUGHT_DATA")
STORY = "Ann picks 5 red apples and 7 green apples from the old tree. How many apples does Ann have?"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One story in two versions in train and in one version in test; the dev part of GSM8K's training file too."""
    files = {
        "gsm8k_train": [STORY.replace("5", "9"), STORY.replace("5", "11"), "Else?"],
        "gsm8k_test": [STORY, "Other?"],
        "multiarith_test": [STORY.upper()],
    }
    for stem, questions in files.items():
        rows = [{"id": f"{stem}-{n}", "question": q, "answer": "12"} for n, q in enumerate(questions)]
        (tmp_path / f"{stem}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits" / "gsm8k_dev_1000.json").write_text('["gsm8k_train-1"]')
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return tmp_path


def test_both_sides_are_counted_over_whole_files(data: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    table = file_leakage_table(file_leaks(lambda *now: seen.append(now)))
    assert table.rows == (
        ("gsm8k_train", "gsm8k_test", "0", "0", "1", "0", "0", "2"),
        ("gsm8k_train", "multiarith_test", "0", "0", "1", "0", "0", "2"),
        ("gsm8k_test", "multiarith_test", "1", "1", "1", "1", "1", "1"),
    )
    assert seen[-1][:2] == (3, 3)


def test_without_files_there_is_nothing_to_compare(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGETHOUGHT_DATA")
    with pytest.raises(InputError, match="EDGETHOUGHT_DATA"):
        list(file_leaks())


# ../data/README, in its order: exact / loose / near. Every row but the three below is the count of the second file.
PUBLISHED = [
    ("gsm8k_train", "gsm8k_test", 0, 0, 1),
    ("gsm8k_train", "asdiv_all", 0, 0, 1),
    ("svamp_train", "svamp_test", 0, 0, 60),
    ("svamp_train", "asdiv_all", 0, 0, 4),
    ("svamp_test", "asdiv_all", 0, 0, 4),
    ("mawps_train", "asdiv_all", 0, 124, 128),
    ("mawps_train", "svamp_train", 0, 0, 1),
    ("mawps_train", "dolphin1878_test", 0, 0, 2),
    ("mawps_train", "alg514", 58, 64, 75),
    ("mawps_asdiv_a_train", "asdiv_all", 0, 814, 865),
    ("mawps_asdiv_a_train", "svamp_train", 0, 0, 4),
    ("mawps_asdiv_a_train", "svamp_test", 0, 0, 6),
    ("mawps_asdiv_a_train", "alg514", 9, 10, 12),
    ("mathqa_gain_train", "mathqa_gain_dev", 0, 0, 450),
    ("mathqa_gain_train", "mathqa_gain_test", 0, 0, 354),
    ("mathqa_gain_train", "aqua_dev", 0, 1, 2),
    ("dolphin1878_train", "dolphin1878_dev", 0, 0, 2),
    ("dolphin1878_train", "dolphin1878_test", 0, 0, 7),
    ("dolphin1878_train", "algebra222_test", 0, 0, 2),
    ("mawps_train", "draw_train", 0, 0, 1),
]
# Published from the first file's side.
FROM_THE_OTHER_SIDE = [
    ("mawps_asdiv_a_train", "mawps_train", 516, 538, 563),
    ("asdiv_all", "multiarith_test", 59, 60, 60),
]


@pytest.mark.slow
@pytest.mark.skipif(not REAL_DATA, reason="EDGETHOUGHT_DATA is not set")
def test_our_code_finds_the_published_table() -> None:
    found = {(pair.of_second.train, pair.of_second.test): pair for pair in file_leaks()}
    for first, second, *counts in PUBLISHED:
        leak = found[first, second].of_second
        assert [leak.exact, leak.loose, leak.near] == counts, (first, second)
    for first, second, *counts in FROM_THE_OTHER_SIDE:
        leak = found[first, second].of_first
        assert [leak.exact, leak.loose, leak.near] == counts, (first, second)
    # Published as 585 near: neither side's count, and more than MultiArith's 580 distinct questions.
    pair = found["mawps_asdiv_a_train", "multiarith_test"]
    assert (pair.of_second.loose, pair.of_second.near, pair.of_first.near) == (580, 580, 608)
    assert found["mawps_train", "multiarith_test"].of_second.near == 0
