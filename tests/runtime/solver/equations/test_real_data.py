"""The annotations that training sets carry, read as equations; needs EDGETHOUGHT_DATA."""

from collections import Counter
from itertools import islice

import pytest

from runtime.solver.budget import Budget
from runtime.solver.equations import eot
from runtime.solver.sentences import cot
from runtime.values.answers import matches_gold
from runtime.values.environment import data_folder
from runtime.values.files import read_jsonl

DATA = data_folder()
pytestmark = pytest.mark.skipif(DATA is None, reason="EDGETHOUGHT_DATA is not set")


def verdict(text: str, target: str | None, gold: str) -> str:
    outcome = eot.solve_eot(text, target, Budget(symbolic=True))
    return "right" if outcome.solved and matches_gold(outcome.value, gold) else outcome.status


def test_svamp_formulas_give_their_answers() -> None:
    assert DATA is not None
    rows = read_jsonl(DATA / "svamp_train.jsonl")
    counts = Counter(verdict(f"ans = {row['equation']}", None, row["answer"]) for row in rows)
    assert counts == {"right": 699, "solved": 1}  # svamp-680 is labelled wrong


def test_draw_systems_give_their_answers() -> None:
    assert DATA is not None
    for row in read_jsonl(DATA / "draw_train.jsonl"):
        names = sorted({character for character in row["equation"] if character.isalpha()})
        values = [eot.solve_eot(row["equation"], name, Budget(symbolic=True)).value for name in names]
        assert any(matches_gold(value, row["answer"], "paper") for value in values), row["id"]


def test_gsm8k_annotations_are_equations() -> None:
    assert DATA is not None
    for row in islice(read_jsonl(DATA / "gsm8k_train.jsonl.gz"), 500):
        steps = [part.partition(">>")[0] for part in row["solution"].split("<<")[1:]]
        text = "\n".join([*steps, *(f"ans = {steps[-1]}" if steps else "",)])
        if steps:
            assert eot.solve_eot(text, None, Budget()).status == "solved", row["id"]


def test_gsm8k_solutions_are_chains_with_true_statements() -> None:
    assert DATA is not None
    counts: Counter[str] = Counter()
    for row in islice(read_jsonl(DATA / "gsm8k_train.jsonl.gz"), 1_000):
        outcome = cot.solve_cot(row["solution"], None, Budget())
        assert matches_gold(outcome.value, row["answer"]), row["id"]
        counts["false"] += bool(cot.wrong_arithmetic(row["solution"]))
    assert counts["false"] <= 15  # remainders (`13 / 6 = 2`), changed units and a few slips of the writers
