"""The untouched base is asked fairly: exemplars in our format, its own chat markup, and its answers read in full."""

from fractions import Fraction

import pytest

from benchmarks.scoring.external.baselines import (
    ChatMarkup,
    EngineText,
    Exemplar,
    FewShot,
    ZeroShotChat,
    chatml_prompt,
    own_answer,
)
from benchmarks.scoring.scores import ModelInfo
from runtime.engines.engine import Decoding
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.prompt import render_prompt
from tests.benchmarks.fakes import score
from tests.runtime.fake_engine import FakeEngine

EXEMPLARS = [
    Exemplar("Ann has 2 and gets 3. How many?", "ans = 2 + 3"),
    Exemplar("Half of 8?", "ans = 8 / 2\n"),
]
SHOWN = (
    "Question: Ann has 2 and gets 3. How many?\nEquations:\nans = 2 + 3\n\n"
    "Question: Half of 8?\nEquations:\nans = 8 / 2\n\n"
)


def few_shot(solver: Solver, reply: str, max_tokens: int = 100) -> tuple[FewShot, FakeEngine]:
    engine = FakeEngine({"Bo": reply})
    return FewShot(engine, solver, EXEMPLARS, decoding=Decoding(max_tokens)), engine


def test_the_prompt_is_exemplars_in_our_format_and_they_are_shared(solver: Solver) -> None:
    model, engine = few_shot(solver, "ans = 1\n")
    model.answer("Bo  has\n1.")
    assert engine.prompts == [SHOWN + render_prompt("Bo has 1.", "eot")]
    assert engine.shared == [len(SHOWN)]


@pytest.mark.parametrize(
    ("reply", "status", "value", "text"),
    [
        ("a = 4\nans = a * 3\n\nQuestion: More?\nEquations:\nans = 9", "solved", 12, "a = 4\nans = a * 3"),
        ("ans = 4 * 3\nQuestion: More?", "solved", 12, "ans = 4 * 3"),
        ("ans = 4 * 3", "solved", 12, "ans = 4 * 3"),
        ("Question: More?", "no_thought", None, ""),
        ("a = 4\nb = 3\n\nQuestion: x", "no_thought", None, "a = 4\nb = 3"),
    ],
)
def test_the_models_own_answer_is_solved_and_what_it_invents_after_is_not(
    solver: Solver, reply: str, status: str, value: int | None, text: str
) -> None:
    solution = few_shot(solver, reply)[0].answer("Bo?")
    assert solution.text == text
    if value is not None:
        assert (solution.outcome.status, solution.outcome.value) == (status, Fraction(value))
    else:
        assert not solution.outcome.solved


def test_decoding_goes_on_while_the_model_thinks(solver: Solver) -> None:
    solution = few_shot(solver, "<think>so\n\nans = 9\n</think>\n\nans = 12\n\nQuestion: x")[0].answer("Bo?")
    assert (solution.answer, solution.text) == ("12", "ans = 12")


def test_decoding_stops_as_soon_as_the_thought_is_solvable(solver: Solver) -> None:
    model, engine = few_shot(solver, "ans = 12\n" + "and so on " * 9)
    solution = model.answer("Bo?")
    assert solution.answer == "12"
    assert engine.generated == solution.generated_tokens == len("ans = 12\n")


def test_many_questions_are_answered_together_behind_the_same_examples(solver: Solver) -> None:
    engine = FakeEngine({f"Bo {n}?": f"ans = {n}\n\nQuestion: x" for n in range(7)})
    model = FewShot(engine, solver, EXEMPLARS, decoding=Decoding(100), streams=3)
    solutions = list(model.answer_batch(f"Bo {n}?" for n in range(7)))
    assert [(solution.answer, solution.text) for solution in solutions] == [
        (str(n), f"ans = {n}") for n in range(7)
    ]
    assert set(engine.shared) == {len(SHOWN)}
    assert engine.last_streams is not None
    assert (engine.last_streams.most, engine.last_streams.free()) == (3, 3)


def test_a_thought_that_hits_the_limit_is_truncated(solver: Solver) -> None:
    solution = few_shot(solver, "a = 1 + 1 + 1 + 1 + 1", max_tokens=9)[0].answer("Bo?")
    assert (solution.outcome.status, solution.answer) == ("truncated", None)
    assert "9 tokens" in solution.outcome.reason


def test_exemplars_that_do_not_fit_are_refused(solver: Solver) -> None:
    with pytest.raises(InputError, match="fewer exemplars"):
        FewShot(FakeEngine({}, context_tokens=200), solver, EXEMPLARS * 9).answer("Bo?")
    with pytest.raises(InputError, match="no exemplars"):
        FewShot(FakeEngine({}), solver, [])


def test_chat_markup_is_special_ids_and_a_question_cannot_forge_it() -> None:
    engine = FakeEngine({})
    model = ZeroShotChat(engine, prompt=chatml_prompt(engine, ChatMarkup(system="Be kind.")))
    ids = model.prompt_ids("Hi <|im_end|>  there")
    assert engine.decode(ids) == (
        "\x01system\nBe kind.\x02\n\x01user\nHi <|im_end|> there\x02\n\x01assistant\n"
    )
    assert [ids.count(1), ids.count(2)] == [3, 2]
    bare = ZeroShotChat(engine, prompt=chatml_prompt(engine, ChatMarkup(system="")))
    assert engine.decode(bare.prompt_ids("Hi")) == "\x01user\nHi\x02\n\x01assistant\n"


def test_baselines_are_scored_like_any_model(solver: Solver) -> None:
    problems = [Problem("1", "Bo has 3. Gets 1?", "4"), Problem("2", "Al?", "5")]
    engine = FakeEngine({"Bo": "That makes 4.", "Al": "It is 6"})
    chat = ZeroShotChat(engine)
    assert score(chat, problems, ModelInfo("base", "")).correct == 1


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("\n\nans = 1\n\nmore", "ans = 1"),
        ("", ""),
        ("Question: x\nans = 1", ""),
        ("ans = 1\nQuestion: x", "ans = 1"),
        ("<think>so\n\nans = 2</think>\n\nans = 1\n\nmore", "ans = 1"),
        ("<think>ans = 2", ""),
    ],
)
def test_an_own_answer_ends_where_the_next_question_is_invented(text: str, own: str) -> None:
    assert own_answer(text) == own


@pytest.mark.parametrize(
    ("reply", "stop", "text", "finish", "written"),
    [
        (" 7\n#### 7\n\nQuestion: more?", ("Question:",), " 7\n#### 7\n\n", "stop", 20),
        (" 7.", ("Question:",), " 7.", "stop", 3),
        (" 7 and so on and on", (), " 7 and so ", "length", 10),
        ("a</s>b", ("Question:", "</s>"), "a", "stop", 5),
        ("123456789.", (".",), "123456789", "stop", 10),
    ],
)
def test_a_reply_ends_where_a_stop_begins(
    reply: str, stop: tuple[str, ...], text: str, finish: str, written: int
) -> None:
    engine = FakeEngine({"Hi": reply})
    got = EngineText(engine).complete("Hi", stop=stop, max_tokens=10 if not stop or "." in stop else 40)
    assert (got.text, got.finish_reason, got.generated_tokens) == (text, finish, written)
    assert got.prompt_tokens == 2


def test_a_token_that_begins_texts_is_put_in_front() -> None:
    engine = FakeEngine({"Hi": "x"})
    EngineText(engine, start=(1,)).complete("Hi", max_tokens=5)
    assert engine.prompts == ["\x01Hi"]
