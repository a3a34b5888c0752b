"""A teacher with other tokens reads what its student writes, after worked examples too, and is followed."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from distill.teachers.chat.prompts import annotation_prompt
from distill.training.examples import Example
from distill.training.loop import train
from distill.training.losses.divergences import LOSSES, DivergenceConfig
from distill.training.losses.forward import labeled_logits
from distill.training.losses.spelling import END, token_bytes, unspaced, whole_text
from distill.training.losses.teacher_model import Teacher, open_teacher
from distill.training.plan import TrainingPlan, make_training_plan
from distill.training.settings import TrainSettings
from distill.training.student import open_student
from export.checkpoint import (
    CheckpointCard,
    load_student,
    load_tokenizer,
    read_config,
    save_card,
    save_student,
)
from export.tokenizer import Vocabulary, end_token, save_tokenizer
from runtime.values.errors import InputError
from runtime.values.prompt import chat_template, render_prompt
from tests.distill.training.learning import RATIONALES, Killed, losses, rows, same, settings, stop_at, weights
from tests.tiny import tiny_checkpoint, tiny_decoder, tiny_vocabulary
from tests.tiny_seq2seq import CORPUS, one_thread, tiny_t5

TEXTS = ["ans = 2 + 3", "pens = 4\nans = pens * 12.50", "é 漢 🙂 \t!", "ans"]


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters, where the student's are bytes; spaces have a sign."""
    return tiny_decoder(tmp_path_factory.mktemp("tiny") / "gemma", "gemma3_text", seed=1)


def distilled(base: Path, teacher: Path, **changes: Any) -> TrainSettings:
    return settings(base, **{"teacher": str(teacher), "loss": "forward_kl", "method": "full", **changes})


def opened(base: Path, chosen: TrainSettings) -> tuple[TrainingPlan, Teacher]:
    plan = make_training_plan(RATIONALES, base, chosen, ())
    assert plan.teacher is not None
    return plan, open_teacher(plan.teacher, base, plan.end_token, "cpu", torch.float32)


@pytest.mark.parametrize("kind", ["llama", "qwen2", "gemma3_text", "t5"])
def test_the_bytes_of_every_id(tmp_path: Path, kind: str) -> None:
    """Put together they are the text that the ids were made of."""
    if kind == "llama":
        folder = tiny_checkpoint(tmp_path / kind)
    else:
        folder = tiny_t5(tmp_path / kind, CORPUS) if kind == "t5" else tiny_decoder(tmp_path / kind, kind)
    end, size = end_token(folder), read_config(folder)["vocab_size"]
    table, tokenizer = token_bytes(folder, size, end), load_tokenizer(folder)
    assert (len(table), table[end]) == (size, END)
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False)
        assert b"".join(unspaced([table[token] for token in ids])).decode() == text
    assert sum(token == END for token in table) == 1


def test_a_text_up_to_its_end_or_to_what_is_none() -> None:
    assert whole_text(b"ans = 3" + END) == ("ans = 3", True)
    assert whole_text(b"ans = 3") == ("ans = 3", False)
    assert whole_text(b"ans = \xc3" + END) == ("ans = ", False)
    assert whole_text(END) == ("", True)


@pytest.mark.parametrize("loss", ["forward_kl", "reverse_kl", "jensen_shannon"])
def test_a_student_moves_towards_a_teacher_with_other_tokens(
    base: Path, gemma: Path, tmp_path: Path, loss: str
) -> None:
    train(RATIONALES, distilled(base, gemma, loss=loss, epochs=10), tmp_path)
    curve = losses(tmp_path)
    assert curve[-1] < 0.7 * curve[0]


def test_own_samples_after_worked_examples_and_a_kill(base: Path, gemma: Path, tmp_path: Path) -> None:
    """Killed in the middle, a run on its own samples ends with the very same numbers and weights."""
    chosen = distilled(
        base, gemma, lmbda=0.5, sample_tokens=6, epochs=4, teacher_shots=2, save_interval_s=1e-9
    )
    train(RATIONALES, chosen, tmp_path / "one")
    assert 0 < sum(row["samples"] for row in rows(tmp_path / "one")) < len(rows(tmp_path / "one"))
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "killed", progress=stop_at(3))
    train(RATIONALES, chosen, tmp_path / "killed")
    assert rows(tmp_path / "one") == rows(tmp_path / "killed")
    assert same(weights(tmp_path / "one"), weights(tmp_path / "killed"))


def test_an_encoder_decoder_learns_from_a_decoder(base: Path, tmp_path: Path) -> None:
    t5 = tiny_t5(tmp_path / "t5", CORPUS)
    with one_thread():
        train(RATIONALES, distilled(t5, base, learning_rate=1e-2, epochs=8), tmp_path / "out")
    assert losses(tmp_path / "out")[-1] < losses(tmp_path / "out")[0]


