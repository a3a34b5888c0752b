"""Hidden states that come with a stream's end are the checkpoint's own, whoever was written beside it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from export.building.build import write_unchecked
from export.building.source import read_source
from export.checkpoint import load_student, save_student
from export.targets import parse_targets
from runtime.engines.engine import Decoding, Engine, Streams, Token
from runtime.engines.opening import open_engine
from runtime.values.prompt import TAGS, question_prefix
from tests.tiny import tiny_qwen

PREFIX = question_prefix("Ann has 48 clips and sells half as many in May. How many in all?")
LIMIT = 48


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random student that likes to end."""
    import torch

    folder = tiny_qwen(tmp_path_factory.mktemp("states") / "base")
    model = load_student(folder)
    with torch.no_grad():
        model.lm_head.weight[model.config.eos_token_id] *= 3
    save_student(model, folder)
    return folder


@pytest.fixture(scope="module")
def engine(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    (target,) = parse_targets("gguf:bf16")
    folder = tmp_path_factory.mktemp("artifact") / "gguf"
    write_unchecked(read_source(checkpoint), target, folder)
    opened = open_engine(folder)
    yield opened
    opened.close()


def drained(streams: Streams) -> list[Token]:
    found: list[Token] = []
    while tokens := streams.step():
        found += tokens
    return found


@pytest.mark.parametrize(("slots", "contexts"), [(12, 1), (6, 1), (12, 2)])
def test_states_of_many_streams_are_the_checkpoints(
    engine: Engine, checkpoint: Path, slots: int, contexts: int
) -> None:
    import torch

    model = load_student(checkpoint)
    prefix = engine.encode(PREFIX)
    tails = [
        (
            engine.encode(TAGS[("pot", "eot")[number % 2]] + "\n"),
            Decoding(LIMIT, temperature=0.0 if number < 4 else 1.0, seed=number // 2),
        )
        for number in range(slots)
    ]
    streams = engine.streams(slots, 256, contexts, states=True)
    places = streams.start(prefix, tails)
    tokens = drained(streams)
    streams.close()
    ended = 0
    for place, (tail, _) in zip(places, tails, strict=True):
        own = [token for token in tokens if token.slot == place]
        assert [token.left for token in own] == [False] * (len(own) - 1) + [True]
        if own[-1].id is not None:
            assert own[-1].states is None
            continue
        ended += 1
        assert own[-1].states is not None
        written = [token.id for token in own[:-1]]
        ids = torch.tensor([[*prefix, *tail, *written, model.config.eos_token_id]])
        with torch.inference_mode():
            states = model.model(ids).last_hidden_state[0].float().numpy()
        mean = states[-1 - len(written) : -1].mean(0) if written else states[-1]
        # Keys and values lie in half precision.
        assert np.allclose(own[-1].states.end, states[-1], atol=0.03)
        assert np.allclose(own[-1].states.mean, mean, atol=0.03)
    assert ended >= slots // 2


def test_streams_write_the_same_with_their_states(engine: Engine) -> None:
    prefix, tail = engine.encode(PREFIX), engine.encode(f"{TAGS['eot']}\n")
    written = []
    for states in (False, True):
        streams = engine.streams(4, 256, states=states)
        streams.start(prefix, [(tail, Decoding(LIMIT, temperature=t, seed=3)) for t in (0.0, 0.5, 1.0)])
        tokens = sorted(drained(streams), key=lambda token: token.slot)
        written.append([(token.slot, token.id, round(token.logprob, 3)) for token in tokens])
        streams.close()
    assert written[0] == written[1]


def test_a_stream_that_is_stopped_while_its_end_is_read_leaves_the_others_alone(engine: Engine) -> None:
    prefix, tail = engine.encode(PREFIX), engine.encode(f"{TAGS['pot']}\n")
    tails = [(tail, Decoding(LIMIT, temperature=1.0, seed=seed)) for seed in range(3)]

    def written(stop: int | None = None, after: int = 0) -> dict[int, list[int | None]]:
        streams = engine.streams(3, 256, states=True)
        found: dict[int, list[int | None]] = {slot: [] for slot in streams.start(prefix, tails)}
        while tokens := streams.step():
            for token in tokens:
                found[token.slot].append(token.id)
            if stop in found and len(found[stop]) == after:
                streams.stop(stop)
                del found[stop]
        streams.close()
        return found

    whole = written()
    shortest = min(whole, key=lambda slot: len(whole[slot]))
    # One step before its last token is given out its end token has been chosen, and is not read yet.
    again = written(shortest, len(whole[shortest]) - 1)
    assert again == {slot: ids for slot, ids in whole.items() if slot != shortest}
