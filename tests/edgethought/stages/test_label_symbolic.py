"""The symbolic teacher behind `distill label` and in a recipe's sources: new problems verified, gaps with reasons."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from distill.labeling.rationale_set import read_rationales
from edgethought.cli.distill.quality import quality_command
from edgethought.cli.distill.train import label_command
from edgethought.stages.label import label_recipe
from edgethought.stages.recipe import Recipe, read_recipe
from runtime.values.errors import InputError
from runtime.values.files import write_jsonl
from tests.benchmarks.rewriting.problems import APPLES, MARBLES, SHARES


@pytest.fixture
def data(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path / "none"))
    write_jsonl(tmp_path / "problems.jsonl", map(asdict, [MARBLES, APPLES, SHARES]))
    return tmp_path / "problems.jsonl"


def changes(data: Path, *more: str) -> list[str]:
    return [f"data={data}", "teacher=symbolic", "thoughts=eot,pot,cot", "policy=research", *more]


def test_new_problems_are_verified_and_gaps_are_counted(data: Path, tmp_path: Path) -> None:
    recipe = read_recipe("etd", changes(data, "symbolic.variants=2"))
    report = label_recipe(recipe, tmp_path / "set", scored=False)
    rows = list(read_rationales(tmp_path / "set"))
    assert report.problems == 3 * 5 * 2 and len(rows) == report.rows > 40
    assert {row.teacher for row in rows} == {"symbolic"} and {row.provenance["seed"] for row in rows} == {0}
    assert {row.provenance["kind"] for row in rows} == {
        "similar",
        "harder",
        "distract",
        "reorder",
        "backward",
    }
    assert report.dropped["unused_number"] >= 2
    assert all(row.problem.id.startswith(str(row.provenance["parent"])) for row in rows)
    again = label_recipe(recipe, tmp_path / "set", scored=False)
    assert again.rows == report.rows and again.resumed == report.problems
    asked = json.loads((tmp_path / "set/manifest.json").read_text())["asked"]
    assert asked["symbolic"] == recipe.symbolic.model_dump(mode="json")
    other = read_recipe("etd", changes(data, "symbolic.variants=2", "symbolic.seed=1"))
    with pytest.raises(InputError, match="other settings of the teacher"):
        label_recipe(other, tmp_path / "set", scored=False)


def test_rewritten_stories_have_a_row_for_each_kind(data: Path, tmp_path: Path) -> None:
    recipe = read_recipe("etd", changes(data, "data=stories", "limit=12", "symbolic.kinds=harder,reorder"))
    report = label_recipe(recipe, tmp_path / "set", scored=False)
    assert [row["data_set"] for row in report.data_sets] == [
        "edgethought:stories~harder",
        "edgethought:stories~reorder",
    ]


def test_the_command_tells_the_yield_of_each_kind(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgethought.cli.distill.train.label_recipe", _unscored)
    label_command("etd", changes(data, "symbolic.kinds=similar,distract"), tmp_path / "set")
    told = capsys.readouterr().out
    assert "similar: 2 of 3 (66.7 %); not: unused_number 1" in told
    assert "distract: 3 of 3 (100.0 %)" in told


def _unscored(recipe: Recipe, out: Path) -> object:
    return label_recipe(recipe, out, scored=False)


def test_it_is_a_source_among_others(data: Path, tmp_path: Path) -> None:
    sources = [
        {"data": "stories", "limit": 4},
        {"data": str(data), "teacher": "symbolic", "symbolic": {"kinds": ["similar"], "variants": 3}},
    ]
    recipe = Recipe.model_validate(
        {"summary": "two", "thoughts": ["eot"], "policy": "research", "sources": sources}
    )
    label_recipe(recipe, tmp_path / "set", scored=False)
    teachers = [row.teacher for row in read_rationales(tmp_path / "set")]
    assert sorted(set(teachers)) == ["gold", "symbolic"] and teachers.count("symbolic") == 6


def test_its_settings_decide_only_where_it_writes(data: Path) -> None:
    plain = read_recipe("etd", ["symbolic.seed=7"]).deciding()
    assert "symbolic" not in plain
    assert read_recipe("etd", changes(data, "symbolic.seed=7")).deciding()["symbolic"]["seed"] == 7
    assert "symbolic" not in json.dumps(read_recipe("flagship").deciding())


def test_its_quality_is_not_that_of_annotations(data: Path) -> None:
    with pytest.raises(InputError, match="teacher 'symbolic' has no annotations to measure; expected: gold"):
        quality_command("etd", changes(data), with_dev=False, show=0, seed=0, as_json=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("symbolic.kinds=rephrase", "symbolic.kinds.0 = 'rephrase'"),
        ("symbolic.variants=0", "symbolic.variants = 0"),
        ("symbolic.kinds=harder,harder", "a kind is named twice; expected: each once"),
        ("symbolic.count=3", "symbolic.count"),
    ],
)
def test_wrong_settings_are_said_in_one_line(change: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_recipe("etd", ["teacher=symbolic", change])
    assert told in str(error.value) and "\n" not in str(error.value)
