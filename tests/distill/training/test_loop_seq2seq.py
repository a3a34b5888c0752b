"""An encoder-decoder student learns, resumes, is exported past the gate, and answers what it was taught."""

import json
from pathlib import Path

import pytest
import torch

from distill.training.examples import Example, tokenize
from distill.training.loop import train
from distill.training.losses.forward import pad_seq2seq, seq2seq_logits
from distill.training.settings import TrainSettings
from distill.training.student import open_student
from export.building.build import export_checkpoint
from export.checkpoint import load_student, load_tokenizer, read_card
from export.targets import parse_targets
from runtime.answering.pipeline import load
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.prompt import render_prompt
from runtime.values.rationale import Rationale
from tests.tiny_seq2seq import END, PAD, one_thread, tiny_t5

PROBLEMS = [
    (f"{who} has {had} {thing} and gets {got}. How many {thing} now?", had, got, thing)
    for who, had, got, thing in (("Tom", 2, 3, "pens"), ("Ann", 5, 4, "cups"), ("Sam", 7, 1, "hats"))
]
RATIONALES = [
    Rationale(
        Problem(f"p{index}", question, str(had + got)),
        "eot",
        f"{thing} = {had}\nans = {thing} + {got}",
        "gold",
        True,
    )
    for index, (question, had, got, thing) in enumerate(PROBLEMS)
]
CORPUS = [text for row in RATIONALES for text in (render_prompt(row.problem.question, row.thought), row.text)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_t5(tmp_path_factory.mktemp("t5") / "base", CORPUS)


def settings(base: Path, **changes: object) -> TrainSettings:
    values = {
        "base": str(base),
        "method": "full",
        "epochs": 100,
        "batch_size": 3,
        "learning_rate": 1e-2,
        "threads": 1,
    }
    return TrainSettings(**{**values, **changes})


def losses(out: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_what_it_was_taught_it_answers_as_an_artifact(base: Path, tmp_path: Path) -> None:
    with one_thread():
        report = train(RATIONALES, settings(base), tmp_path / "run", near_duplicates=["svamp"])
        curve = losses(tmp_path / "run")
        checkpoint = tmp_path / "run/checkpoint"
        (manifest,) = export_checkpoint(checkpoint, parse_targets("onnx:fp32"), tmp_path)
    assert curve[-1] < 0.05 < 2 < curve[0]
    assert report.labels == 100 * sum(len(load_ids(base, row)) for row in RATIONALES)
    card = read_card(checkpoint)
    assert (card.thoughts, card.default_thought, card.near_duplicates) == (("eot",), "eot", ("svamp",))
    assert manifest.architecture == "encoder-decoder"
    assert manifest.gate["mean_kl"] < 1e-4 and not manifest.gate["broken"]
    with load(tmp_path / "onnx-fp32", threads=1) as model:
        for row in RATIONALES:
            solution = model.answer(row.problem.question)
            assert solution.text == row.text
            assert str(solution.answer) == row.problem.answer


def load_ids(base: Path, row: Rationale) -> list[int]:
    return [*load_tokenizer(base).encode(row.text, add_special_tokens=False), END]


def test_adapters_learn_and_are_folded_in(base: Path, tmp_path: Path) -> None:
    with one_thread():
        train(RATIONALES, settings(base, method="lora", rank=8, epochs=40), tmp_path)
    curve = losses(tmp_path)
    assert curve[-1] < 0.8 * curve[0]
    before, after = load_student(base).state_dict(), load_student(tmp_path / "checkpoint").state_dict()
    assert before.keys() == after.keys()
    moved = {name for name in before if not bool((before[name] == after[name]).all())}
    assert {name.split(".")[-2] for name in moved} == {"q", "k", "v", "o", "wi_0", "wi_1", "wo"}


class Killed(Exception):
    """Stands for a kill in the middle of training."""


def test_a_killed_run_goes_on_as_if_nothing_had_happened(base: Path, tmp_path: Path) -> None:
    chosen = settings(base, epochs=4, batch_size=2, save_interval_s=1e-9)

    def stop(done: int, total: int, note: str) -> None:
        if done == 5:
            raise Killed

    with one_thread():
        train(RATIONALES, chosen, tmp_path / "whole")
        with pytest.raises(Killed):
            train(RATIONALES, chosen, tmp_path / "killed", progress=stop)
        train(RATIONALES, chosen, tmp_path / "killed")
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


@pytest.mark.parametrize("tied", [False, True])
def test_logits_are_the_models_own_and_no_padding_is_seen(tmp_path: Path, tied: bool) -> None:

    base = tiny_t5(tmp_path / "base", CORPUS, tied=tied)
    model = open_student(base, settings(base), torch.float32).eval()
    micro = [Example((9, 8, 7, 20, 21, END), 3), Example((9, 8, 7, 6, 5, 30, END), 5)]
    with one_thread(), torch.inference_mode():
        logits, targets = seq2seq_logits(model, micro, "cpu")
        alone = [
            model(
                torch.tensor([example.ids[: example.prompt_len]]),
                decoder_input_ids=torch.tensor([[PAD, *example.ids[example.prompt_len : -1]]]),
            ).logits[0]
            for example in micro
        ]
    assert targets.tolist() == [20, 21, END, 30, END]
    assert torch.allclose(logits, torch.cat(alone), atol=1e-4)


def test_prompts_and_thoughts_are_padded_apart() -> None:
    pairs = pad_seq2seq([Example((9, 8, 20, 21, END), 2), Example((7, 6, 5, END), 3)], PAD)
    assert pairs.prompts.tolist() == [[9, 8, 0], [7, 6, 5]]
    assert pairs.mask.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert pairs.written.tolist() == [[PAD, 20, 21], [PAD, 0, 0]]
    assert pairs.targets[pairs.labeled].tolist() == [20, 21, END, END]


def test_examples_end_with_the_tokenizers_own_end_token(base: Path) -> None:
    (example,) = tokenize(RATIONALES[:1], load_tokenizer(base), END)
    assert list(example.ids[example.prompt_len :]) == load_ids(base, RATIONALES[0])


def test_a_tokenizer_that_loses_line_breaks_is_refused(tmp_path: Path) -> None:
    base = tiny_t5(tmp_path / "base", CORPUS)
    file = base / "tokenizer.json"
    row = json.loads(file.read_text())
    row["normalizer"] = {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}
    file.write_text(json.dumps(row))
    with pytest.raises(InputError, match="line breaks"):
        train(RATIONALES, settings(base), tmp_path / "out")


def test_an_encoder_decoder_of_another_family_is_named(base: Path, tmp_path: Path) -> None:
    from transformers import BartConfig, BartForConditionalGeneration

    sizes = {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8}
    config = BartConfig(
        vocab_size=300, d_model=8, encoder_attention_heads=1, decoder_attention_heads=1, **sizes
    )
    BartForConditionalGeneration(config).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="type 'bart'; expected: t5"):
        open_student(tmp_path, settings(base), torch.float32)
