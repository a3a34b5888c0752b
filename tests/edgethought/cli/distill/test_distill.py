"""The distill commands: verify, label with replay, quality and yields, from a data folder to what is printed."""

import json
from pathlib import Path
from typing import Any

import pytest

from distill.labeling.rationale_set import read_set_manifest, set_near_duplicates
from edgethought.cli.distill.quality import quality_command
from edgethought.cli.distill.train import label_command, verify_command
from edgethought.cli.distill.yields import yields_command
from edgethought.stages.problems import held_out, training_problems
from edgethought.stages.recipe import read_recipe
from runtime.values.errors import InputError

TRAIN = "Nora has 8 red pens and buys 5 more at the small shop in town. How many pens has Nora now?"
SCORED = ["score.tasks=svamp"]
NEAR_DUPLICATE = "Nora has 9 red pens and buys 7 more at the small shop in town. How many pens has Nora now?"


def problem(id: str, question: str, answer: str, equation: str) -> dict[str, Any]:
    row = {"id": id, "question": question, "answer": answer, "solution": None, "equation": equation}
    return {**row, "source": f"arkilpatel/SVAMP:SVAMP.json#{id}"}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def data(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two training problems, one of them a sibling of the test problem, and stored rationales for both."""
    folder = tmp_path / "data"
    other = "How many of the 30 grey geese in the long barn are left when 12 of them fly away?"
    train = [
        problem("svamp-1", TRAIN, "13", "( 8.0 + 5.0 )"),
        problem("svamp-2", other, "18", "( 30.0 - 12.0 )"),
    ]
    write(folder / "svamp_train.jsonl", *train)
    write(folder / "svamp_test.jsonl", problem("svamp-3", NEAR_DUPLICATE, "16", "( 9.0 + 7.0 )"))
    stored = {"thought": "pot", "teacher": "gpt-4o", "source": "somebody/file"}
    rows = [
        {"id": "svamp-1", "question": TRAIN, "answer": "13", "rationale": "ans = 8 + 5", **stored},
        {"id": "svamp-2", "question": other, "answer": "18", "rationale": "ans = 30 - 12", **stored},
        {"id": "svamp-2", "question": other, "answer": "18", "rationale": "ans = 30 + 12", **stored},
    ]
    write(folder / "rationales/mine.jsonl", *rows)
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))
    return folder


def test_stored_rationales_are_verified_and_what_may_not_ship_is_left_out(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verify_command("mine", "etd", ["policy=research"], tmp_path / "all")
    told = capsys.readouterr().out
    assert "1 verified rationales of 3 problems" in told
    assert "dropped 1: wrong_answer" in told and "dropped 1: overlap_near" in told
    manifest = read_set_manifest(tmp_path / "all")
    assert manifest["text_licenses"] == {"OpenAI API terms": 1}
    assert manifest["licenses"] == {"MIT": 1}
    verify_command("mine", "etd", [], tmp_path / "ship")
    assert read_set_manifest(tmp_path / "ship")["dropped"] == {"text_license": 2, "overlap_near": 1}


def test_siblings_stay_where_they_are_wanted_and_mark_the_set(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="gsm8k"):
        label_command("etd", ["data=svamp"], tmp_path / "none")
    label_command("etd", ["data=svamp", *SCORED], tmp_path / "drop")
    assert set_near_duplicates(tmp_path / "drop") == ()
    assert read_set_manifest(tmp_path / "drop")["rows"] == 3
    label_command("etd", ["data=svamp", "near_duplicates=keep", *SCORED], tmp_path / "keep")
    assert set_near_duplicates(tmp_path / "keep") == ("svamp",)
    assert read_set_manifest(tmp_path / "keep")["near_duplicate_rows"] == {"svamp": 3}
    assert "siblings of svamp" in capsys.readouterr().out
    verify_command("mine", "etd", ["policy=research", "near_duplicates=keep"], tmp_path / "replayed")
    assert set_near_duplicates(tmp_path / "replayed") == ("svamp",)


def test_all_test_questions_of_all_tasks_count(data: Path) -> None:
    recipe = read_recipe("etd", SCORED)
    assert [(item.question, item.task) for item in held_out(recipe)] == [(NEAR_DUPLICATE, "svamp")]
    stories = held_out(read_recipe("quickstart", ["score.limit=7"]))
    assert [item.task for item in stories] == ["stories"] * 7 + ["svamp"]
    with pytest.raises(InputError, match="gsm8k"):
        held_out(read_recipe("etd"))
    assert len(held_out(read_recipe("etd"), scored=False)) == 1


def test_a_limit_takes_a_seeded_choice_of_stored_rows(data: Path) -> None:
    changes = ["teacher=replay", "data=mine", "limit=2"]
    first, again = (training_problems(read_recipe("etd", changes)) for _ in range(2))
    assert first.total == 2
    assert [item.id for item in first.problems] == [item.id for item in again.problems]


def test_quality_prints_the_figures_and_some_to_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quality_command("etd", ["data=svamp"], with_dev=False, show=1, seed=3, as_json=False)
    told = capsys.readouterr()
    assert "svamp train: 2 problems" in told.out
    assert "verified as equations and as program   2 (100.0 %)" in told.out
    assert "ans = " in told.out and "seed 3" in told.err
    quality_command("etd", ["data=svamp"], with_dev=False, show=0, seed=0, as_json=True)
    row = json.loads(capsys.readouterr().out)
    assert (row["verified"], row["linked_share"], row["bare_literals"]) == (2, 1.0, 0)
    with pytest.raises(InputError, match="no dev split"):
        quality_command("etd", ["data=svamp"], with_dev=True, show=0, seed=0, as_json=False)
    with pytest.raises(InputError, match="expected: gold"):
        quality_command("etd", ["data=mine", "teacher=replay"], with_dev=False, show=0, seed=0, as_json=False)


def test_any_recipe_may_be_the_start(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("summary: mine\ndata: stories\nlimit: 5\n")
    quality_command(str(recipe), [], with_dev=False, show=0, seed=0, as_json=False)
    assert "stories train: 5 problems" in capsys.readouterr().out
    with pytest.raises(
        InputError, match="recipe 'none'; expected: eotd, etd, fdd, flagship, nano, on_policy, quickstart"
    ):
        yields_command(["svamp"], "none", [], out=None, as_json=False)


def test_yields_is_a_table_of_every_source(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    yields_command([], "etd", ["limit=3"], out=tmp_path / "sets", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "| svamp | gold | 2 | 1 | 1 | 1 | overlap near 1 |"
    assert lines[3] == "| stories | gold | 3 | 3 | 3 | 3 | nothing |"
    assert lines[4] == "| mine | replay | 3 | 0 | 1 | 0 | overlap near 1, wrong answer 1 (pot) |"
    assert sorted(path.name for path in (tmp_path / "sets").iterdir()) == [
        "gold-stories",
        "gold-svamp",
        "replay-mine",
    ]
    yields_command(["mine"], "etd", [], out=None, as_json=True)
    assert json.loads(capsys.readouterr().out)["kept"] == {"pot": 1}
    with pytest.raises(InputError, match="no stored rationales 'theirs'"):
        yields_command(["theirs"], "etd", [], out=None, as_json=False)
