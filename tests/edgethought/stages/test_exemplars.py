"""Worked examples are verified, follow the seed, and come from what training may see."""

import json
from pathlib import Path

import pytest

from edgethought.stages.asking.exemplars import worked_examples
from runtime.values.errors import InputError
from runtime.values.prompt import THOUGHTS, Thought

ROWS = [
    {
        "id": f"gsm8k_train-{n}",
        "question": f"Ann has {n} pens and buys {n} more. How many pens does she have?",
        "answer": str(2 * n if n != 4 else 99),
        "solution": f"Ann has {n} + {n} = <<{n}+{n}={2 * n}>>{2 * n} pens.\n#### {2 * n}",
    }
    for n in range(2, 9)
]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gsm8k_train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits" / "gsm8k_dev_1000.json").write_text('["gsm8k_train-2"]')
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))


@pytest.mark.parametrize("thought", THOUGHTS)
def test_stories_are_written_in_any_thought(thought: Thought) -> None:
    examples = worked_examples("stories", thought)
    assert len({example.question for example in examples}) == 4
    for example in examples:
        assert ("The answer is" in example.text) == (thought == "cot")
        assert thought == "cot" or "ans = " in example.text


def test_the_seed_chooses_and_nothing_else_does() -> None:
    assert worked_examples("stories", "eot", seed=3) == worked_examples("stories", "eot", seed=3)
    assert worked_examples("stories", "eot", seed=3) != worked_examples("stories", "eot", seed=4)


@pytest.mark.usefixtures("data")
def test_a_tasks_examples_are_from_its_training_split_and_verified() -> None:
    drawn = worked_examples("gsm8k", "eot", shots=5, seed=1)
    asked = {row["question"] for row in ROWS if row["id"] not in ("gsm8k_train-2", "gsm8k_train-4")}
    assert {example.question for example in drawn} == asked  # dev and the wrongly labelled one are left out
    assert drawn != worked_examples("gsm8k", "eot", shots=5, seed=2)


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("source", "shots", "complaint"),
    [
        ("gsm8k", 6, "gsm8k gives 5 worked examples as eot"),
        ("asdiv", 4, "no train split"),
        ("nothing", 4, "no task 'nothing'"),
        ("stories", 0, "0 worked examples; expected: 1 to 32"),
    ],
)
def test_a_source_without_enough_is_refused(source: str, shots: int, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        worked_examples(source, "eot", shots=shots)
