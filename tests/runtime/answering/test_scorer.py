"""A scorer reads as torch reads it, chooses among solved samples only, and is refused in a line where it does not fit."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runtime.answering.pipeline import Model
from runtime.answering.scorer import read_scorer
from runtime.answering.votes import best_scored
from runtime.engines.engine import States
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution
from tests.runtime.fake_engine import FakeEngine, fake_manifest

WIDTH = 4
QUESTION = "How many apples are there?"
ABOUT = {"thoughts": "pot,eot", "trained_on": "stories", "figures": '{"auc": 0.8}'}


def write_tensors(file: Path, arrays: dict[str, Any], metadata: dict[str, str] | None = None) -> Path:
    """A safetensors file, written as the format says."""
    header: dict[str, Any] = {"__metadata__": metadata or {}}
    data = b""
    for name, array in arrays.items():
        values = np.asarray(array)
        kind = {"float32": "F32", "float16": "F16", "int32": "I32"}[str(values.dtype)]
        end = len(data) + values.nbytes
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [len(data), end]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return file


def weights(width: int = WIDTH, hidden: int = 3, seed: int = 0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    shapes = {
        "mean": (2 * width,),
        "w1": (hidden, 2 * width),
        "b1": (hidden,),
        "w2": (1, hidden),
        "b2": (1,),
    }
    arrays = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return {**arrays, "std": random.uniform(0.5, 2, 2 * width).astype(np.float32)}


def prefers_long(width: int = WIDTH) -> dict[str, Any]:
    """A scorer that thinks the more of a thought the longer it is; the fake engine's states are its length."""
    ones = np.ones((1, 2 * width), np.float32)
    flat = np.zeros(2 * width, np.float32)
    return {
        "mean": flat,
        "std": flat + 1,
        "w1": ones * 0.01,
        "b1": np.ones(1, np.float32),
        "w2": np.ones((1, 1), np.float32),
        "b2": np.zeros(1, np.float32),
    }


def model(
    solver: Solver,
    engine: FakeEngine,
    tmp_path: Path,
    about: dict[str, Any] | None = None,
    width: int = WIDTH,
) -> Model:
    file = write_tensors(tmp_path / "scorer.safetensors", prefers_long(width))
    manifest = replace(fake_manifest(), scorer={"kind": "probe"} if about is None else about)
    return Model(engine, manifest, solver, scorer_file=file)


@pytest.mark.torch
def test_the_score_is_torchs(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    arrays = weights(width=32, hidden=16)
    scorer = read_scorer(write_tensors(tmp_path / "scorer.safetensors", arrays), 32)
    w = {name: torch.from_numpy(array) for name, array in arrays.items()}
    random = np.random.default_rng(1)
    for _ in range(5):
        end, mean = random.normal(size=(2, 32)).astype(np.float32)
        x = (torch.from_numpy(np.concatenate([end, mean])) - w["mean"]) / w["std"]
        hidden = torch.nn.functional.gelu(x @ w["w1"].T + w["b1"])
        theirs = (hidden @ w["w2"].T + w["b2"]).item()
        assert scorer.logit(States(end, mean)) == pytest.approx(theirs, abs=1e-4)
        assert scorer.score(States(end, mean)) == pytest.approx(1 / (1 + np.exp(-theirs)), abs=1e-5)


def test_a_scorer_says_what_it_is(tmp_path: Path) -> None:
    half = {name: array.astype(np.float16) for name, array in weights().items()}
    scorer = read_scorer(write_tensors(tmp_path / "scorer.safetensors", half, ABOUT))
    assert scorer.width == WIDTH
    assert scorer.about["thoughts"] == ["pot", "eot"]
    assert scorer.about["trained_on"] == "stories"
    assert scorer.about["figures"] == {"auc": 0.8}
    assert scorer.about["kind"] == "probe"


WRONG: list[tuple[dict[str, Any], dict[str, str], str]] = [
    (weights(6), {}, r"scores states of width 6; expected: the student's 4"),
    ({**weights(), "w1": np.zeros((3, 5), np.float32)}, {}, "is no scorer; expected: mean, std, w1"),
    ({"mean": np.zeros(8, np.float32)}, {}, "is no scorer; expected"),
    (
        {**weights(), "b2": np.zeros(1, np.int32)},
        {},
        r"is no safetensors file of 32 or 16 bit floats \(KeyError",
    ),
    (
        weights(),
        {"thoughts": "pot,poem"},
        "scores the thoughts pot, poem; expected: cot, eot, pot|expected: ",
    ),
    (weights(), {"figures": "high"}, "figures that are no JSON"),
]


@pytest.mark.parametrize(("arrays", "metadata", "message"), WRONG)
def test_what_is_no_scorer_of_this_student_is_one_line(
    tmp_path: Path, arrays: dict[str, Any], metadata: dict[str, str], message: str
) -> None:
    file = write_tensors(tmp_path / "scorer.safetensors", arrays, metadata)
    with pytest.raises(InputError, match=message) as error:
        read_scorer(file, WIDTH)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b"\x08", b"\xff" * 64, b"<!doctype html><html>" * 9])
