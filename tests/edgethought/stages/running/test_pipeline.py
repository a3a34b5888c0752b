"""A whole run on a tiny student: every stage, stopping in the middle, starting again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edgethought.stages.recipe import Recipe, read_recipe, recipe_names
from edgethought.stages.running import score as score_run
from edgethought.stages.running.pipeline import STAGES, run_recipe
from runtime.answering.default_model import default_artifacts
from runtime.values.errors import InputError
from tests.tiny import tiny_checkpoint

CHANGES = [
    "limit=40",
    "targets=gguf:q8_0",
    "train.epochs=1",
    "train.batch_size=8",
    "train.threads=1",
    "score.limit=6",
    "score.chat_limit=3",
]


@pytest.fixture
def recipe(tmp_path: Path, home: Path) -> Recipe:
    # Four bits are hard on a width of 64: one as sure of itself as a trained model would not pass the gate.
    base = tiny_checkpoint(tmp_path / "tiny", spread=0.1)
    return read_recipe("quickstart", [*CHANGES, f"train.base={base}"])


@dataclass(frozen=True)
class KilledRun:
    """A run that is at its end, and which stages were finished at each kill on the way."""

    recipe: Recipe
    out: Path
    finished: dict[str, list[str]]


@pytest.fixture(scope="module")
def killed_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledRun]:
    """One run for many tests: killed in each of its stages, started again each time."""

    def killed(run: object) -> dict[str, object]:
        raise KeyboardInterrupt

    folder = tmp_path_factory.mktemp("killed")
    base, out = tiny_checkpoint(folder / "tiny", spread=0.1), folder / "run"
    recipe = read_recipe("quickstart", [*CHANGES, f"train.base={base}"])
    finished = {}
    with pytest.MonkeyPatch.context() as machine:
        machine.setenv("EDGETHOUGHT_HOME", str(folder / "home"))
        machine.delenv("EDGETHOUGHT_MODEL", raising=False)
        for stage in STAGES:
            with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setitem(STAGES, stage, (stage, killed))
                run_recipe("quickstart", recipe, out)
            finished[stage] = stages_of(out)
        run_recipe("quickstart", recipe, out)
        yield KilledRun(recipe, out, finished)


def stages_of(out: Path) -> list[str]:
    return list(json.loads((out / "run.json").read_text())["stages"])


def test_a_run_ends_with_report_picture_and_default_model(killed_run: KilledRun) -> None:
    out = killed_run.out
    row = json.loads((out / "report.json").read_text())
    assert [entry["n"] for entry in row["entries"]] == [6, 6, 3]
    assert row["details"]["stages"]["train"]["examples"] == 40
    assert "n = " in row["headlines"][0]
    assert (out / "frontier.png").read_bytes().startswith(b"\x89PNG")
    assert "<html" in (out / "report.html").read_text()
    assert default_artifacts() == [out / "artifacts" / "gguf-q8_0"]


@pytest.mark.torch
def test_a_run_that_would_take_too_long_is_cut_and_says_so(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(score_run, "MIN_PROBLEMS", 4)
    base = tiny_checkpoint(tmp_path / "tiny", spread=0.1)
    short = ["train.batch_size=2", "train.time_budget_s=0.001", "score.time_budget_s=0.001"]
    recipe = read_recipe("quickstart", [*CHANGES, *short, "score.limit=8", f"train.base={base}"])
    for _ in range(2):
        run_recipe("quickstart", recipe, tmp_path / "run")
    told = capsys.readouterr().err
    assert "20 steps take about" in told and "cut to 8" in told
    assert "scoring: 8 problems an artifact take about" in told and "cut to 4, own chat to 3" in told
    row = json.loads((tmp_path / "run/report.json").read_text())
    assert [entry["n"] for entry in row["entries"]] == [4, 4, 3]
    report = (tmp_path / "run/report.md").read_text()
    assert "in 8 steps (lora, in " in report and "cut from 20 to fit into its time" in report


@pytest.mark.torch
@pytest.mark.parametrize(("quantization", "weighed"), [("none", True), ("q4_0", False)])
def test_rounding_that_a_student_learned_in_is_not_weighed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, quantization: str, weighed: bool
) -> None:
    class Exported(Exception):
        pass

    def export_checkpoint(*given: object, calibration: object, **others: object) -> None:
        raise Exported(calibration is not None)

    monkeypatch.setattr("edgethought.stages.running.pipeline.export_checkpoint", export_checkpoint)
    base = tiny_checkpoint(tmp_path / "tiny", spread=0.1)
    recipe = read_recipe("quickstart", [*CHANGES, f"train.base={base}", f"train.quantization={quantization}"])
    with pytest.raises(Exported) as stopped:
        run_recipe("quickstart", recipe, tmp_path / "run")
    assert stopped.value.args == (weighed,)


def test_a_second_run_does_nothing_again(killed_run: KilledRun, capsys: pytest.CaptureFixture[str]) -> None:
    before = written(killed_run.out)
    run_recipe("quickstart", killed_run.recipe, killed_run.out)
    assert capsys.readouterr().err.count("already done") == len(STAGES)
    assert written(killed_run.out) == before


def written(out: Path) -> dict[Path, int]:
    """When each of a run's files was written."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {path: path.stat().st_mtime_ns for path in files}


