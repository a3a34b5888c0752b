"""A checkpoint answers by our own passes as transformers lets it: alone, among many, and for every architecture."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.building.manifests import checkpoint_manifest
from export.checkpoint import load_student
from export.checkpoint_engine.engine import CheckpointEngine
from runtime.engines.engine import Decoding, Engine, Streams, Tail
from runtime.values.errors import InputError
from tests.tiny import tiny_checkpoint, tiny_decoder

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "llama": tiny_checkpoint,
    **{
        name: lambda folder, name=name: tiny_decoder(folder, name)  # type: ignore[misc]
        for name in ("qwen2", "qwen3", "gemma3_text")
    },
}
# Longer than Gemma's window of 16, and of different lengths.
TEXTS = (
    "Question: Ann has 48 clips and sells half as many in May. How many clips does she sell?\nEquations:\n",
    "Question: Tom has 5 pens.\nProgram:\n",
    "Question: A train goes 60 miles an hour for 3 hours. How far?\nSteps:\n",
    "Question: 12 boxes of 7 eggs, and 9 of the eggs break. How many are whole?\nEquations:\n",
    "Question: 2 and 2?\nEquations:\n",
)
LIMIT = 20


@pytest.fixture(scope="module", params=list(BUILDERS))
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return BUILDERS[request.param](tmp_path_factory.mktemp("student") / request.param)


@pytest.fixture(scope="module")
def engine(checkpoint: Path) -> Iterator[Engine]:
    import torch

    opened = CheckpointEngine(checkpoint, checkpoint_manifest(checkpoint), 1, dtype=torch.float32)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Any:
    return load_student(checkpoint)


def greedy(model: Any, prompt: Sequence[int], limit: int = LIMIT) -> list[int]:
    """What transformers writes after a prompt, up to its end token."""
    import torch

    with torch.inference_mode():
        written = model.generate(torch.tensor([prompt]), max_new_tokens=limit, do_sample=False)
    ids: list[int] = written[0, len(prompt) :].tolist()
    end = model.generation_config.eos_token_id
    return ids[: ids.index(end)] if end in ids else ids


def drained(streams: Streams, prompts: Sequence[tuple[Sequence[int], list[Tail]]]) -> list[list[int]]:
    """Every tail's text, started as slots fall free."""
    found: list[list[int]] = [[] for _, tails in prompts for _ in tails]
    waiting, on, begun = list(prompts), dict[int, int](), 0
    while waiting or on:
        while waiting and streams.free() >= len(waiting[0][1]):
            prefix, tails = waiting.pop(0)
            on |= {slot: begun + place for place, slot in enumerate(streams.start(prefix, tails))}
            begun += len(tails)
        for token in streams.step():
            found[on[token.slot]] += [] if token.id is None else [token.id]
            if token.left:
                del on[token.slot]
    return found


def test_logits_are_transformers(engine: Engine, model: Any) -> None:
    import torch

    for text in TEXTS:
        ids = engine.encode(text)
        with torch.inference_mode():
            expected = model(torch.tensor([ids])).logits[0].numpy()
        assert np.abs(engine.logits(ids, len(ids)) - expected).max() < 1e-5


def test_one_text_is_what_transformers_writes(engine: Engine, model: Any) -> None:
    for text in TEXTS:
        ids = engine.encode(text)
        expected = greedy(model, ids)
        assert list(engine.generate(ids, Decoding(LIMIT))) == expected
        # In two parts, the second time with the first one kept.
        for _ in range(2):
            assert list(engine.generate(ids, Decoding(LIMIT), shared=len(ids) // 2)) == expected


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_many_texts_are_each_what_it_is_alone(engine: Engine, model: Any, slots: int) -> None:
    prompts = [engine.encode(text) for text in TEXTS]
    limits = [LIMIT - 3 * place for place in range(len(TEXTS))]
    streams = engine.streams(slots, 256)
    asked: list[tuple[Sequence[int], list[Tail]]] = [
        ((), [(ids, Decoding(limit))]) for ids, limit in zip(prompts, limits, strict=True)
    ]
    found = drained(streams, asked)
    streams.close()
    assert found == [greedy(model, ids, limit) for ids, limit in zip(prompts, limits, strict=True)]


def test_samples_of_a_question_share_its_prefix_and_go_by_their_seeds(engine: Engine, model: Any) -> None:
    prefix, tails = (
        engine.encode("Question: Ann has 48 clips.\n"),
        [engine.encode("Program:\n"), engine.encode("Steps:\n")],
    )
    decodings = [
        Decoding(LIMIT),
        Decoding(LIMIT, temperature=1.0, seed=3),
        Decoding(LIMIT, temperature=1.0, seed=3),
    ]
    streams = engine.streams(6, 256)
    asked: list[Tail] = [(tail, decoding) for tail in tails for decoding in decodings]
    first, again = drained(streams, [(prefix, asked)]), drained(streams, [(prefix, asked)])
    streams.close()
    assert first == again
    for place, tail in enumerate(tails):
        one, sampled, same_seed = first[3 * place : 3 * place + 3]
        assert one == greedy(model, [*prefix, *tail])
        assert sampled == same_seed != one


def test_a_pass_that_was_stopped_ends_the_text(engine: Engine) -> None:
    ids = engine.encode(TEXTS[0])
    text = engine.generate(ids, Decoding(LIMIT))
    next(text)
    engine.interrupt()
    assert list(text) == [] and not engine.ended()
    assert len(list(engine.generate(ids, Decoding(3)))) == 3


def test_a_prompt_beyond_the_context_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="expected: 2,048 together"):
        list(engine.generate([5] * 2048, Decoding(1)))


def test_no_states_are_promised(engine: Engine) -> None:
    with pytest.raises(InputError, match="expected: a GGUF artifact"):
        engine.streams(2, 64, states=True)


def test_products_in_bfloat16_are_torchs_own() -> None:
    import torch

    from export.checkpoint_engine.decoder import Linear

    torch.manual_seed(0)
    parts = [
        torch.nn.Linear(96, width, bias=bias, dtype=torch.bfloat16)
        for width, bias in ((64, True), (32, True))
    ]
    joined = Linear(parts)
    for rows in (1, 3, 64, 100):
        states = torch.randn(rows, 96, dtype=torch.bfloat16)
        with torch.inference_mode():
            expected = torch.cat([part(states) for part in parts], dim=1)
            assert torch.allclose(joined(states).float(), expected.float(), atol=0.02)


def test_prefixes_that_are_kept_are_read_once(
    engine: Engine, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = [engine.encode(f"Question: {text}\n") for text in ("Ann has 48 clips.", "Tom has 5 pens.")]
    tail = engine.encode("Program:\n")
    assert isinstance(engine, CheckpointEngine)
    streams = engine.streams(1, 128, kept=heads)
    read: list[int] = []
    rows = streams._rows
    monkeypatch.setattr(
        rows, "read", lambda row, ids, *rest, run=rows.read: (read.append(len(ids)), run(row, ids, *rest))[1]
    )
    asked: list[tuple[Sequence[int], list[Tail]]] = [(heads[n % 2], [(tail, Decoding(4))]) for n in range(6)]
    found = drained(streams, asked)
    streams.close()
    assert found == [greedy(model, [*heads[n % 2], *tail], 4) for n in range(6)]
    assert read == [len(tail)] * 6