def test_a_file_of_something_else_is_one_line(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "scorer.safetensors"
    file.write_bytes(data)
    with pytest.raises(InputError, match="is no safetensors file"):
        read_scorer(file)
    with pytest.raises(InputError, match="no file"):
        read_scorer(tmp_path / "none.safetensors")


def test_the_best_scored_solved_sample_answers(solver: Solver, tmp_path: Path) -> None:
    engine = FakeEngine(
        {"Program:": "ans = 5", "Equations:": "a = 2\nans = a + 1", "Steps:": "?" * 60}, state_width=WIDTH
    )
    chosen = model(solver, engine, tmp_path)
    solution = chosen.answer(QUESTION, mode="best_of", samples=6)
    assert (solution.answer, solution.thought, solution.votes) == ("3", "eot", {"5": 2, "3": 2})
    assert solution.score is not None and 0.5 < solution.score < 1 and solution.confidence is None
    read = len("Question: " + QUESTION + "\n") + sum(map(len, ("Program:\n", "Equations:\n", "Steps:\n")))
    assert solution.prompt_tokens == read
    assert solution.to_row()["score"] == round(solution.score, 4)
    assert chosen.answer(QUESTION, mode="vote", samples=6).answer == "5"
    assert not {"confidence", "score"} & chosen.answer(QUESTION).to_row().keys()
    (again,) = chosen.answer_batch([QUESTION], mode="best_of", samples=6, streams=4)
    assert (again.answer, again.score) == ("3", solution.score)


def test_a_thought_is_written_to_the_models_own_end(solver: Solver, tmp_path: Path) -> None:
    engine = FakeEngine({"Equations:": "ans = 5\nb = 7"}, state_width=WIDTH)
    solution = model(solver, engine, tmp_path).answer(QUESTION, mode="best_of", samples=2, thought="eot")
    assert solution.text == "ans = 5\nb = 7"


def test_a_scorer_chooses_among_the_thoughts_it_knows(solver: Solver, tmp_path: Path) -> None:
    engine = FakeEngine({"": "ans = 1"}, state_width=WIDTH)
    chosen = model(solver, engine, tmp_path, {"thoughts": ["pot", "eot"]})
    chosen.answer(QUESTION, mode="best_of", samples=4)
    assert [prompt.splitlines()[-1] for prompt in engine.prompts] == ["Program:", "Equations:"] * 2
    with pytest.raises(InputError, match="does not know thought cot; expected: pot, eot"):
        chosen.answer(QUESTION, mode="best_of", thought="cot")


def test_where_none_is_solved_the_first_says_why(solver: Solver, tmp_path: Path) -> None:
    engine = FakeEngine({"Program:": "ans = x", "Equations:": "a = ("}, state_width=WIDTH)
    chosen = model(solver, engine, tmp_path, {"thoughts": ["pot", "eot"]})
    solution = chosen.answer(QUESTION, mode="best_of", samples=4)
    assert (solution.outcome.solved, solution.thought, solution.score) == (False, "pot", None)
    endless = FakeEngine({"Equations:": "ans = 4\n"}, endless=True, state_width=WIDTH)
    cut = model(solver, endless, tmp_path).answer(QUESTION, mode="best_of", samples=2, thought="eot")
    assert (cut.answer, cut.score) == ("4", None)


REFUSED: list[tuple[dict[str, Any] | None, int, int, str]] = [
    (
        {},
        WIDTH,
        WIDTH,
        "fake has no scorer, which mode best_of needs; expected: an artifact that `edgethought model get",
    ),
    (None, 0, WIDTH, "fake gives no hidden states, which its scorer reads; expected: a GGUF artifact"),
    (None, 6, WIDTH, "scores states of width 4; expected: the student's 6"),
]


@pytest.mark.parametrize(("about", "state_width", "width", "message"), REFUSED)
def test_best_of_without_what_it_needs_is_one_line(
    solver: Solver, tmp_path: Path, about: dict[str, Any] | None, state_width: int, width: int, message: str
) -> None:
    chosen = model(solver, FakeEngine({"": "ans = 1"}, state_width=state_width), tmp_path, about, width)
    with pytest.raises(InputError, match=message):
        chosen.answer(QUESTION, mode="best_of")
    with pytest.raises(InputError, match=message):
        chosen.answer_batch([QUESTION], mode="best_of")
    with pytest.raises(InputError, match="mode 'worst_of'; expected: single"):
        chosen.answer_batch([QUESTION], mode="worst_of")  # type: ignore[arg-type]


def test_the_earliest_of_equals_is_taken() -> None:
    def solution(text: str, score: float | None, status: Any = "solved") -> Solution:
        return Solution("eot", text, Outcome(status), "fake", score=score)

    tried = [
        solution("none", None),
        solution("one", 0.5),
        solution("two", 0.5),
        solution("bad", 0.9, "refused"),
    ]
    assert best_scored(tried).text == "one"
