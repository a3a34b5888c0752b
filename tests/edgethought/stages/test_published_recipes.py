"""The recipes of the published students run whole, by their own command, on a small share and a tiny base."""

import json
import sys
from pathlib import Path

import pytest

from edgethought.__main__ import main
from runtime.answering.pipeline import load
from runtime.values.files import write_jsonl
from tests.tiny import tiny_checkpoint
from tests.tiny_words import word_vocabulary

# Questions of the sets' own forms, each another after masking its numbers.
THINGS = "pens cups eggs hats cars cats dogs bags keys nuts figs maps fans jars pots rugs"
NAMES = "Ann Tom Eve Max Ida Leo Mia Sam"


def gsm8k_row(number: int) -> dict[str, str]:
    name, thing = NAMES.split()[number % 8], THINGS.split()[number // 8 % 16]
    a, b = 3 + number % 7, 4 + number % 5
    solution = f"{name} has {a}*{b} = <<{a}*{b}={a * b}>>{a * b} {thing}.\n#### {a * b}"
    question = (
        f"{name} fills {a} shelves with {b} {thing} each in week {number}. How many {thing} does {name} have?"
    )
    return {
        "id": f"gsm8k_train-{number:05}",
        "question": question,
        "answer": str(a * b),
        "solution": solution,
    }


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every source of the two recipes, in the files' own layout, and the tests that none may be in; a few of each."""
    folder = tmp_path / "data"
    rows = [gsm8k_row(number) for number in range(128)]
    write_jsonl(folder / "gsm8k_train.jsonl", rows)
    test = [{**gsm8k_row(0), "id": "gsm8k_test-00000", "question": "How far do two trains go in 3 hours?"}]
    write_jsonl(folder / "gsm8k_test.jsonl", test)
    (folder / "splits").mkdir()
    (folder / "splits/gsm8k_dev_1000.json").write_text(json.dumps([row["id"] for row in rows[100:]]))
    svamp = [
        {"id": f"svamp-{n}", "question": f"Ben had {n} {thing} and lost 2. How many {thing} are left?"}
        | {"answer": str(n - 2), "solution": None, "equation": f"( {n}.0 - 2.0 )"}
        for n, thing in enumerate(THINGS.split(), start=20)
    ]
    write_jsonl(folder / "svamp_train.jsonl", svamp)
    samples = [
        {**row, "thought": "pot", "rationale": f"ans = {row['answer']}", "teacher": "a student", "kept": True}
        for row in rows[:40]
    ]
    write_jsonl(folder / "rationales/gsm8k_svamp_train_samples_qwen05b.jsonl", samples)
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))
    return folder


@pytest.mark.torch
@pytest.mark.parametrize("name", ["flagship", "nano"])
def test_a_published_recipe_ends_with_a_student_that_answers(
    name: str, data: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny_checkpoint(tmp_path / "base", vocabulary=word_vocabulary(), spread=0.1)
    out = tmp_path / "run"
    changes = ["share=0.02", f"train.base={base}", "train.batch_size=8", "train.epochs=1", "train.threads=1"]
    changes += ["targets=gguf:q8_0", "score.limit=4", "score.chat_limit=2"]
    settings = [part for change in changes for part in ("--set", change)]
    monkeypatch.setattr(sys, "argv", ["edgethought", "run", name, "--out", str(out), *settings])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    stages = json.loads((out / "report.json").read_text())["details"]["stages"]
    # Of 100 problems of GSM8K, 16 of SVAMP, 40 samples and 10,000 stories.
    sources = [
        json.loads((part / "manifest.json").read_text())
        for part in sorted((out / "rationales.sources").iterdir())
    ]
    assert [source["problems"] for source in sources] == [2, 1, 200, 1]
    assert stages["train"]["examples"] > 300
    if name == "flagship":
        assert stages["sample 1"]["problems"] == 2 and stages["sample 1"]["samples"] == 16
    with load(out / "artifacts/gguf-q8_0") as student:
        assert student.answer("Ann has 3 pens and buys 4. How many?").model == student.manifest.name
