"""`distill label --teacher local` over real weights: wrong settings, a kill in the middle, a second run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from distill.labeling.rationale_set import read_set_manifest
from edgethought.cli.distill.train import label_command
from edgethought.stages.recipe import Recipe, read_recipe
from runtime.values.errors import InputError
from tests.artifacts import base_gguf
from tests.edgethought.cli.distill.test_distill import problem, write

pytest.importorskip("llama_cpp")
COMMAND = [sys.executable, "-c", "from edgethought.__main__ import main; main()", "distill", "label"]
CHANGES = ["teacher=local", "data=svamp", "thoughts=eot", "score.tasks=svamp", "local.model=smollm2-135m"]
CHANGES += ["local.samples=2", "local.max_tokens=16", "local.streams=4", "local.threads=1"]
COUNT = 6


@pytest.fixture(autouse=True)
def data(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    questions = [
        f"Shelf {n} of hall {n % 7} holds {n} old maps and 5 new ones: how many?" for n in range(COUNT)
    ]
    write(
        folder / "svamp_train.jsonl",
        *(problem(f"s{n}", told, str(n + 5), f"( {n}.0 + 5.0 )") for n, told in enumerate(questions)),
    )
    write(folder / "svamp_test.jsonl", problem("t", "How many birds sit on the wire?", "3", "( 1.0 + 2.0 )"))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))


def replies(tmp_path: Path) -> list[bytes]:
    """The whole lines of the store."""
    files = list((tmp_path / "home/replies").glob("*/replies.jsonl"))
    return [
        line for file in files for line in file.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")
    ]


def test_a_killed_run_goes_on_and_asks_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base_gguf()
    changes = [part for change in CHANGES for part in ("--set", change)]
    with subprocess.Popen(
        [*COMMAND, "--out", str(tmp_path / "set"), *changes], stderr=subprocess.DEVNULL
    ) as run:
        while run.poll() is None and len(replies(tmp_path)) < 3:
            time.sleep(0.02)
        os.kill(run.pid, signal.SIGKILL)
    kept = replies(tmp_path)
    assert 3 <= len(kept) < 2 * COUNT
    label_command("etd", CHANGES, tmp_path / "set")
    told = capsys.readouterr()
    assert f"{2 * COUNT - len(kept)} asked, {len(kept)} from the store" in told.err
    assert f"verified rationales of {COUNT} problems" in told.out
    rows = replies(tmp_path)
    assert rows[: len(kept)] == kept
    assert set(Counter(json.loads(row)["key"] for row in rows).values()) == {1} and len(rows) == 2 * COUNT
    asked = read_set_manifest(tmp_path / "set")["asked"]
    assert (
        asked["license"] == "Apache-2.0" and asked["model"] == base_gguf().stem and len(asked["sha256"]) == 64
    )
    # Another set of the same replies loads no model.
    label_command("etd", [*CHANGES, "policy=research"], tmp_path / "other")
    assert f"0 asked, {2 * COUNT} from the store" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["local.model="], "teacher local without a model; expected: --set local.model=FILE.gguf"),
        (["local.model=none.gguf"], "local.model=none.gguf is not there; expected: a GGUF file"),
        (["local.model=FILE"], "are under 'unstated', which trains no student that is shipped; expected: "),
        (["local.model=FILE", "local.license=GPL"], "(the file says 'apache-2.0')"),
        (["local.temperature=0"], "which are equal texts; expected: a temperature above 0"),
        (["local.streams=-1"], "setting local.streams = -1: "),
        (["local.modell=x"], "setting local.modell = 'x' is none; expected: "),
    ],
)
def test_wrong_settings_are_one_line(tmp_path: Path, changes: list[str], message: str) -> None:
    given = [change.replace("FILE", str(base_gguf())) for change in changes]
    with pytest.raises(InputError) as raised:
        label_command("etd", [*CHANGES, *given], tmp_path / "set")
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert not (tmp_path / "set").exists()


def test_settings_decide_a_run_only_where_a_source_asks_the_model() -> None:
    gold = read_recipe("etd", ["local.model=a", "local.seed=3", "agree.share=0.5"]).deciding()
    assert "local" not in gold and "agree" not in gold
    sources = [{"data": "stories", "teacher": "local"}, {"data": "stories"}]
    several = Recipe.model_validate(
        {"summary": "two", "sources": sources, "local": {"model": "a", "seed": 3}}
    )
    assert several.deciding()["local"]["seed"] == 3 and "streams" not in several.deciding()["local"]
    assert [(part.teacher, part.local.seed) for part in several.parts()] == [("local", 3), ("gold", 3)]
