"""A tiny student in float32: our loop, alone and many at a time, writes what onnxruntime-genai's own loop writes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runtime.engines.engine import Decoding, Engine, Token
from runtime.engines.opening import open_engine
from runtime.engines.sampling import log_probability
from runtime.values.manifest import file_sha256
from tests.runtime.fake_engine import fake_manifest

pytestmark = [pytest.mark.slow, pytest.mark.torch]
LIMIT = 40
PROMPTS = [np.random.default_rng(seed).integers(3, 200, 5 + 23 * seed).tolist() for seed in range(4)]


@pytest.fixture(scope="module", params=["after every token", "after the last"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact whose graph gives logits after every token of a pass, or after its last one."""
    pytest.importorskip("onnx_ir")
    from export.checkpoint import read_card
    from export.onnx import decoder as onnx_folder
    from tests.tiny import tiny_checkpoint

    folder = tmp_path_factory.mktemp("tiny")
    checkpoint, out = tiny_checkpoint(folder / "checkpoint"), folder / "onnx"
    pruned = "prune_lm_head=" + ("true" if request.param == "after the last" else "false")
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(onnx_folder.EXTRA_OPTIONS, "fp32", [pruned])
        onnx_folder.write_onnx(checkpoint, read_card(checkpoint), out, "fp32")
    model = out / "model.onnx"
    replace(fake_manifest(), format="onnx", context_tokens=256, files={model.name: file_sha256(model)}).save(
        out
    )
    return out


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    opened = open_engine(folder, threads=1)
    yield opened
    opened.close()


def genai(folder: Path, prompt: list[int]) -> list[int]:
    """What the library's own loop writes."""
    import onnxruntime_genai as library

    model = library.Model(str(folder))
    settings = library.GeneratorParams(model)
    settings.set_search_options(max_length=256, do_sample=False)
    generator = library.Generator(model, settings)
    generator.append_tokens(np.array(prompt, np.int32))
    written: list[int] = []
    while len(written) < LIMIT and not generator.is_done():
        generator.generate_next_token()
        written.append(int(generator.get_next_tokens()[0]))
    return written


def test_one_stream_writes_what_the_librarys_loop_writes(folder: Path, engine: Engine) -> None:
    for prompt in PROMPTS:
        written = list(engine.generate(prompt, Decoding(LIMIT)))
        assert written == genai(folder, prompt)[: len(written)]
        assert len(written) == LIMIT or engine.ended()


def test_many_streams_write_what_each_writes_alone_with_the_very_probabilities(engine: Engine) -> None:
    streams = engine.streams(len(PROMPTS), 128)
    written: dict[int, list[Token]] = {}
    for place, prompt in enumerate(PROMPTS):
        # Each one starts when those before it have written some tokens.
        assert streams.start(prompt[:3], [(prompt[3:], Decoding(LIMIT))]) == [place]
        for one in (*streams.step(), *streams.step(), *streams.step()):
            written.setdefault(one.slot, []).append(one)
    while tokens := streams.step():
        for one in tokens:
            written[one.slot].append(one)
    streams.close()
    for place, prompt in enumerate(PROMPTS):
        ids = [token.id for token in written[place] if token.id is not None]
        assert ids == list(engine.generate(prompt, Decoding(LIMIT)))
        logits = engine.logits([*prompt, *ids], len(ids) + 1)
        for row, token in zip(logits, written[place], strict=False):
            if token.id is not None:
                assert token.logprob == pytest.approx(log_probability(row, token.id), abs=1e-3)