@pytest.mark.parametrize("stage", list(STAGES))
def test_a_run_killed_in_any_stage_goes_on_from_the_last_finished_one(
    killed_run: KilledRun, stage: str
) -> None:
    assert killed_run.finished[stage] == list(STAGES)[: list(STAGES).index(stage)]
    assert stages_of(killed_run.out) == list(STAGES)


def test_a_folder_of_other_settings_is_left_alone(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STAGES, "label", ("label", lambda run: (_ for _ in ()).throw(KeyboardInterrupt)))
    with pytest.raises(KeyboardInterrupt):
        run_recipe("quickstart", recipe, tmp_path)
    other = recipe.model_copy(update={"limit": 41})
    with pytest.raises(InputError, match="limit: 40 there, 41 now"):
        run_recipe("quickstart", other, tmp_path)


def test_every_recipe_that_ships_can_be_read() -> None:
    assert {"quickstart", "etd", "eotd"} <= set(recipe_names())
    for name in recipe_names():
        assert read_recipe(name).summary


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (["limitt=3"], "limitt = 3.*expected: .*limit"),
        (["train.rank=0"], "train.rank = 0"),
        (["train.micro_tokens=512"], "train.micro_tokens is now train.max_tokens_per_batch"),
        (["train.on_policy=0.5"], "train.on_policy is now train.lmbda"),
        (["train.time_budget_s=inf"], "train.time_budget_s = 'inf'.*finite"),
        (["score.time_budget_s=-1"], "score.time_budget_s = -1"),
        (["train.compute=int8"], "train.compute = 'int8': expected: 'auto', 'bfloat16'"),
        (["limit"], "expected: key=value"),
        (["limit=many"], "limit = 'many'"),
        (["data.a=1"], "data has no settings below it"),
        (["thoughts=eot,sot"], "thoughts"),
        (["sources=[{data: stories}]"], "sources beside data; expected: one or the other"),
        (["sources=[{teacher: gold}]"], "sources.0.data"),
        (
            ["sources=[{data: stories, symbolic: {variants: 2}}]"],
            "symbolic beside teacher gold; expected: teacher: symbolic",
        ),
        (["sources=[{data: stories, teacher: openai}]"], "sources.0.teacher"),
        (
            ["rounds=[{method: grpo}]"],
            "rounds.0.method = 'grpo': expected: 'rft', 'prefer', 'fdd' or 'on_policy'",
        ),
        (["rounds=[{method: rft, train: {base: x}}]"], r"train.base of a round; expected: other settings"),
        (["rounds=[{method: rft, train: {epochs: 0}}]"], "epochs"),
        (
            ["rounds=[{method: prefer, train: {loss: forward_kl}}]"],
            r"train.loss of a round; expected: other settings",
        ),
        (
            ["rounds=[{method: on_policy, limit: 9, train: {teacher: x}}]"],
            "limit with method on_policy; expected: train",
        ),
        (
            ["rounds=[{method: on_policy}]"],
            "on_policy without a teacher; expected: train: {teacher: CHECKPOINT}",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(changes: list[str], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_recipe("etd", changes)


@pytest.mark.parametrize("name", ["no-such", "../etd", "etd.yaml", ""])
def test_an_unknown_recipe_lists_the_known_ones(name: str) -> None:
    with pytest.raises(
        InputError, match=r"expected: .*eotd, etd, fdd, flagship, nano, on_policy, quickstart, rft"
    ):
        read_recipe(name)


def test_settings_are_read_as_people_type_them() -> None:
    recipe = read_recipe(
        "etd", ["thoughts=eot,pot", "score.tasks=svamp,gsm8k", "train.learning_rate=2e-4", "limit=7"]
    )
    assert recipe.thoughts == ("eot", "pot")
    assert recipe.score.tasks == ("svamp", "gsm8k")
    assert recipe.train.learning_rate == 2e-4
    assert recipe.limit == 7
