"""Training sees the contract's prompt bytes, and labels what comes after them and nothing else."""

from pathlib import Path

import pytest

from distill.training.examples import tokenize
from export.checkpoint import load_tokenizer
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale
from tests.contract.vectors import PromptVector, prompt_vectors


@pytest.mark.parametrize("vector", prompt_vectors(), ids=lambda vector: vector.name)
def test_an_example_begins_with_the_contracts_prompt(base: Path, vector: PromptVector) -> None:
    tokenizer = load_tokenizer(base)
    rationale = Rationale(Problem("p", vector.question), vector.thought, "ans = 1  \n", "gold", True)
    (example,) = tokenize([rationale], tokenizer, 2)
    assert tokenizer.decode(example.ids[: example.prompt_len]) == vector.prompt
    assert tokenizer.decode(example.ids[example.prompt_len : -1]) == "ans = 1"
    assert example.ids[-1] == 2
