"""Where an answer's time goes: every stage is counted once, and the answer is written as the model writes it."""

import pytest

from runtime.answering.completion import Generator
from runtime.engines.engine import Decoding
from runtime.solver.solver import Solver
from scripts.speed.answer_profile import SAID, _stages, profile, profiled
from tests.runtime.fake_engine import FakeEngine


def test_stages_add_up_and_slow_tokens_are_the_engines() -> None:
    engine = FakeEngine({"<": "clips = 3\nans = clips * 4\nmore"}, token_s=0.002)
    questions = [f"<{number}> how many?" for number in range(3)]
    with Solver(workers=1) as solver:
        answers = [
            profiled(Generator(engine), solver, question, "eot", Decoding(100)) for question in questions
        ]
    assert engine.generated == 3 * len("clips = 3\nans = clips * 4\n")
    for answer in answers:
        assert answer.decode > 2 * (len("clips = 3\nans = clips * 4\n") - 1)
        assert answer.prefill >= 2
        assert min(answer.tokenize, answer.each_token, answer.solve) > 0
    assert {answer.text for answer in answers} == {"clips = 3\nans = clips * 4"}
    assert all(answer.prefill < answer.first_line < sum(_stages(answer)) for answer in answers)
    *stages, whole, first_line = profile(answers, answers[:2])
    assert first_line["ms"] < whole["ms"]
    assert whole["ms"] == pytest.approx(sum(row["ms"] for row in stages), rel=0.3)
    assert [row["stage"] for row in stages] == list(SAID) and whole["share"] == "100.0%"
    assert sum(float(row["share"].rstrip("%")) for row in stages) == pytest.approx(100, abs=0.3)
