"""Leakage is counted as the rules say, and our own code finds what was published about these data sets."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.tasks.leakage import Leak, count_leak, held_out_questions, leakage_table, leaks
from benchmarks.tasks.overlap import OverlapIndex
from runtime.values.errors import InputError

REAL_DATA = os.environ.get("EDGETHOUGHT_DATA")
STORY = "Ann picks 5 red apples and 7 green apples from the old tree. How many apples does Ann have?"
OTHER = "A train runs at 60 miles an hour for three hours. How far does the train get in that time?"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """SVAMP with a sibling of its test in train, ASDiv with the same question spelled otherwise, nothing else."""
    files = {
        "svamp_train": [STORY.replace("5", "9"), OTHER],
        "svamp_test": [STORY, STORY.upper()],
        "asdiv_all": [STORY.replace(".", " ."), "Nothing alike at all is asked here, is there?"],
    }
    for stem, questions in files.items():
        rows = [{"id": f"{stem}-{n}", "question": q, "answer": "12"} for n, q in enumerate(questions)]
        (tmp_path / f"{stem}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return tmp_path


def test_every_pair_is_counted_once_in_distinct_questions_of_the_test_side(data: Path) -> None:
    assert list(leaks()) == [
        Leak("svamp train", "svamp test", questions=1, exact=0, loose=0, near=1),
        Leak("svamp train", "asdiv test", questions=2, exact=0, loose=0, near=1),
        Leak("svamp test", "asdiv test", questions=2, exact=0, loose=1, near=1),
    ]


def test_only_a_tasks_own_pairs_are_counted_when_it_is_named(data: Path) -> None:
    assert len(list(leaks("svamp"))) == 3
    assert [leak.test for leak in leaks("asdiv")] == ["asdiv test", "asdiv test"]
    assert list(leaks("gsm8k")) == []


def test_counts_include_the_stricter_ones() -> None:
    index = OverlapIndex(["one two three four 5", "six seven eight nine"])
    asked = ["ONE two three four 5", "one, two, three, four 5", "one two three four 6", "else", "else"]
    assert count_leak("a", "b", index, asked) == Leak("a", "b", questions=4, exact=1, loose=2, near=3)


def test_the_table_lists_leaks_only() -> None:
    table = leakage_table([Leak("a", "b", 10, 0, 0, 0), Leak("a", "c", 10, 1, 2, 3)])
    assert table.rows == (("a", "c", "1", "2", "3", "3 of 10"),)


def test_training_may_know_held_out_questions_but_no_answers(data: Path) -> None:
    index = OverlapIndex(held_out_questions())
    assert len(index) == 4
    found = index.find(STORY.replace("5", "31"))
    assert found is not None and found.kind == "near"
    assert index.find(OTHER) is None
    with pytest.raises(InputError, match="gsm8k"):
        list(held_out_questions(["gsm8k"]))


# ../data/README: distinct questions of the test side, exact / loose / near.
PUBLISHED = [
    ("svamp train", "svamp test", 0, 0, 60),
    ("svamp train", "asdiv test", 0, 0, 4),
    ("svamp test", "asdiv test", 0, 0, 4),
    ("mawps train", "svamp train", 0, 0, 1),
    ("mawps train", "asdiv test", 0, 124, 128),
    ("mawps_asdiv_a train", "svamp test", 0, 0, 6),
    ("gsm8k train", "asdiv test", 0, 0, 1),
]


@pytest.mark.slow
@pytest.mark.skipif(not REAL_DATA, reason="EDGETHOUGHT_DATA is not set")
def test_our_code_finds_the_published_leaks() -> None:
    found = {(leak.train, leak.test): (leak.exact, leak.loose, leak.near) for leak in leaks()}
    for train, test, *counts in PUBLISHED:
        assert found[train, test] == tuple(counts)
    assert found["gsm8k train", "gsm8k test"][:2] == (0, 0)
    assert found["mawps_asdiv_a train", "multiarith test"][:2] == (0, 580)
