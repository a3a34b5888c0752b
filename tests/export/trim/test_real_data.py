"""The base trimmed to its training sets spells every one of their texts as before, to the last token."""

from pathlib import Path

import pytest

from benchmarks.tasks.loading import training_tasks
from edgethought.cli.distill.trim import corpus_texts
from edgethought.stages.problems import training_problems
from edgethought.stages.recipe import read_recipe
from edgethought.stages.tasks import MADE
from export.bases.base import base_checkpoint
from export.checkpoint import load_tokenizer
from export.tokenizer import read_vocabulary
from export.trim.base import encoded, question_texts, trim_base
from runtime.values.environment import data_folder
from runtime.values.errors import MissingExtra

SOURCES = (*training_tasks(), *MADE)


@pytest.fixture(scope="module")
def whole() -> Path:
    if data_folder() is None:
        pytest.skip("no data sets: set EDGETHOUGHT_DATA")
    try:
        return base_checkpoint("smollm2-135m")
    except MissingExtra as error:
        pytest.skip(str(error))


def all_texts(source: str) -> list[str]:
    """Every training prompt and gold rationale of a source, test questions' siblings too."""
    recipe = read_recipe("etd", [f"data={source}", "thoughts=eot,pot,cot"])
    training = training_problems(recipe)
    texts: list[str] = []
    for problem in training.problems:
        texts += question_texts(problem.question)
        texts += [row.text.rstrip() for row in training.teacher.annotate(problem, recipe.thoughts)]
    return texts


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["ship", "research"])
def test_texts_of_kept_tokens_are_spelled_as_before_and_all_come_back(
    whole: Path, tmp_path: Path, policy: str
) -> None:
    recipes = [
        read_recipe("etd", [f"data={source}", "thoughts=eot,pot,cot", f"policy={policy}"])
        for source in SOURCES
    ]
    trim_base(whole, corpus_texts(recipes), tmp_path / "small")
    old, new = read_vocabulary(whole).tokens, read_vocabulary(tmp_path / "small").tokens
    before, after = load_tokenizer(whole), load_tokenizer(tmp_path / "small")
    kept = set(new)
    for source in SOURCES:
        texts = all_texts(source)
        covered = 0
        for (text, first), (_, second) in zip(encoded(texts, before), encoded(texts, after), strict=True):
            spelled = [old[token] for token in first]
            if kept.issuperset(spelled):
                covered += 1
                assert [new[token] for token in second] == spelled, text
            assert after.decode(second) == text
        print(f"{policy} {source}: {covered:,} of {len(texts):,} texts are covered")
        if policy == "ship" and source in ("gsm8k", *MADE):
            assert covered > 0.99 * len(texts)
