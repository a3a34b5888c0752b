"""From question to Solution: what stops the model, what counts as solved, what a caller may ask for."""

import time
from fractions import Fraction
from pathlib import Path

import pytest

from runtime.answering import pipeline as solving
from runtime.answering.default_model import DEFAULT_FILE, artifact_folder, set_default
from runtime.answering.pipeline import Model
from runtime.engines.engine import Decoding
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest
from runtime.values.prompt import Thought
from tests.runtime.fake_engine import FakeEngine, fake_manifest

QUESTION = "Ann has 3 apples and buys 4 more. How many has she?"


def model(solver: Solver, engine: FakeEngine, manifest: Manifest | None = None) -> Model:
    return Model(engine, manifest or fake_manifest(), solver, load_ms=50.0)


def test_a_question_becomes_a_solution(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "a = 3\nans = a + 4"})
    solution = model(solver, engine).answer("  Ann has 3 apples\n and buys 4 more. How many has she?  ")
    assert engine.prompts == [f"Question: {QUESTION}\nEquations:\n"]
    assert solution.outcome.value == Fraction(7)
    assert (solution.thought, solution.text, solution.answer) == ("eot", "a = 3\nans = a + 4", "7")
    assert (solution.prompt_tokens, solution.generated_tokens) == (len(engine.prompts[0]), 17)
    assert solution.model == "fake"


def test_stage_times_add_up_and_loading_counts_once(solver: Solver) -> None:
    fake = model(solver, FakeEngine({"Equations:": "ans = 7"}, token_s=0.002))
    first, second = fake.answer(QUESTION).timings, fake.answer(QUESTION).timings
    assert (first.load, second.load) == (50.0, 0.0)
    assert first.decode >= 6 * 2
    for timings in (first, second):
        stages = timings.load + timings.prefill + timings.decode + timings.solve
        assert stages <= timings.total <= stages + 20


@pytest.mark.parametrize(
    ("thought", "reply"),
    [
        ("eot", "a = 3\nans = a + 4\n% and so on, for ever\n"),
        ("cot", "She has 3 + 4 = 7. The answer is 7.\nQuestion: and another one? "),
        ("cot", "She has 3 + 4 = 7. The answer is 7. Now for something else"),
        ("pot", "a = 3\nans = a + 4\nprint(ans)\nprint(ans)\n"),
    ],
)
def test_a_model_that_does_not_stop_is_stopped_when_the_thought_is_complete(
    solver: Solver, thought: Thought, reply: str
) -> None:
    engine = FakeEngine({QUESTION: reply}, endless=True)
    solution = model(solver, engine).answer(QUESTION, thought=thought)
    assert solution.answer == "7"
    assert engine.generated < len(reply)


def test_a_thought_cut_off_inside_a_number_is_not_solved(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "ans = 1234"})
    solution = model(solver, engine).answer(QUESTION, decoding=Decoding(max_tokens=8))
    assert solution.text == "ans = 12"
    assert (solution.outcome.status, solution.answer) == ("truncated", None)
    assert "8 tokens" in solution.outcome.reason


def test_the_artifact_says_how_much_may_be_written(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "a = 1\n"}, endless=True)
    solution = model(solver, engine, fake_manifest(max_tokens=30)).answer(QUESTION)
    assert (engine.generated, solution.outcome.status) == (30, "truncated")


@pytest.mark.parametrize(
    ("reply", "status"), [("", "no_thought"), ("why = ((", "bad_syntax"), ("a = 1", "ambiguous")]
)
def test_what_the_model_gets_wrong_is_a_status(solver: Solver, reply: str, status: str) -> None:
    solution = model(solver, FakeEngine({"Equations:": reply})).answer(QUESTION)
    assert (solution.outcome.status, solution.answer) == (status, None)
    assert solution.outcome.reason


def test_a_deadline_returns_in_time_and_says_so(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "a = 1\n"}, endless=True, token_s=0.005)
    started = time.perf_counter()
    solution = model(solver, engine, fake_manifest(max_tokens=2000)).answer(QUESTION, deadline_ms=100)
    assert time.perf_counter() - started < 0.5
    assert solution.outcome.status == "truncated"
    assert "deadline" in solution.outcome.reason


def test_a_deadline_keeps_an_answer_that_is_complete(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "ans = 7\n"}, token_s=0.005)
    assert model(solver, engine).answer(QUESTION, deadline_ms=10_000).answer == "7"


