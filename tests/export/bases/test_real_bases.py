"""Real bases that are published as GGUF: our checkpoint of the file against llama.cpp on the very file."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from export.bases.base import base_checkpoint, base_files
from export.checkpoint import load_student, load_tokenizer
from export.gate.parity import divergence
from export.gate.probes import AWKWARD_TEXTS, probe_problems
from export.tokenizer import read_vocabulary
from runtime.engines.llama.engine import LlamaCppEngine
from runtime.values.environment import data_folder
from runtime.values.errors import MissingExtra
from runtime.values.prompt import render_prompt
from tests.runtime.fake_engine import fake_manifest

pytestmark = [pytest.mark.slow, pytest.mark.artifact]
NAMES = ("qwen2.5-coder-0.5b", "gemma-3-270m")
# Ids of end, begin and pad, and the end by its name.
SPECIAL = {
    "qwen2.5-coder-0.5b": ((151645, 151643, 151643), "<|im_end|>"),
    "gemma-3-270m": ((1, 2, 0), "<eos>"),
}
ROWS_A_FILE = 300


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def checkpoint(name: str) -> Path:
    try:
        return base_checkpoint(name)
    except MissingExtra as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(name: str, checkpoint: Path) -> Iterator[LlamaCppEngine]:
    (file,) = base_files(name).glob("*.gguf")
    opened = LlamaCppEngine(file, replace(fake_manifest(), context_tokens=2048), 2)
    yield opened
    opened.close()


def real_texts() -> Iterator[str]:
    """Questions and solutions of every data set that is here."""
    folder = data_folder()
    for path in sorted(folder.glob("*.jsonl*")) if folder else ():
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for _, line in zip(range(ROWS_A_FILE), lines, strict=False):
                row = json.loads(line)
                yield from (
                    row[key] for key in ("question", "solution", "text") if isinstance(row.get(key), str)
                )


def test_every_text_has_llama_cpps_ids(checkpoint: Path, engine: LlamaCppEngine) -> None:
    texts = [text.replace("\0", "") for text in (*real_texts(), *AWKWARD_TEXTS)]
    if len(texts) < 2000:
        pytest.skip("no data sets: set EDGETHOUGHT_DATA")
    ids = load_tokenizer(checkpoint)(texts, add_special_tokens=False)["input_ids"]
    assert [text for text, ours in zip(texts, ids, strict=True) if engine.encode(text) != ours] == []


def test_digits_stand_alone_and_the_end_is_the_models_own(name: str, checkpoint: Path) -> None:
    tokenizer, vocabulary = load_tokenizer(checkpoint), read_vocabulary(checkpoint)
    assert tokenizer.convert_ids_to_tokens(tokenizer.encode("1234.5")) == ["1", "2", "3", "4", ".", "5"]
    ids, end = SPECIAL[name]
    assert (vocabulary.end, vocabulary.begin, vocabulary.pad) == ids
    assert vocabulary.tokens[vocabulary.end] == end


def test_the_distribution_is_llama_cpps(name: str, checkpoint: Path, engine: LlamaCppEngine) -> None:
    """Gemma's behind its start token, without which rounding to four bits moves it more, and past its window."""
    import torch

    model, tokenizer = load_student(checkpoint), load_tokenizer(checkpoint)
    prompts = [
        tokenizer.encode(render_prompt(problem.question, "pot"), add_special_tokens=False)
        for problem in probe_problems()[:16]
    ]
    begin = [SPECIAL[name][0][1]] if name.startswith("gemma") else []
    for ids in (
        [*begin, *prompt] for prompt in (*prompts[:4], [token for prompt in prompts for token in prompt])
    ):
        with torch.inference_mode():
            expected = torch.log_softmax(model(torch.tensor([ids])).logits[0], dim=-1).numpy()
        mean, _, same = divergence(engine.logits(ids, len(ids)), expected)
        assert mean < 0.01
        assert same > 0.9
    assert len(ids) > 512