def test_the_same_model_under_other_ids_has_nothing_to_teach(base: Path, tmp_path: Path) -> None:
    teacher = reversed_ids(base, tmp_path / "teacher")
    student = open_student(base, settings(base, method="full"), torch.float32)
    plan, opened_teacher = opened(base, distilled(base, teacher))
    assert opened_teacher.spelling is not None
    logits, _ = labeled_logits(student, plan.kept, "cpu")
    for name in ("forward_kl", "reverse_kl", "jensen_shannon"):
        assert opened_teacher.compare(logits, plan.kept, LOSSES[name], DivergenceConfig()).item() < 1e-3
        other = logits.flip(0)
        assert opened_teacher.compare(other, plan.kept, LOSSES[name], DivergenceConfig()).item() > 1


def reversed_ids(base: Path, folder: Path) -> Path:
    """The same model, with the last token first."""
    model, known = load_student(base), tiny_vocabulary()
    with torch.no_grad():
        weight = model.get_input_embeddings().weight
        weight.copy_(weight.flip(0))
    last = len(known.tokens) - 1
    places = {name: last - getattr(known, name) for name in ("begin", "end", "pad", "unknown")}
    vocabulary = Vocabulary(known.tokens[::-1], known.types[::-1], known.merges, known.kind_name, **places)
    save_student(model, folder)
    save_tokenizer(vocabulary, folder, chat_template("eot"))
    save_card(CheckpointCard(base="reversed", license="Apache-2.0"), folder)
    return folder


def test_what_the_teacher_reads(base: Path, gemma: Path) -> None:
    plan, teacher = opened(base, distilled(base, gemma, teacher_shots=2))
    assert teacher.reading is not None and plan.teacher is not None
    tokenizer = load_tokenizer(gemma)
    example, row = plan.kept[0], RATIONALES[0]
    read = tokenizer.decode(list(teacher.reading.prompt(example.ids[: example.prompt_len])))
    _, question, reply, *_ = (message["content"] for message in annotation_prompt(row.thought).head)
    assert read.startswith(render_prompt(question, row.thought) + reply + "\n\nQuestion: ")
    assert read.endswith("\n\n" + render_prompt(row.problem.question, row.thought))
    # After the examples a thought ends with the break before the next question.
    assert tokenizer.decode([teacher.reading.end]) == "\n\n"


def test_a_run_of_another_number_of_worked_examples_is_another_run(base: Path, gemma: Path) -> None:
    plans = [
        make_training_plan(RATIONALES, base, distilled(base, gemma, teacher_shots=n), ()) for n in (0, 1, 2)
    ]
    assert len({plan.sha256 for plan in plans}) == 3


def test_a_teacher_with_the_same_tokens_needs_no_spans(base: Path, tmp_path: Path) -> None:
    other = tiny_checkpoint(tmp_path / "other", seed=1)
    plan = make_training_plan(RATIONALES, base, distilled(base, other), ())
    assert plan.teacher is not None and plan.teacher.reading is None
    file = other / "tokenizer.json"
    row = json.loads(file.read_text())
    row["model"]["vocab"] = {
        {"ans": "sna"}.get(piece, piece): n for piece, n in row["model"]["vocab"].items()
    }
    row["model"]["merges"] = [merge for merge in row["model"]["merges"] if "".join(merge) != "ans"]
    file.write_text(json.dumps(row))
    plan = make_training_plan(RATIONALES, base, distilled(base, other), ())
    assert plan.teacher is not None and plan.teacher.reading is not None


def test_a_teacher_that_is_not_here_is_told(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected"):
        train(RATIONALES, distilled(base, tmp_path / "nothing"), tmp_path / "out")


def test_samples_that_are_no_text_or_no_more_than_an_end(base: Path, gemma: Path) -> None:
    """Broken bytes have nothing to compare; an end alone has its one place."""
    plan, teacher = opened(base, distilled(base, gemma))
    student = open_student(base, settings(base, method="full"), torch.float32)
    prompt = plan.kept[0].ids[: plan.kept[0].prompt_len]
    assert teacher.spelling is not None
    broken = teacher.spelling.ours.index(b"\xff")
    for completion, compared in (((broken, broken), False), ((plan.end_token,), True)):
        micro = [Example((*prompt, *completion), len(prompt))]
        logits, _ = labeled_logits(student, micro, "cpu")
        loss = teacher.compare(logits, micro, LOSSES["jensen_shannon"], DivergenceConfig())
        loss.backward()
        assert bool(loss > 0) is compared
        assert all(
            bool(torch.isfinite(one.grad).all()) for one in student.parameters() if one.grad is not None
        )