def test_fallback_goes_on_until_a_thought_is_solved(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = apples", "Equations:": "ans = 3 + 4"})
    solution = model(solver, engine).answer(QUESTION, mode="fallback")
    assert [prompt.splitlines()[-1] for prompt in engine.prompts] == ["Program:", "Equations:"]
    assert (solution.thought, solution.answer) == ("eot", "7")
    assert solution.generated_tokens == len("ans = apples") + len("ans = 3 + 4")


def test_lines_are_told_as_they_are_written(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "a = 3\n\nans = apples", "Equations:": "ans = 3 + 4"})
    told: list[tuple[str, str]] = []

    def watch(thought: str, line: str) -> None:
        told.append((thought, line))

    answering = model(solver, engine)
    answering.answer(QUESTION, mode="fallback", watch=watch)
    assert told == [("pot", "a = 3"), ("pot", ""), ("pot", "ans = apples"), ("eot", "ans = 3 + 4")]
    # Of this call alone; with log-probabilities, which take another way through the engine, too.
    answering.answer(QUESTION)
    assert len(told) == 4
    answering.answer(QUESTION, logprobs=True, watch=watch)
    assert told[4:] == [("eot", "ans = 3 + 4")]
    with pytest.raises(InputError, match="watch with mode vote; expected: a mode that writes one thought"):
        answering.answer(QUESTION, mode="vote", watch=watch)


def test_fallback_asks_only_for_thoughts_the_artifact_was_trained_for(solver: Solver) -> None:
    engine = FakeEngine({})
    solution = model(solver, engine, fake_manifest(thoughts=("cot", "eot"))).answer(QUESTION, mode="fallback")
    assert [prompt.splitlines()[-1] for prompt in engine.prompts] == ["Equations:", "Steps:"]
    assert (solution.thought, solution.answer) == ("eot", None)


def test_thoughts_about_one_question_share_its_prefix(solver: Solver) -> None:
    engine = FakeEngine({})
    model(solver, engine).answer(QUESTION, mode="fallback")
    assert engine.shared == [len(f"Question: {QUESTION}\n")] * 3


