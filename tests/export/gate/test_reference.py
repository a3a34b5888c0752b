"""The checkpoint's own answers are float32's, whoever drafts them."""

from pathlib import Path

import pytest

from export.building.build import export_checkpoint
from export.checkpoint import load_student, load_tokenizer, read_card
from export.gate import reference
from export.gate.probes import probe_problems
from export.gate.reference import checkpoint_reference
from export.targets import parse_targets
from runtime.values import pace
from runtime.values.prompt import render_prompt
from tests.tiny import tiny_checkpoint


def test_probes_say_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "LINE_EVERY_S", 0.0)
    lines: list[str] = []
    export_checkpoint(
        tiny_checkpoint(tmp_path / "tiny"), parse_targets("gguf:bf16"), tmp_path, progress=lines.append
    )
    for told in (
        "answers are written, token 2/24 (",
        "answers are checked, batch 1/4 (",
        "of the gate, 63/64 (",
    ):
        assert any(f"{told}under a minute left)" in line for line in lines)


@pytest.mark.parametrize("spread", [0.2, 0.02])
def test_answers_drafted_in_bfloat16_are_the_float32_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spread: float
) -> None:
    import torch

    # Weights of 0.02 leave it unsure of everything: drafts are wrong all the time.
    folder = tiny_checkpoint(tmp_path / "tiny", spread=spread)
    problems = probe_problems()[:6]
    found = {}
    for quick in (False, True):
        monkeypatch.setattr(reference, "quick_bfloat16", lambda quick=quick: quick)
        found[quick] = checkpoint_reference(folder, read_card(folder), problems)
    assert found[True].probes == found[False].probes
    for one, other in zip(found[True].log_probabilities, found[False].log_probabilities, strict=True):
        assert one.shape == other.shape
        assert abs(one - other).max() < 1e-4
    model, tokenizer = load_student(folder), load_tokenizer(folder)
    for probe in found[True].probes:
        prompt = tokenizer.encode(render_prompt(probe.problem.question, "eot"), add_special_tokens=False)
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *probe.completion]])).logits[0, len(prompt) - 1 : -1]
        assert tuple(logits.argmax(-1).tolist()) == probe.completion
