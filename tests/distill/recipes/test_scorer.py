"""A scorer learns from judged samples, on the very states that a device has, and a device reads it."""

from pathlib import Path

import pytest

from distill.labeling.filters import Decontamination, HeldOut
from distill.recipes.judged import Judged, balanced, read_samples
from distill.recipes.scorer import ScorerReport, _save, collect_states, train_scorer
from edgethought.cli.distill.scorer import scorer_command
from export.checkpoint import load_student, load_tokenizer, student_hashes
from export.tokenizer import end_token
from runtime.answering.scorer import read_scorer
from runtime.engines.engine import States
from runtime.solver.solver import Solver
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import write_jsonl
from runtime.values.problem import Problem
from runtime.values.prompt import render_prompt
from tests.tiny import tiny_qwen


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen(tmp_path_factory.mktemp("tiny") / "base")


def rows(count: int) -> list[dict[str, object]]:
    """Sums, each once right and twice wrong."""
    texts = ("ans = {} + 5", "ans = {} - 5", "ans = {} * 5")
    return [
        {
            "question": f"Ann has {n} pens and buys 5. How many has she?",
            "answer": str(n + 5),
            "thought": thought,
            "text": text.format(n),
        }
        for n in range(10, 10 + count)
        for text in texts
        for thought in ("pot", "eot")
    ]


def test_samples_are_judged_by_the_solver_and_cleaned(tmp_path: Path, solver: Solver) -> None:
    known = {
        "t-1": Problem("t-1", "How many are 2 and 3?", "5"),
        "t-2": Problem("t-2", "A test question?", "1"),
    }
    samples = [
        {"id": "t-1", "thought": "pot", "text": "ans = 2 + 3"},
        {"id": "t-1", "thought": "eot", "text": "ans = 2 * 3\n", "right": True},
        {"id": "t-1", "thought": "eot", "text": "ans = ("},
        {"id": "t-2", "thought": "eot", "text": "ans = 1"},
    ]
    write_jsonl(tmp_path / "samples.jsonl", samples)
    against = Decontamination([HeldOut("A test question?")], "drop")
    assert list(read_samples(tmp_path / "samples.jsonl", known, against, solver)) == [
        Judged("How many are 2 and 3?", "pot", "ans = 2 + 3", True),
        Judged("How many are 2 and 3?", "eot", "ans = 2 * 3", False),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"id": "t-9", "thought": "pot", "text": "ans = 1"},
            "row 1 has id 't-9'; expected: question and answer",
        ),
        ({"id": "t-9", "thought": "rhyme", "text": "ans = 1"}, "row 1 is no sample; expected: thought"),
        ({"question": "Q?", "answer": "many", "thought": "pot", "text": "a"}, "many"),
    ],
)
def test_a_row_that_cannot_be_judged_is_one_line(
    tmp_path: Path, solver: Solver, row: dict[str, object], message: str
) -> None:
    write_jsonl(tmp_path / "samples.jsonl", [row])
    with pytest.raises(InputError, match=message):
        list(read_samples(tmp_path / "samples.jsonl", {}, Decontamination([], "drop"), solver))


def test_no_question_outweighs_another_and_kinds_are_balanced() -> None:
    samples = [Judged("a", "pot", f"ans = {n}", n < 3) for n in range(40)]
    samples += [Judged("b", "eot", f"ans = {n}", True) for n in range(40)] + samples[:9]
    first, second = balanced(samples, limit=0, seed=1)
    assert (sum(one.right for one in first), len(first)) == (3, 7)
    assert (sum(one.right for one in second), len(second)) == (4, 4)
    assert balanced(samples, limit=0, seed=1) == [first, second]
    assert len(balanced(samples, limit=1, seed=1)) == 1


def test_states_are_those_of_each_sample_alone(checkpoint: Path) -> None:
    import torch

    texts = ["ans = 1 + 2", "ans = 5", "a = 3\nb = a * 2\nans = b"]
    group = [Judged("How many?", thought, text, True) for text in texts for thought in ("pot", "eot")]
    together = collect_states(checkpoint, [group, group[:1]], lambda *step: None)
    model, tokenizer = load_student(checkpoint), load_tokenizer(checkpoint)
    for found, one in zip(together, [*group, group[0]], strict=True):
        prompt = tokenizer.encode(render_prompt(one.question, one.thought), add_special_tokens=False)
        text = tokenizer.encode(one.text, add_special_tokens=False)
        with torch.inference_mode():
            ids = torch.tensor([[*prompt, *text, end_token(checkpoint)]])
            states = model.model(ids).last_hidden_state[0]
        expected = torch.cat([states[-1], states[len(prompt) : -1].mean(0)])
        assert torch.allclose(found, expected, atol=0.1)


def test_the_command_trains_a_scorer_that_a_device_reads(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_jsonl(tmp_path / "samples.jsonl", rows(120))
    scorer_command(
        checkpoint, tmp_path / "samples.jsonl", "etd", tmp_path / "mine.safetensors", limit=0, seed=0
    )
    assert "600 samples, 240 right" in capsys.readouterr().out
    scorer = read_scorer(tmp_path / "mine.safetensors", 64)
    assert scorer.about["thoughts"] == ["pot", "eot"]
    assert scorer.about["student"] == [*student_hashes(checkpoint)]
    assert scorer.about["figures"]["held out"]["auc"] > 0.9
    group = [Judged(str(row["question"]), row["thought"], str(row["text"]), False) for row in rows(1)]  # type: ignore[arg-type]
    states = collect_states(checkpoint, [group], lambda *step: None).numpy()
    confidences = [scorer.score(States(row[:64], row[64:])) for row in states]
    assert min(confidences[:2]) > max(confidences[2:])
    scorer_command(
        checkpoint, tmp_path / "samples.jsonl", "etd", tmp_path / "again.safetensors", limit=0, seed=0
    )
    again = read_scorer(tmp_path / "again.safetensors")
    assert all((again.weights[name] == weight).all() for name, weight in scorer.weights.items())


def test_too_few_questions_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    groups = [[Judged("How many?", "pot", "ans = 1", True), Judged("How many?", "pot", "ans = 2", False)]]
    with pytest.raises(
        InputError, match=r"1 questions with right and wrong samples; expected: 40 or more, .*sample"
    ):
        train_scorer(
            checkpoint, groups, tmp_path / "s.safetensors", source="x", seed=0, progress=lambda *step: None
        )


def test_what_is_no_scorer_is_not_overwritten(checkpoint: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    for place, message in ((other, "is there and no scorer"), (tmp_path, "is a folder; expected: a file")):
        with pytest.raises(InputError, match=message):
            train_scorer(checkpoint, [], place, source="s", seed=0, progress=lambda *step: None)
    assert other.read_text() == "mine"


def test_a_disk_that_is_full_is_one_line(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError

    def full(*given: object, **others: object) -> None:
        raise SafetensorError("File too large (os error 27)")

    report = ScorerReport(1, 1, 1, 1, 1, 1.0, 1.0, 1.0)
    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(WorkFailed, match=r"could not be written .*os error 27.*; expected: room on the disk"):
        _save(tmp_path / "scorer.safetensors", {}, report, [], source="s", student=())
    assert not list(tmp_path.glob("scorer*"))
