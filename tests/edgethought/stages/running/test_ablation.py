"""Ablations: arms on equal tokens, seed by seed, through kills, a budget that ends and one that grows."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks import bench
from benchmarks.scoring.prompt_modes import load_model
from edgethought.stages.recipe import read_arms
from edgethought.stages.running import ablation as module
from edgethought.stages.running.ablation import Ablation, Trained, gains, run_ablation, task_table
from runtime.values.errors import InputError, WorkFailed
from tests.tiny import tiny_checkpoint

CHANGES = [
    *(
        "limit=24",
        "targets=gguf:q8_0",
        "train.batch_size=8",
        "train.threads=1",
        "score.limit=4",
        "score.baselines=",
    ),
    *("score.split=dev", "score.tasks=stories"),
]


@pytest.fixture
def compared(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ablation]:
    """An ablation of a tiny base over two thoughts; answers are given in this process."""
    monkeypatch.setattr(module, "run_job", partial(bench.run, load=load_model))
    base = tiny_checkpoint(tmp_path / "tiny", spread=0.1)

    def make(vary: str = "thoughts=eot|pot", **others: Any) -> Ablation:
        arms = read_arms("quickstart", [*CHANGES, f"train.base={base}"], vary)
        settings: dict[str, Any] = {"seeds": 2, "tokens": 1500, "hours": 0.0, "out": tmp_path / "out"}
        return Ablation("quickstart", arms, **{**settings, **others})

    return make


@pytest.mark.torch
def test_arms_learn_on_equal_tokens_and_are_compared(
    compared: Callable[..., Ablation], tmp_path: Path
) -> None:
    (table,) = run_ablation(compared())
    assert [row[0] for row in table.rows] == ["eot", "pot"]
    assert [row[4] for row in table.rows] == ["2", "2"]
    assert table.rows[0][-3:] == ("", "", "") and "to" in table.rows[1][-2]
    report = json.loads((tmp_path / "out/ablation.json").read_text())
    tokens = {run["tokens"] for runs in report["arms"].values() for run in runs}
    assert min(tokens) >= 1500 and max(tokens) < 3000
    assert {len(run["right"]) for runs in report["arms"].values() for run in runs} == {4}
    assert report["gains"]["pot"]["problems"] == 4
    assert "| pot |" in (tmp_path / "out/ablation.md").read_text()
    # One set an arm, other trainings a seed.
    sets = {path.resolve() for path in (tmp_path / "out/eot").glob("seed-*/rationales")}
    assert sets == {tmp_path / "out/eot/rationales"}
    first, second = (file.read_bytes() for file in (tmp_path / "out/eot").rglob("adapter_model.safetensors"))
    assert first != second
    assert not list((tmp_path / "out").rglob("checkpoint"))


@pytest.mark.torch
def test_a_killed_ablation_goes_on_and_does_nothing_again(
    compared: Callable[..., Ablation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[str] = []
    real = module.Run.carry_out

    def carry_out(run: Any, stage: str, work: Any) -> Any:
        trained.append(f"{run.path.relative_to(tmp_path / 'out')} {stage}")
        if len(trained) == 7:
            raise KeyboardInterrupt
        return real(run, stage, work)

    monkeypatch.setattr(module.Run, "carry_out", carry_out)
    with pytest.raises(KeyboardInterrupt):
        run_ablation(compared())
    moved = (tmp_path / "out").rename(tmp_path / "moved")
    moved.rename(tmp_path / "out")
    before = len(trained) - 1
    run_ablation(compared())
    done = [*trained[:before], *trained[before + 1 :]]
    assert len(done) == len(set(done)) == 2 * (2 * 3 + 1)
    run_ablation(compared())
    assert len(trained) == len(done) + 1


@pytest.mark.torch
def test_hours_that_are_spent_stop_it_and_more_go_on(
    compared: Callable[..., Ablation], tmp_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(
            WorkFailed, match=r"1 of 4 trainings are done, .* expected: the same call with more --hours"
        ):
            run_ablation(compared(hours=1e-6))
    assert "| eot |" in (tmp_path / "out/ablation.md").read_text()
    (table,) = run_ablation(compared(hours=0.0, seeds=1))
    assert len(table.rows) == 2
    with pytest.raises(
        InputError,
        match=r"other settings \(tokens: \d+ there, 2000 now\); expected: the same settings, or another --out",
    ):
        run_ablation(compared(tokens=2000))


def test_each_of_several_tasks_has_its_table() -> None:
    def run(seed: int, first: str, second: str) -> Trained:
        right = tuple(answer == "1" for answer in first + second)
        return Trained(seed, 10, 1000, 0.1, right, {"gsm8k dev": len(first), "svamp dev": len(second)})

    found = {"eot": [run(0, "0000", "11"), run(1, "0001", "10")], "pot": [run(0, "1111", "01")], "cot": []}
    of_gsm8k = {arm: [one.of("gsm8k dev") for one in runs] for arm, runs in found.items()}
    of_svamp = {arm: [one.of("svamp dev") for one in runs] for arm, runs in found.items()}
    assert of_svamp["pot"][0].right == (False, True)
    table = task_table("gsm8k dev", of_gsm8k, gains(of_gsm8k))
    assert table.title == "gsm8k dev, 4 problems"
    assert [row[:4] for row in table.rows] == [
        ("eot", "0.0 25.0", "12.5", ""),
        ("pot", "100.0", "100.0", "+100.0"),
        ("cot", "", "", ""),
    ]
    assert task_table("svamp dev", of_svamp, gains(of_svamp)).rows[1][2:4] == ("50.0", "-50.0")


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("thoughts=eot", "has 1 arm; expected: two at least, KEY=A|B"),
        ("thoughts", "has 1 arm; expected: two at least"),
        ("thoughts=eot|xot", "arm .xot.: setting thoughts"),
        ("train.base=a/b|a:b", "names two arms alike"),
        ("none.yaml", r"none.yaml cannot be read .*; expected: a .yaml file"),
    ],
)
def test_arms_that_are_none_are_named(vary: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_arms("quickstart", [], vary)


def test_a_change_of_what_varies_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "arms.yaml"
    file.write_text("long: {train: {epochs: 2}}\nshort: {train.epochs: 1}\n")
    for vary in ("train.epochs=1|2", str(file)):
        with pytest.raises(
            InputError, match=r"--set train.epochs=3 is what the arms vary; expected: it in one"
        ):
            read_arms("etd", ["limit=9", "train.epochs=3"], vary)
    file.write_text("long: {train: {epochs: 2}}\nplain: {}\n")
    assert read_arms("etd", ["train.epochs=3"], str(file))["plain"].train.epochs == 3


def test_arms_of_a_file_change_groups_in_part(tmp_path: Path) -> None:
    file = tmp_path / "arms.yaml"
    file.write_text("plain:\nweighed: {train: {thought_weights: {eot: 2}}, thoughts: [pot, eot]}\n")
    arms = read_arms("etd", ["train.epochs=3"], str(file))
    assert list(arms) == ["plain", "weighed"]
    assert {arm.train.epochs for arm in arms.values()} == {3}
    assert arms["weighed"].train.thought_weights == {"eot": 2} and arms["weighed"].thoughts == ("pot", "eot")
    assert arms["plain"].train.thought_weights != {"eot": 2}
