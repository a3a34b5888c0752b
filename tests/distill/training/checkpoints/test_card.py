"""What training leaves for people: a model card, a picture, and rows."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from distill.training.checkpoints.card import Taught, checkpoint_card, data_sha256, model_card
from distill.training.checkpoints.selection import SelectedWeights
from distill.training.examples import Example
from distill.training.report.metrics import DevRow, Metrics, StepRow
from distill.training.report.picture import draw_training, running_mean
from distill.training.settings import TrainSettings
from export.checkpoint import read_card, save_card
from runtime.values.prompt import render_prompt
from tests.distill.training.learning import RATIONALES

ROW = StepRow(0, 0.5, 1e-3, 1200, 300, 1.0)


@pytest.fixture
def metrics(tmp_path: Path) -> Metrics:
    made = Metrics(tmp_path, done=0)
    for step in range(40):
        made.add(replace(ROW, step=step, loss=2.0 / (step + 1)))
    return made


def card_text(base: Path, metrics: Metrics, chosen: SelectedWeights, near_duplicates: list[str]) -> str:
    rows = [replace(row, problem=replace(row.problem, license="MIT")) for row in RATIONALES]
    card = checkpoint_card(rows, [Example((1, 2, 3), 1)], base, near_duplicates, TrainSettings())
    return model_card(card, Taught(rows, len(rows), TrainSettings(), metrics, chosen, "float32"))


def test_a_model_card_says_what_people_ask(base: Path, metrics: Metrics) -> None:
    chosen = SelectedWeights(
        "the snapshot after 20 steps, the best on dev", 20, DevRow(20, 1, "snapshot", 30, 200, 1.0)
    )
    text = card_text(base, metrics, chosen, ["svamp"])
    header = yaml.safe_load(text.split("---")[1])
    assert (header["license"], header["base_model"]) == ("apache-2.0", "tiny-0")
    for told in (
        "| base | tiny-0 (Apache-2.0) |",
        "| thoughts | eot, pot; eot unless asked |",
        "| rationales | 6, written by gold |",
        "| their licences | MIT |",
        f"| data sha256 | `{data_sha256(RATIONALES)}` |",
        "| learned | 40 steps, 48,000 tokens, last loss 0.050 nats a label |",
        "| weights | the snapshot after 20 steps, the best on dev |",
        "| dev accuracy | 30 of 200 (15.0 %, 95 % interval 10.7 to 20.6) of gsm8k, also used to choose",
        "| near duplicates | it saw test questions of svamp with other numbers |",
        render_prompt("Ann has 3 apples and buys 4 more. How many apples does she have?", "eot"),
    ):
        assert told in text
    settings = yaml.safe_load(text.split("```yaml")[1].removesuffix("```"))
    assert TrainSettings(**settings) == TrainSettings()


def test_what_was_not_measured_is_not_claimed(base: Path, metrics: Metrics) -> None:
    text = card_text(base, metrics, SelectedWeights("after the last step, 40", 40), [])
    assert "| dev accuracy | not measured in training |" in text
    assert "none of its problems is a test question with other numbers" in text


def test_a_card_keeps_what_its_base_says_of_itself(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    folder.mkdir()
    save_card(replace(read_card(base), near_duplicates=("mawps",), license="gemma"), folder)
    card = checkpoint_card(
        RATIONALES, [Example((1, 2, 3), 1)], folder, ["svamp"], TrainSettings(quantization="q4_0")
    )
    assert (card.near_duplicates, card.license, card.base) == (("mawps", "svamp"), "gemma", "tiny-0")


def test_the_hash_of_the_data_knows_texts_and_order() -> None:
    other = [replace(RATIONALES[0], text="ans = 1"), *RATIONALES[1:]]
    hashes = {data_sha256(rows) for rows in (RATIONALES, other, RATIONALES[::-1], RATIONALES[:-1])}
    assert len(hashes) == 4


def test_rows_after_the_last_state_are_dropped(metrics: Metrics, tmp_path: Path) -> None:
    metrics.add(DevRow(10, 1, "snapshot", 3, 10, 1.0))
    metrics.add(DevRow(30, 1, "snapshot", 4, 10, 1.0))
    again = Metrics(tmp_path, done=12)
    assert [row.step for row in again.steps] == list(range(12))
    assert [row.step for row in again.dev] == [10]
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 12
    assert Metrics(tmp_path, done=0).steps == []


def test_the_picture_has_a_panel_for_dev_accuracy_where_it_was_measured(
    metrics: Metrics, tmp_path: Path
) -> None:
    from matplotlib.image import imread

    draw_training(metrics, tmp_path / "loss.png", "a student")
    metrics.add(DevRow(20, 20 * 1200, "snapshot", 3, 10, 1.0))
    metrics.add(DevRow(40, 40 * 1200, "average", 4, 10, 1.0))
    draw_training(metrics, tmp_path / "both.png", "a student")
    loss, both = imread(tmp_path / "loss.png"), imread(tmp_path / "both.png")
    assert both.shape[0] == 2 * loss.shape[0] and both.shape[1] == loss.shape[1]
    # The averaged weights have a colour of their own.
    orange = (abs(both[..., 0] - 0.82) < 0.05) & (abs(both[..., 2] - 0.04) < 0.05)
    assert orange.sum() > 20


def test_a_running_mean_looks_back_only() -> None:
    assert running_mean([4, 2, 6, 8], 2) == [4, 3, 4, 7]
    assert running_mean([1, 2, 3], 5) == [1, 1.5, 2]
