"""`distill prefer`: samples in, a student that prefers the right ones out."""

import json
from pathlib import Path
from typing import Any

import pytest

from edgethought.cli.distill.prefer import prefer_command
from runtime.values.errors import InputError
from runtime.values.files import write_jsonl
from tests.tiny import tiny_checkpoint

TEXTS = ("ans = {} + 5", "ans = 5 + {}", "ans = {} - 5", "ans = {} * 5", "ans = {} / 5", "ans = (")


def samples(**more: Any) -> list[dict[str, Any]]:
    """Two right ways of each sum, three wrong ones, and one that is no program; a question with right ones only."""
    rows = [
        {
            "question": f"Ann has {n} pens and buys 5. How many has she?",
            "answer": str(n + 5),
            "thought": thought,
            "text": text.format(n),
            **more,
        }
        for n in range(10, 16)
        for text in TEXTS
        for thought in ("pot", "eot")
    ]
    return [*rows, *rows[:4], {**rows[0], "question": "What is 10 and 5?"}]


def prefer(file: Path, out: Path, *changes: str, **options: int) -> None:
    base = tiny_checkpoint(file.parent / "base")
    few = [
        f"train.base={base}",
        "train.epochs=1",
        "train.learning_rate=1e-3",
        "score.tasks=stories",
        *changes,
    ]
    prefer_command(file, "etd", few, out, **{"most": 2, "limit": 0, **options})


def test_pairs_of_right_and_wrong_samples_train_a_student(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "samples.jsonl"
    write_jsonl(file, samples(license="MIT"))
    prefer(file, tmp_path / "out")
    told = capsys.readouterr()
    # Six questions, two thoughts, two of each kind.
    assert "24 right and 24 wrong ones count, of 6 questions" in told.err
    assert "48 examples" in told.out
    card = json.loads((tmp_path / "out/checkpoint/edgethought.json").read_text())
    assert sorted(card["thoughts"]) == ["eot", "pot"]
    readme = (tmp_path / "out/checkpoint/README.md").read_text()
    assert "samples, samples.jsonl; 24 of them wrong ones" in readme and "| their licences | MIT |" in readme
    prefer(file, tmp_path / "out")
    assert "48 examples" in capsys.readouterr().out
    with pytest.raises(InputError, match="finished student of other data or settings"):
        prefer(file, tmp_path / "out", limit=3)


def test_what_may_not_ship_and_what_tells_nothing_are_one_line(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "samples.jsonl"
    write_jsonl(file, samples())
    with pytest.raises(InputError, match=r"no question's licence may train .* `license` such as MIT"):
        prefer(file, tmp_path / "out")
    write_jsonl(file, [row for row in samples(license="MIT") if "+" in row["text"]])
    with pytest.raises(InputError, match="no prompt with right and wrong samples; expected: "):
        prefer(file, tmp_path / "out")
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(InputError, match="no prompt with right and wrong samples; expected: "):
        prefer(tmp_path / "empty.jsonl", tmp_path / "out")
    assert not (tmp_path / "out").exists()
