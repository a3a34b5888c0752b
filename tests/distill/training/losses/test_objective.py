"""A student moves towards its white-box teacher, on the teacher's texts and on its own samples."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from distill.training.examples import Example
from distill.training.loop import train
from distill.training.losses.divergences import LOSSES, DivergenceConfig, next_token_loss
from distill.training.losses.forward import labeled_logits
from distill.training.losses.objective import Objective
from distill.training.losses.reading import TeacherPlan
from distill.training.losses.rollouts import sample_rollouts
from distill.training.losses.teacher_model import open_teacher
from distill.training.plan import make_training_plan
from distill.training.settings import TrainSettings
from distill.training.student import open_student
from export.checkpoint import load_student
from tests.distill.training.learning import RATIONALES, losses, rows, same, settings, weights
from tests.tiny import tiny_checkpoint
from tests.tiny_seq2seq import CORPUS, END, one_thread, tiny_t5


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "teacher", seed=1)


def distilled(base: Path, teacher: Path, **changes: Any) -> TrainSettings:
    return settings(base, **{"teacher": str(teacher), "loss": "forward_kl", "method": "full", **changes})


def apart(student: Path, teacher: Path, chosen: TrainSettings) -> float:
    """KL(teacher || student) in nats a label on the rationales' texts, in float32."""

    training_plan = make_training_plan(RATIONALES, Path(chosen.base), chosen, ())
    models = [load_student(folder).eval() for folder in (student, teacher)]
    with torch.inference_mode():
        ours, theirs = (labeled_logits(model, training_plan.kept, "cpu")[0] for model in models)
    return float(LOSSES["forward_kl"](ours, theirs, DivergenceConfig())) / len(ours)


@pytest.mark.parametrize("loss", sorted(set(LOSSES) - {"next_token"}))
def test_a_student_moves_towards_its_teacher(base: Path, teacher: Path, tmp_path: Path, loss: str) -> None:
    chosen = distilled(base, teacher, loss=loss, epochs=10)
    train(RATIONALES, chosen, tmp_path)
    curve = losses(tmp_path)
    assert curve[-1] < 0.6 * curve[0]
    assert apart(tmp_path / "checkpoint", teacher, chosen) < 0.6 * apart(base, teacher, chosen)


def test_on_its_own_samples_too(base: Path, teacher: Path, tmp_path: Path) -> None:
    chosen = distilled(base, teacher, loss="jensen_shannon", lmbda=0.5, sample_tokens=5, epochs=6)
    train(RATIONALES, chosen, tmp_path / "one")
    sampled = [row["samples"] for row in rows(tmp_path / "one")]
    assert 0 < sum(sampled) < len(sampled)
    assert apart(tmp_path / "one/checkpoint", teacher, chosen) < 0.8 * apart(base, teacher, chosen)
    train(RATIONALES, chosen, tmp_path / "again")
    assert rows(tmp_path / "one") == rows(tmp_path / "again")
    assert same(weights(tmp_path / "one"), weights(tmp_path / "again"))


def test_teacher_and_rationales_share_the_loss_by_weight(base: Path, teacher: Path) -> None:
    chosen = distilled(base, teacher, teacher_weight=0.25, temperature=2.0)
    model = open_student(base, chosen, torch.bfloat16)
    # The model's own way, since bfloat16 rounds otherwise in the packed one.
    opened = replace(open_teacher(TeacherPlan(teacher), base, 2, "cpu", torch.bfloat16), decoder=None)
    frozen = opened.model
    micro = [Example((9, 8, 7, 20, 21, 2), 3), Example((9, 8, 7, 6, 5, 30, 2), 5)]
    logits, targets = labeled_logits(model, micro, "cpu")
    compared = LOSSES["forward_kl"](logits, labeled_logits(frozen, micro, "cpu")[0], DivergenceConfig(2.0))
    objective = Objective(chosen, 2, "cpu", opened)
    expected = 0.25 * compared + 0.75 * next_token_loss(logits, targets)
    assert objective.loss(model, micro).item() == pytest.approx(expected.item(), rel=1e-5)
    assert objective.loss(model, micro, samples=True).item() == pytest.approx(compared.item(), rel=1e-5)
    assert all(weight.grad is None and not weight.requires_grad for weight in frozen.parameters())


