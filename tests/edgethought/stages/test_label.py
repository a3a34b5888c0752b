"""Several sources become one set: each labelled by itself, then joined without repeats, and found again."""

import json
from pathlib import Path

import pytest

from distill.labeling.rationale_set import read_rationales
from edgethought.stages.label import label_recipe
from edgethought.stages.recipe import Recipe
from runtime.values.files import write_jsonl

# The second is the first under other names, the third is wrong.
STORED = [
    {"question": "Ann has 3 pens and buys 4. How many?", "answer": "7", "thought": "eot", "rationale": text}
    for text in ("pens = 3 + 4\nans = pens", "all = 3 + 4\nans = all", "ans = 3 * 4")
]


@pytest.fixture
def recipe(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path / "none"))
    write_jsonl(tmp_path / "stored rationales.jsonl", STORED)
    sources = [
        {"data": "stories", "limit": 6, "thoughts": ["pot"]},
        {"data": "stories", "limit": 8, "mixture": "one"},
        {
            "data": str(tmp_path / "stored rationales.jsonl"),
            "teacher": "replay",
            "replay": {"license": "MIT", "teacher": "Ann"},
        },
    ]
    return Recipe.model_validate({"summary": "three", "thoughts": ["eot", "pot"], "sources": sources})


def test_parts_differ_in_their_source_alone(recipe: Recipe) -> None:
    parts = recipe.parts()
    assert [(part.data, part.limit, part.thoughts, part.mixture) for part in parts[:2]] == [
        ("stories", 6, ("pot",), "every"),
        ("stories", 8, ("eot", "pot"), "one"),
    ]
    assert parts[2].teacher == "replay" and parts[2].replay.license == "MIT"
    assert all(part.train == recipe.train and not part.sources for part in parts)


def test_sources_are_joined_without_repeats(recipe: Recipe, tmp_path: Path) -> None:
    report = label_recipe(recipe, tmp_path / "set", scored=False)
    rows = list(read_rationales(tmp_path / "set"))
    parts = sorted((tmp_path / "set.sources").iterdir())
    assert [part.name for part in parts] == ["1-stories", "2-stories", "3-stored-rationales"]
    # The same six stories are among the eight.
    labelled = [list(read_rationales(part)) for part in parts]
    assert [len(part) for part in labelled] == [6, 8, 1]
    texts = {(row.problem.question, row.thought) for part in labelled for row in part}
    assert len(rows) == len(texts) == report.rows < 15
    assert {row.license for row in rows} == {row.license for part in labelled for row in part}
    assert {row.teacher for row in rows} == {"gold", "Ann"}
    manifest = json.loads((tmp_path / "set/manifest.json").read_text())
    assert {row["data_set"] for row in manifest["data_sets"]} >= {"edgethought:stories"}
    written = (tmp_path / "set/rationales.jsonl").read_bytes()
    assert label_recipe(recipe, tmp_path / "set", scored=False).rows == report.rows
    assert (tmp_path / "set/rationales.jsonl").read_bytes() == written


def test_a_share_is_taken_of_every_source(recipe: Recipe, tmp_path: Path) -> None:
    third = Recipe.model_validate({**recipe.model_dump(exclude_unset=True), "share": 0.34})
    read = [
        label_recipe(part, tmp_path / str(n), scored=False).problems for n, part in enumerate(third.parts())
    ]
    assert read == [3, 3, 2]
