"""Where an answer's time goes: every stage is counted once, and the answer is written as the model writes it."""

import pytest

from runtime.answering.completion import Generator
from runtime.engines.engine import Decoding
from runtime.solver.solver import Solver
from scripts.speed.answer_profile import SAID, medians, profile_table, profiled
from tests.runtime.fake_engine import FakeEngine


def test_stages_add_up_and_slow_tokens_are_the_engines() -> None:
    engine = FakeEngine({"<": "clips = 3\nans = clips * 4\nmore"}, token_s=0.002)
    questions = [f"<{number}> how many?" for number in range(3)]
    with Solver(workers=1) as solver:
        answers = list(profiled(Generator(engine), solver, questions, "eot", Decoding(100)))
    assert engine.generated == 3 * len("clips = 3\nans = clips * 4\n")
    for answer in answers:
        assert answer.decode > 2 * (len("clips = 3\nans = clips * 4\n") - 1)
        assert answer.prefill >= 2
        assert min(answer.tokenize, answer.each_token, answer.solve) > 0
    row = medians(answers)
    assert row["whole"] == pytest.approx(
        sum(value for name, value in row.items() if name != "whole"), rel=0.3
    )
    table = profile_table(answers)
    assert [line[0] for line in table.rows] == [*SAID.values(), "the whole answer"]
    assert sum(float(line[2].rstrip("%")) for line in table.rows[:-1]) == pytest.approx(100, abs=0.3)