def test_samples_follow_the_students_own_distribution(base: Path) -> None:
    """What is drawn first after a prompt comes as often as the student's distribution says."""

    model = open_student(base, settings(base, method="full"), torch.bfloat16)
    prompt = Example((9, 8, 7, 4, 2), 4)
    with torch.inference_mode():
        shares = torch.softmax(model(torch.tensor([prompt.ids[:4]])).logits[0, -1].float(), -1)
    drawn = sample_rollouts(
        model, [prompt] * 3000, end_token=2, max_tokens=1, temperature=1.0, seed=5, device="cpu"
    )
    counts = torch.bincount(torch.tensor([one.ids[4] for one in drawn]), minlength=len(shares)) / len(drawn)
    assert float((counts - shares).abs().sum()) / 2 < 0.12
    assert all(one.labels == 1 and one.ids[:4] == prompt.ids[:4] for one in drawn)


def test_samples_are_the_adapted_students_own(base: Path) -> None:
    """Cold samples are transformers' greedy texts, adapters and all, and the student stays as it was."""
    model = open_student(base, settings(base), torch.float32)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.3)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    prompts = [(9, 8, 7), (20, 30, 40, 50, 60, 9), (9, 8, 7), (5,)]
    cold = {"end_token": 2, "max_tokens": 12, "temperature": 1e-4, "seed": 1, "device": "cpu"}
    drawn = sample_rollouts(model, [Example((*prompt, 2), len(prompt)) for prompt in prompts], **cold)
    for prompt, one in zip(prompts, drawn, strict=True):
        ids = list(prompt)
        with torch.inference_mode():
            while len(ids) < len(prompt) + 12 and (len(ids) == len(prompt) or ids[-1] != 2):
                ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
        assert one.ids == tuple(ids)
    assert all(bool((weight == before[name]).all()) for name, weight in model.named_parameters())


def test_a_shorter_prompt_in_a_batch_is_answered_as_if_alone(base: Path) -> None:
    model = open_student(base, settings(base, method="full"), torch.bfloat16)
    short, long = Example((9, 8, 2), 2), Example((7, 6, 5, 9, 8, 2), 5)
    cold = {"end_token": 2, "max_tokens": 6, "temperature": 1e-3, "seed": 1, "device": "cpu"}
    (alone,) = sample_rollouts(model, [short], **cold)
    assert sample_rollouts(model, [short, long], **cold)[0] == alone


def test_an_encoder_decoder_samples_and_learns_from_its_teacher(tmp_path: Path) -> None:
    base = tiny_t5(tmp_path / "base", CORPUS)
    other = tiny_t5(tmp_path / "teacher", CORPUS, seed=1)
    chosen = distilled(base, other, lmbda=0.5, sample_tokens=6, learning_rate=1e-2)
    with one_thread():
        train(RATIONALES, chosen, tmp_path / "out")
        drawn = sample_rollouts(
            open_student(base, chosen, torch.bfloat16),
            [Example((9, 8, 7, END), 3)] * 8,
            end_token=END,
            max_tokens=6,
            temperature=1.0,
            seed=1,
            device="cpu",
        )
    assert losses(tmp_path / "out")[-1] < losses(tmp_path / "out")[0]
    assert len({one.ids for one in drawn}) > 1
    assert all(1 <= one.labels <= 6 and one.ids[:3] == (9, 8, 7) for one in drawn)


def test_every_loss_can_be_asked_for() -> None:
    assert get_args(TrainSettings.model_fields["loss"].annotation) == (*LOSSES, "preference")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "forward_kl"}, "needs a teacher"),
        ({"teacher": "smollm2-135m"}, "uses no teacher"),
        ({"lmbda": 0.5}, "lmbda needs a teacher"),
        ({"teacher_shots": 2}, "teacher_shots without a teacher"),
        ({"dev_problems": 5}, "need snapshots"),
        ({"average": "last"}, "need snapshots"),
        ({"snapshot_steps": 1, "dev_patience": 2}, "dev_patience needs dev_problems"),
        ({"thought_weights": {"cot": -1}}, "thought_weights below 0"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(changes: dict[str, Any], message: str) -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError, match=message):
        TrainSettings(**changes)