def test_a_vote_takes_the_value_most_samples_reach(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = 8", "Equations:": "ans = 3 + 4", "Steps:": "The answer is 7."})
    solution = model(solver, engine).answer(QUESTION, mode="vote", samples=3)
    assert (solution.thought, solution.answer, solution.votes) == ("eot", "7", {"7": 2, "8": 1})
    assert solution.generated_tokens == sum(map(len, engine.replies.values()))
    assert engine.last_streams is not None and engine.last_streams.most == 3


def test_only_solved_thoughts_vote(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = apples", "Equations:": "ans = = 4", "Steps:": "The answer is 7."})
    solution = model(solver, engine).answer(QUESTION, mode="vote", samples=9)
    assert (solution.answer, set(solution.votes)) == ("7", {"7"})


def test_adaptive_stops_at_two_answers_that_agree(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = 7", "Equations:": "ans = 3 + 4", "Steps:": "The answer is 8."})
    solution = model(solver, engine).answer(QUESTION, mode="adaptive", samples=6)
    assert (solution.answer, solution.votes, len(engine.prompts)) == ("7", {"7": 2}, 2)


def test_adaptive_asks_more_where_the_first_two_differ(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = 6", "Equations:": "ans = 3 + 4", "Steps:": "The answer is 7."})
    solution = model(solver, engine).answer(QUESTION, mode="adaptive", samples=3)
    assert (solution.answer, solution.votes, len(engine.prompts)) == ("7", {"7": 2, "6": 1}, 3)


def test_a_vote_over_one_thought_samples_it(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "ans = 7"})
    solution = model(solver, engine).answer(QUESTION, thought="eot", mode="vote", samples=5)
    assert (solution.votes, len(set(engine.prompts)), len(engine.prompts)) == ({"7": 3}, 1, 5)


def test_a_vote_keeps_its_deadline(solver: Solver) -> None:
    engine = FakeEngine({"Question": "a = 1\n"}, endless=True, token_s=0.002)
    started = time.perf_counter()
    solution = model(solver, engine, fake_manifest(max_tokens=2000)).answer(
        QUESTION, mode="vote", samples=4, deadline_ms=100
    )
    assert time.perf_counter() - started < 0.6
    assert (solution.answer, solution.outcome.status) == (None, "truncated")


def test_one_thought_alone_is_prefilled_in_one_pass(solver: Solver) -> None:
    engine = FakeEngine({})
    model(solver, engine).answer(QUESTION)
    assert engine.shared == [0]


BAD_CALLS: list[tuple[str, dict[str, object], str]] = [
    ("", {}, "empty"),
    (" \n\t ", {}, "empty"),
    ("x" * 100_000, {}, "100,000 characters"),
    ("a\x00b", {}, r"U\+0000"),
    ("a\x1b[31mb", {}, r"U\+001B"),
    ("a\udc80b", {}, r"U\+DC80"),
    ("why?", {"thought": "xyz"}, "expected: eot, pot, cot"),
    ("why?", {"mode": "both"}, "expected: single, fallback, vote, adaptive"),
    ("why?", {"mode": "vote", "samples": 1}, "samples is 1; expected: 2 to 64"),
    ("why?", {"mode": "fallback", "thought": "eot"}, "expected: no thought"),
    ("why?", {"decoding": Decoding(max_tokens=0)}, "1 or more"),
    ("why?", {"decoding": Decoding(temperature=-1)}, "0 \\(greedy\\)"),
    ("why?", {"decoding": Decoding(temperature=float("nan"))}, "0 \\(greedy\\)"),
    ("why? " * 700, {"decoding": Decoding(max_tokens=6000)}, "takes 3,5.. tokens; expected: 2,192"),
]


@pytest.mark.parametrize(("question", "options", "message"), BAD_CALLS)
def test_wrong_input_is_told_and_costs_nothing(
    solver: Solver, question: str, options: dict[str, object], message: str
) -> None:
    engine = FakeEngine({})
    with pytest.raises(InputError, match=message):
        model(solver, engine).answer(question, **options)  # type: ignore[arg-type]
    assert engine.prompts == []


def test_a_text_is_no_list_of_questions(solver: Solver) -> None:
    engine = FakeEngine({})
    one = model(solver, engine)
    for many in (one.answer_batch, one.sample_batch, one.uncalibrated_batch):
        with pytest.raises(InputError, match=r"the text 'How many.* expected: a list"):
            many("How many are there?")
    assert engine.prompts == []


def test_a_thought_the_artifact_was_not_trained_for_is_refused(solver: Solver) -> None:
    fake = model(solver, FakeEngine({}), fake_manifest(thoughts=("eot",)))
    with pytest.raises(InputError, match="not trained for thought cot; expected: eot"):
        fake.answer(QUESTION, thought="cot")


def test_closing_frees_engine_and_solver() -> None:
    engine = FakeEngine({})
    with model(Solver(workers=1), engine):
        pass
    assert engine.closed


def artifact(folder: Path, format: str = "gguf") -> Path:
    folder.mkdir(parents=True)
    from dataclasses import replace

    replace(fake_manifest(), format=format).save(folder)  # type: ignore[arg-type]
    return folder


@pytest.mark.usefixtures("home")
def test_without_any_model_the_user_hears_what_to_do() -> None:
    with pytest.raises(InputError, match=r"edgethought quickstart.*--model"):
        artifact_folder()


def test_the_default_is_the_first_that_can_run_here(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, gguf, onnx = (artifact(tmp_path / name, name[:4]) for name in ("gguf-0", "gguf-1", "onnx-1"))
    set_default([gone, gguf, onnx])
    (gone / "manifest.json").unlink()
    gone.rmdir()
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", lambda format: True)
    assert artifact_folder() == gguf
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", lambda format: format == "onnx")
    assert artifact_folder() == onnx
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", lambda format: False)
    with pytest.raises(InputError, match="no default model can run here"):
        artifact_folder()


def test_a_named_model_beats_the_environment_which_beats_the_default(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_default([artifact(tmp_path / "default")])
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", lambda format: True)
    assert artifact_folder() == tmp_path / "default"
    monkeypatch.setenv("EDGETHOUGHT_MODEL", str(tmp_path / "set"))
    assert artifact_folder() == tmp_path / "set"
    assert artifact_folder(tmp_path / "named") == tmp_path / "named"


@pytest.mark.parametrize(
    "content", ["", "[]", '{"artifacts": 3}', '{"artifacts": [3]}', '{"other": []}', "\x00"]
)
def test_a_damaged_default_is_told(home: Path, content: str) -> None:
    home.mkdir()
    (home / DEFAULT_FILE).write_text(content)
    with pytest.raises(InputError, match=r"default\.json .*delete it"):
        artifact_folder()


def test_only_an_artifact_can_be_the_default(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no artifact"):
        set_default([tmp_path])
    assert not (home / DEFAULT_FILE).exists()


def test_loading_a_folder_that_is_no_artifact_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no artifact"):
        solving.load(tmp_path)


def test_a_real_artifact_answers(gguf_artifact: Path) -> None:
    with solving.load(gguf_artifact) as real:
        solution = real.answer(QUESTION, decoding=real.decoding(max_tokens=8))
    assert solution.timings.load > 0
    assert solution.generated_tokens <= 8
    assert solution.outcome.status
