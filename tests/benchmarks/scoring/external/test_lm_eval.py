"""Raw mode asks and judges as lm-evaluation-harness does, through a real server."""

from dataclasses import replace

import pytest

from benchmarks.scoring.external.lm_eval import (
    LmEvalModel,
    as_filtered,
    is_right,
    prompts,
)
from benchmarks.scoring.scores import ModelInfo, score_samples
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from tests.benchmarks.scripted_server import ScriptedServer, text_reply

EXAMPLES = [Problem(str(n), f"q{n}?", str(n), solution=f"so <<{n}={n}>>{n}\n#### {n}") for n in range(9)]


def test_each_question_gets_its_own_examples_in_lm_evals_format() -> None:
    first, second = prompts(["What?", "And?"], EXAMPLES, shots=2)
    # random.Random(1234) draws these from nine.
    assert first == (
        "Question: q7?\nAnswer: so <<7=7>>7\n#### 7\n\nQuestion: q1?\nAnswer: so <<1=1>>1\n#### 1\n\n"
        "Question: What?\nAnswer:"
    )
    assert second.endswith("Question: And?\nAnswer:") and second.count("Question:") == 3
    assert first.splitlines()[0] != second.splitlines()[0]
    with pytest.raises(InputError, match="9 examples"):
        next(prompts(["What?"], EXAMPLES, shots=10))


@pytest.mark.parametrize(
    ("text", "correct", "by_strict", "by_flexible"),
    [
        (" 3 + 4 = 7\n#### 7", True, True, True),
        (" It makes 7 eggs.", True, False, True),
        (" 7\n#### 8", False, False, False),
        (" #### 7.00", True, False, False),
        (" none", False, False, False),
        (" #### 7 or 9", False, True, False),
    ],
)
def test_replies_are_judged_by_both_filters(
    server: ScriptedServer, text: str, correct: bool, by_strict: bool, by_flexible: bool
) -> None:
    server.replies.append((200, text_reply(text)))
    model = LmEvalModel(server.completions(), {"What?": "Question: What?\nAnswer:"})
    (sample,) = score_samples(model, [Problem("1", "What?", "7")], ModelInfo("base", ""), task="gsm8k test")
    assert sample.correct is correct
    assert [is_right(sample, strictly=strictly) for strictly in (True, False)] == [by_strict, by_flexible]
    assert sample.tokens == {"prompt": 30, "generated": 5} and sample.timings_ms["total"] > 0
    assert not is_right(replace(sample, gold="9"), strictly=True)
    seen = as_filtered(sample)
    assert (seen.strict_correct, seen.correct) == (by_strict, by_flexible)


@pytest.mark.parametrize(
    ("text", "status", "value", "strict_value"),
    [
        (" It makes 7 eggs.", "solved", "7", None),
        (" It makes $1,200.", "solved", "1200", None),
        (" none", "no_thought", None, None),
        (" #### 7.\nSo 8", "solved", "8", "7"),
    ],
)
def test_both_filters_give_their_own_value(
    server: ScriptedServer, text: str, status: str, value: str | None, strict_value: str | None
) -> None:
    server.replies.append((200, text_reply(text)))
    model = LmEvalModel(server.completions(), {"What?": "Question: What?\nAnswer:"})
    (sample,) = score_samples(model, [Problem("1", "What?", "7")], ModelInfo("base", ""), task="gsm8k test")
    assert (sample.value, sample.strict_value) == (value, strict_value)
    seen = as_filtered(sample)
    assert (seen.status, seen.value, seen.strict_value) == (status, value, strict_value)
    assert (seen.reason == "") == (status == "solved")


def test_a_question_without_a_prompt_is_refused(server: ScriptedServer) -> None:
    with pytest.raises(InputError, match="has no prompt"):
        LmEvalModel(server.completions(), {}).answer("What?")
