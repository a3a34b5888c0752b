"""Training learns, resumes exactly after a kill, and wastes no token on padding or prompts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from distill.training.batches import Pack, pack
from distill.training.checkpoints.card import data_sha256
from distill.training.examples import Example, plan_steps, tokenize
from distill.training.loop import learning_rate, train
from distill.training.losses.forward import pad
from distill.training.settings import TrainSettings
from export.adapters.adapter import read_adapter
from export.adapters.merge import merge_adapter
from export.checkpoint import load_student, load_tokenizer, read_card
from runtime.values.errors import InputError
from runtime.values.files import locked
from runtime.values.manifest import file_sha256
from runtime.values.prompt import render_prompt
from tests.distill.training.learning import RATIONALES, Killed, losses, same, settings, stop_at, weights
from tests.tiny import tiny_decoder
from tests.tiny_adapter import tiny_adapter


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_student_learns_and_its_checkpoint_stands_alone(base: Path, tmp_path: Path, method: str) -> None:
    report = train(RATIONALES, settings(base, method=method, epochs=12), tmp_path, near_duplicates=["svamp"])
    curve = losses(tmp_path)
    assert curve[-1] < 0.8 * curve[0]
    assert report.examples == len(RATIONALES)
    assert report.steps == len(curve) == 24
    card = read_card(tmp_path / "checkpoint")
    assert (card.thoughts, card.default_thought, card.base) == (("eot", "pot"), "eot", "tiny-0")
    assert card.near_duplicates == ("svamp",)
    assert not hasattr(load_student(tmp_path / "checkpoint"), "peft_config")


def test_a_killed_run_goes_on_as_if_nothing_had_happened(base: Path, tmp_path: Path) -> None:
    chosen = settings(base, save_interval_s=1e-9)
    train(RATIONALES, chosen, tmp_path / "whole")
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "killed", progress=stop_at(5))
    seen: list[int] = []
    train(RATIONALES, chosen, tmp_path / "killed", progress=lambda done, total, note: seen.append(done))
    assert seen == [6, 7, 8]
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    assert same(weights(tmp_path / "killed"), weights(tmp_path / "whole"))


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_quantised_student_learns_from_what_it_was_and_goes_on_after_a_kill(
    base: Path, tmp_path: Path, method: str
) -> None:
    chosen = settings(
        base,
        method=method,
        quantization="q4_0",
        loss="forward_kl",
        teacher=str(base),
        learning_rate=1e-3,
        save_interval_s=1e-9,
        epochs=8,
    )
    train(RATIONALES, chosen, tmp_path / "whole")
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "killed", progress=stop_at(5))
    train(RATIONALES, chosen, tmp_path / "killed")
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    assert same(weights(tmp_path / "killed"), weights(tmp_path / "whole"))
    # Its own rounding is all that keeps it from its teacher.
    assert losses(tmp_path / "whole")[-1] < 0.8 * losses(tmp_path / "whole")[0]
    assert "as gguf:q4_0 rounds" in (tmp_path / "whole" / "checkpoint" / "README.md").read_text()


@pytest.mark.parametrize("quantization", ["none", "q4_0"])
def test_the_adapter_that_is_left_merges_to_the_checkpoint_and_starts_another_run(
    base: Path, tmp_path: Path, quantization: str
) -> None:
    chosen = settings(base, quantization=quantization)
    train(RATIONALES, chosen, tmp_path / "first")
    adapter = tmp_path / "first" / "adapter"
    card = merge_adapter(adapter, base, tmp_path / "merged")
    taught = read_card(tmp_path / "first" / "checkpoint")
    assert card == replace(taught, merged=card.merged)
    assert taught.quantization == ("" if quantization == "none" else quantization)
    assert (taught.max_tokens, taught.data_sha256) == (64, data_sha256(RATIONALES))
    assert file_sha256(tmp_path / "merged" / "model.safetensors") == file_sha256(
        tmp_path / "first" / "checkpoint" / "model.safetensors"
    )
    further = settings(base, quantization=quantization, adapter=str(adapter), learning_rate=1e-9)
    train(RATIONALES, further, tmp_path / "second")
    assert same(weights(tmp_path / "second"), weights(tmp_path / "first"))
    assert losses(tmp_path / "second")[0] < losses(tmp_path / "first")[0]
    assert read_adapter(adapter).sha256 in (tmp_path / "second" / "checkpoint" / "README.md").read_text()


def test_a_run_does_not_go_on_with_another_first_adapter(base: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(base, tmp_path / "adapter")
    chosen = settings(base, adapter=str(adapter), save_interval_s=1e-9)
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "out", progress=stop_at(3))
    tiny_adapter(base, tmp_path / "adapter", seed=2)
    with pytest.raises(InputError, match="other data or settings"):
        train(RATIONALES, chosen, tmp_path / "out")


def test_another_rank_than_the_first_adapters_is_refused(base: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(base, tmp_path / "adapter")
    with pytest.raises(InputError, match=r"train\.rank 8 .* whose rank is 4; expected: train\.rank=4"):
        train(RATIONALES, settings(base, adapter=str(adapter), rank=8), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("vocabulary", ["full", "trimmed"])
def test_a_refused_run_leaves_no_folder(base: Path, tmp_path: Path, vocabulary: str) -> None:
    other = tiny_adapter(tiny_decoder(tmp_path / "other", "qwen3"), tmp_path / "adapter")
    refused = settings(base, adapter=str(other), vocabulary=vocabulary)
    fitted = settings(base, vocabulary=vocabulary, epochs=1)
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "out", tmp_path / "empty"):
        with pytest.raises(InputError, match="is for a base with"):
            train(RATIONALES, refused, out)
        assert not out.exists()
    train(RATIONALES, fitted, tmp_path / "out")
    with pytest.raises(InputError):
        train(RATIONALES, refused, tmp_path / "out")
    assert (tmp_path / "out" / "checkpoint").is_dir()


def test_an_adapter_for_a_student_that_learns_whole_is_refused(base: Path) -> None:
    with pytest.raises(ValueError, match="adapter with method full; expected: method=lora"):
        settings(base, method="full", adapter="somewhere")


def test_a_question_read_once_teaches_what_it_teaches_apart(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [
        *RATIONALES,
        *(replace(row, thought="pot" if row.thought == "eot" else "eot") for row in RATIONALES),
    ]
    read: list[int] = []

    def counted(micro: Sequence[Example]) -> Pack:
        packed = pack(micro)
        read.append(len(packed.ids))
        return packed

    monkeypatch.setattr("distill.training.kernels.decoder.pack", counted)
    chosen = settings(base, batch_size=len(both), epochs=1, max_tokens_per_batch=4096)
    apart = train(both, chosen, tmp_path / "apart")
    together = train(both, chosen.model_copy(update={"together": True}), tmp_path / "together")
    assert (apart.tokens, apart.labels) == (together.tokens, together.labels)
    assert apart.tokens >= read[0] > 0.9 * apart.tokens
    assert read[1] < 0.75 * apart.tokens
    assert losses(tmp_path / "together") == pytest.approx(losses(tmp_path / "apart"), abs=2e-3)


def test_a_state_of_other_settings_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(RATIONALES, settings(base, save_interval_s=1e-9), tmp_path, progress=stop_at(3))
    with pytest.raises(InputError, match="other data or settings"):
        train(RATIONALES, settings(base, learning_rate=1e-4), tmp_path)


def test_two_runs_do_not_train_in_one_folder(base: Path, tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(InputError, match="another run works in"):
        train(RATIONALES, settings(base), tmp_path)
    assert not (tmp_path / "metrics.jsonl").exists()
    assert train(RATIONALES, settings(base, epochs=1), tmp_path).steps == 2


def test_nothing_to_learn_from_is_said(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rationale to train on"):
        train([], settings(base), tmp_path)


def test_prompt_and_completion_are_tokenised_apart_and_end_with_the_end_token(base: Path) -> None:
    tokenizer = load_tokenizer(base)
    (example,) = tokenize(RATIONALES[:1], tokenizer, 2)
    prompt = render_prompt(RATIONALES[0].problem.question, "pot")
    assert tokenizer.decode(example.ids[: example.prompt_len]) == prompt
    assert tokenizer.decode(example.ids[example.prompt_len : -1]) == RATIONALES[0].text
    assert example.ids[-1] == 2


def test_the_plan_visits_everything_once_an_epoch_within_the_micro_batch_limit() -> None:
    examples = [Example(tuple(range(length)), 1) for length in (3, 9, 4, 30, 5, 8, 7)]
    units = [[example] for example in examples]
    steps = plan_steps(units, epochs=2, batch_size=3, max_tokens_per_batch=20, seed=1)
    visited = [example for step in steps for micro in step for example in micro]
    assert sorted(len(example.ids) for example in visited) == sorted([3, 9, 4, 30, 5, 8, 7] * 2)
    for step in steps:
        for micro in step:
            assert len(micro) == 1 or len(micro) * max(len(example.ids) for example in micro) <= 20
    assert steps == plan_steps(units, epochs=2, batch_size=3, max_tokens_per_batch=20, seed=1)
    assert steps != plan_steps(units, epochs=2, batch_size=3, max_tokens_per_batch=20, seed=2)


def test_labels_stand_where_the_next_token_is_the_completions() -> None:
    ids, labeled = pad([Example((5, 6, 7, 2), 2), Example((5, 6, 7, 8, 9, 2), 4)])
    assert ids.tolist() == [[5, 6, 7, 2, 0, 0], [5, 6, 7, 8, 9, 2]]
    assert ids.roll(-1, dims=1)[labeled].tolist() == [7, 2, 9, 2]


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ({}, 1e-3),
        ({"method": "full"}, 3e-4),
        ({"base": "qwen2.5-coder-0.5b"}, 3e-4),
        ({"base": "runs/one/checkpoint"}, 1e-3),
        ({"base": "qwen2.5-coder-0.5b", "learning_rate": 2e-4}, 2e-4),
    ],
)
def test_the_rate_is_the_bases_own_unless_given(given: dict[str, Any], rate: float) -> None:
    assert TrainSettings(**given).learning_rate == rate


def test_the_rate_warms_up_and_falls_to_a_tenth() -> None:
    chosen = TrainSettings(learning_rate=1.0, warmup_fraction=0.1)
    rates = [learning_rate(step, 100, chosen) for step in range(100)]
    assert rates[0] == 0.1
    assert max(rates) == rates[9] == 1.0
    assert 0.1 <= rates[-1] < 0.11
