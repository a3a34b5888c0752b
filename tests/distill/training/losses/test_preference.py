"""Right samples become likelier than wrong ones of their prompt, and stay likely."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from distill.training.examples import Example
from distill.training.kernels.decoder import packed_decoder
from distill.training.loop import train
from distill.training.losses.forward import labeled_logits
from distill.training.losses.objective import Objective
from distill.training.losses.preference import preference_loss
from distill.training.plan import make_training_plan
from distill.training.student import open_student
from export.checkpoint import load_student
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale
from tests.distill.training.learning import RATIONALES, losses, settings
from tests.tiny_seq2seq import CORPUS, one_thread, tiny_t5

PROMPT, OTHER = tuple(range(10, 30)), tuple(range(30, 52))
MICRO = [
    Example((*PROMPT, 5, 6, 7, 2), 20),
    Example((*PROMPT, 5, 8, 2), 20, right=False),
    Example((*PROMPT, 9, 2), 20, right=False),
    Example((*OTHER, 7, 8, 2), 22),
    Example((*OTHER, 7, 9, 2), 22, right=False),
]
# Two prompts, whose right answers are each the other's wrong ones.
ROWS = [
    Rationale(Problem("", question), "pot", text, "", verified=right)
    for question, texts in (("How many are 1 and 2?", "+-"), ("What is left of 1 less 2?", "-+"))
    for text, right in ((f"ans = 1 {texts[0]} 2", True), (f"ans = 1 {texts[1]} 2", False))
]


def test_the_loss_is_that_of_the_papers() -> None:
    found = preference_loss(torch.arange(1.0, 16.0), MICRO, beta=0.1, imitation=0.5)
    # By hand: sums of 1..4, 5..7, 8 and 9; 10..12, 13..15.
    first = (math.log1p(math.exp(-0.1 * (18 - 10))) + math.log1p(math.exp(-0.1 * (17 - 10)))) / 2
    second = math.log1p(math.exp(-0.1 * (42 - 33)))
    assert found.item() == pytest.approx(9 * (first + 0.5 * 10 / 4) + 6 * (second + 0.5 * 33 / 3), rel=1e-6)


def test_a_prompt_without_pairs_is_imitated_or_nothing() -> None:
    right, wrong = [replace(MICRO[0])], [MICRO[1]]
    assert preference_loss(torch.ones(4), right, beta=1, imitation=1).item() == 4.0
    assert preference_loss(torch.ones(4), right, beta=1, imitation=0).item() == 0.0
    assert preference_loss(torch.ones(3), wrong, beta=1, imitation=1).item() == 0.0


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_packed_way_has_the_gradients_of_the_plain_one(base: Path, method: str) -> None:
    chosen = settings(base, method=method, loss="preference")
    objective = Objective(chosen, 2, "cpu")
    found = []
    for packed in (False, True):
        with one_thread():
            model = open_student(base, chosen, torch.float32)
            decoder = packed_decoder(model)[0] if packed else None
            loss = objective.loss(model, MICRO, decoder=decoder)
            torch.autograd.backward(loss / 15)
        grads = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
        found.append((loss.item(), grads))
    (plain, expected), (value, gradients) = found
    assert value == pytest.approx(plain, rel=1e-5)
    assert gradients.keys() == expected.keys()
    for name, gradient in expected.items():
        limit = 2e-5 * float(gradient.abs().max())
        torch.testing.assert_close(gradients[name], gradient, rtol=0, atol=limit, msg=name)


def likelihoods(checkpoint: Path, rows: Sequence[Rationale]) -> list[float]:
    """Of each rationale's text, in nats."""
    plan = make_training_plan(rows, checkpoint, settings(checkpoint, loss="preference"), ())
    with torch.inference_mode():
        logits, targets = labeled_logits(load_student(checkpoint).eval(), plan.kept, "cpu")
        nats = -torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")
    return [part.sum().item() for part in torch.split(nats, [one.labels for one in plan.kept])]


def test_a_student_learns_which_is_right_and_keeps_it_likely(base: Path, tmp_path: Path) -> None:
    train(ROWS, settings(base, loss="preference", method="full", epochs=40, batch_size=4), tmp_path)
    curve = losses(tmp_path)
    assert curve[-1] < 0.5 * curve[0]
    before, after = (likelihoods(folder, ROWS) for folder in (base, tmp_path / "checkpoint"))
    assert max(abs(before[0] - before[1]), abs(before[2] - before[3])) < 2
    assert min(after[0] - after[1], after[2] - after[3]) > 3
    assert after[0] > before[0] and after[2] > before[2]
    card = (tmp_path / "checkpoint/README.md").read_text()
    assert "| rationales | 4, written by nobody named; 2 of them wrong ones" in card


def test_an_encoder_decoder_learns_it_too(tmp_path: Path) -> None:
    base = tiny_t5(tmp_path / "base", [*CORPUS, *(row.problem.question + row.text for row in ROWS)])
    with one_thread():
        train(
            ROWS, settings(base, loss="preference", method="full", epochs=20, batch_size=4), tmp_path / "out"
        )
    curve = losses(tmp_path / "out")
    assert curve[-1] < 0.7 * curve[0]


def test_a_set_without_wrong_ones_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="no prompt that has right and wrong rationales; expected: what `dist"
    ):
        train(RATIONALES, settings(base, loss="preference"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
