"""What the onnx engine adds to the rules of all streams: rows that move, and prompts that are read once, or in parts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runtime.engines.engine import Decoding, Engine, Tail
from runtime.engines.onnx import rows as onnx_rows
from runtime.engines.onnx.rows import Rows
from runtime.engines.opening import open_engine
from runtime.engines.row_streams import RowStreams
from runtime.values.errors import InputError
from runtime.values.prompt import render_prompt

QUESTIONS = (
    "Ann has 48 clips and sells half as many in May. How many clips does she sell in all?",
    "A train goes 60 miles an hour for 3 hours. How far does it go?",
    "Tom has 5 pens.",
    "There are 12 boxes of 7 eggs, and 9 of the eggs break on the way to the shop. How many eggs are whole?",
)
LIMIT = 16


@pytest.fixture(scope="module")
def engine(onnx_artifact: Path) -> Iterator[Engine]:
    opened = open_engine(onnx_artifact)
    yield opened
    opened.close()


@pytest.fixture
def streams(engine: Engine) -> Iterator[RowStreams]:
    opened = engine.streams(4, 256)
    assert isinstance(opened, RowStreams)
    yield opened
    opened.close()
    opened.close()


def prompt(engine: Engine, question: str) -> Tail:
    return engine.encode(render_prompt(question, "eot")), Decoding(LIMIT)


def alone(engine: Engine, question: str) -> list[int | None]:
    return list(engine.generate(*prompt(engine, question)))


def test_unlike_streams_write_what_each_writes_alone_while_others_come_and_go(
    engine: Engine, streams: RowStreams
) -> None:
    written: dict[str, list[int | None]] = {question: [] for question in QUESTIONS}
    running: dict[int, str] = {}

    def start(question: str) -> int:
        (slot,) = streams.start([], [prompt(engine, question)])
        running[slot] = question
        written[question] = []
        step()  # Its first token, which nobody else has to wait for.
        return slot

    def step() -> None:
        for token in streams.step():
            written[running[token.slot]].append(token.id)

    slots = [start(question) for question in QUESTIONS[:3]]
    step()
    streams.stop(slots[0])
    step()  # The last row moves into the gap.
    assert sorted(stream.row for stream in streams._streams.values()) == [0, 1]
    assert start(QUESTIONS[3]) == slots[0]
    start(QUESTIONS[0])
    while streams.free() < streams.slots:
        step()
    assert written == {question: alone(engine, question) for question in QUESTIONS}


def test_samples_of_one_prompt_are_read_once(
    engine: Engine, streams: RowStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    run = Rows._run

    def counted(rows: Rows, first: int, ids: object, lengths: object) -> object:
        read.append(sum(map(len, ids)))  # type: ignore[attr-defined]
        return run(rows, first, ids, lengths)  # type: ignore[arg-type]

    ids, decoding = prompt(engine, QUESTIONS[0])
    monkeypatch.setattr(Rows, "_run", counted)
    tails = [(ids[8:], replace(decoding, temperature=1.2, seed=seed)) for seed in (1, 2, 3)]
    slots = streams.start(ids[:8], [*tails, (ids[8:], decoding)])
    first = sorted(streams.step(), key=lambda token: slots.index(token.slot))
    assert read == [len(ids)]
    assert first[3].id == alone(engine, QUESTIONS[0])[0]
    assert len({token.logprob for token in first}) > 1


def test_a_prompt_read_in_parts_comes_to_the_same_logits(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = engine.encode("one two three four five six seven eight nine ten. " * 4)
    parts = []
    for size in (7, 20, 512):
        monkeypatch.setattr(onnx_rows, "READ_TOKENS_EVERY", size)
        monkeypatch.setattr(onnx_rows, "READ_TOKENS", size)
        engine._rows = None  # type: ignore[attr-defined]
        parts.append(engine.logits(ids, 25))
    engine._rows = None  # type: ignore[attr-defined]
    assert parts[0].shape == (25, parts[0].shape[1])
    for part in parts[1:]:
        assert np.abs(part - parts[0]).max() < 0.05 * np.abs(parts[0]).max()
        assert (part.argmax(1) == parts[0].argmax(1)).mean() >= 0.9


def test_a_reading_that_failed_leaves_no_prefix_behind(
    engine: Engine, streams: RowStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, decoding = prompt(engine, QUESTIONS[1])
    with monkeypatch.context() as patched:
        patched.setattr(Rows, "read", lambda *given: (_ for _ in ()).throw(RuntimeError("stopped")))
        with pytest.raises(RuntimeError, match="stopped"):
            streams.start(ids[:8], [(ids[8:], decoding)])
    assert streams.free() == streams.slots
    streams.start(ids[:8], [(ids[8:], decoding)])
    (token,) = streams.step()
    assert token.id == alone(engine, QUESTIONS[1])[0]


def test_a_closed_engine_says_so(onnx_artifact: Path) -> None:
    engine = open_engine(onnx_artifact)
    engine.close()
    engine.close()
    with pytest.raises(InputError, match="is closed"):
        next(iter(engine.generate([1, 2], Decoding(2))))
    with pytest.raises(InputError, match="is closed"):
        engine.streams(1, 16)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "no file"),
        ("{", "is damaged"),
        ('{"model": {"eos_token_id": 2, "decoder": {"head_size": 64}}}', "is damaged"),
    ],
)
def test_a_damaged_configuration_is_the_users_mistake(
    onnx_artifact: Path, tmp_path: Path, config: str | None, message: str
) -> None:
    for file in onnx_artifact.iterdir():
        if file.name != "genai_config.json":
            (tmp_path / file.name).symlink_to(file)
    if config is not None:
        (tmp_path / "genai_config.json").write_text(config)
    with pytest.raises(InputError, match=message):
        open_engine(tmp_path)


def test_end_tokens_of_the_models_own_configuration_end_a_text_too(
    onnx_artifact: Path, tmp_path: Path, engine: Engine
) -> None:
    whole = alone(engine, QUESTIONS[0])
    for file in onnx_artifact.iterdir():
        if file.name != "genai_config.json":
            (tmp_path / file.name).symlink_to(file)
    config = json.loads((onnx_artifact / "genai_config.json").read_text())
    config["model"]["eos_token_id"] = [2, whole[4]]
    (tmp_path / "genai_config.json").write_text(json.dumps(config))
    other = open_engine(tmp_path)
    assert alone(other, QUESTIONS[0]) == whole[: whole.index(whole[4])]
    assert other.ended()
    other.close()
