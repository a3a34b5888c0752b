"""Streams of both engines on real weights: what one writes does not depend on who sits beside it."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from runtime.engines.engine import Decoding, Engine, Streams, Tail
from runtime.engines.llama.engine import LlamaCppEngine
from runtime.engines.sampling import chooser, log_probability
from runtime.values.errors import InputError
from runtime.values.prompt import TAGS, question_prefix

PREFIX = question_prefix(
    "Ann has 48 clips and sells half as many in May. How many clips does she sell in all?"
)
OTHER = question_prefix("A train goes 60 miles an hour for 3 hours. How far does it go?")
LIMIT = 24


def tail(engine: Engine, thought: str = "eot", **decoding: float) -> Tail:
    options = {"max_tokens": LIMIT, **decoding}
    return engine.encode(f"{TAGS[thought]}\n"), Decoding(**options)  # type: ignore[index, arg-type]


def drain(streams: Streams, slots: Sequence[int]) -> dict[int, list[int | None]]:
    """What these slots write until everybody has left, in the order of the slots."""
    written: dict[int, list[int | None]] = {slot: [] for slot in slots}
    while tokens := streams.step():
        for token in tokens:
            if token.slot in written:
                written[token.slot].append(token.id)
    return written


def computed_by(streams: Streams, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each following pass computes; filled as they run."""
    computed: list[int] = []
    if hasattr(streams, "_contexts"):
        for context in streams._contexts:
            decode = context.decode
            monkeypatch.setattr(
                context,
                "decode",
                lambda one=context, run=decode: (computed.append(one._batch.native.n_tokens), run())[1],
            )
    else:
        rows = streams._rows  # type: ignore[attr-defined]
        run = rows._run
        monkeypatch.setattr(
            rows,
            "_run",
            lambda first, ids, *rest: (computed.append(sum(map(len, ids))), run(first, ids, *rest))[1],
        )
    return computed


def test_one_stream_writes_what_generate_writes(engine: Engine) -> None:
    prefix, (ids, decoding) = engine.encode(PREFIX), tail(engine)
    alone = list(engine.generate([*prefix, *ids], decoding, shared=len(prefix)))
    streams = engine.streams(4, 256)
    (written,) = drain(streams, streams.start(prefix, [(ids, decoding)])).values()
    streams.close()
    assert [token for token in written if token is not None] == alone


def test_thoughts_about_one_question_are_written_together(engine: Engine) -> None:
    prefix = engine.encode(PREFIX)
    tails = [tail(engine, thought) for thought in ("eot", "pot", "cot")]
    streams = engine.streams(3, 256)
    written = drain(streams, streams.start(prefix, tails))
    for place, one in enumerate(tails):
        (alone,) = drain(streams, streams.start(prefix, [one])).values()
        assert written[place] == alone
    streams.close()


@pytest.fixture(scope="module")
def questions(engines: dict[str, Engine]) -> list[list[int]]:
    """Prompts of several lengths, without their tail."""
    texts = (f"Question: Ann has {48 + n} clips" + " and sells some" * (n % 4) for n in range(14))
    return [engines["gguf"].encode(text) for text in texts]


@pytest.fixture(scope="module")
def alone(engines: dict[str, Engine], questions: list[list[int]]) -> list[list[int]]:
    """What each of them gets when nothing else is written."""
    engine = engines["gguf"]
    ids, decoding = tail(engine)
    return [list(engine.generate([*question, *ids], decoding)) for question in questions]


@pytest.mark.parametrize(("slots", "contexts"), [(3, 1), (12, 1), (6, 2), (24, 2), (5, 3)])
def test_more_questions_than_slots_are_written_on_any_number_of_contexts(
    engines: dict[str, Engine],
    questions: list[list[int]],
    alone: list[list[int]],
    slots: int,
    contexts: int,
) -> None:
    engine = engines["gguf"]
    (ids, decoding), count = tail(engine), len(questions)
    streams = engine.streams(slots, 256, contexts)
    written: dict[int, list[int | None]] = {}
    running: dict[int, int] = {}
    asked = 0
    while asked < count or streams.free() < streams.slots:
        while asked < count and streams.free():
            (slot,) = streams.start([], [([*questions[asked], *ids], decoding)])
            running[slot], written[asked] = asked, []
            asked += 1
        for token in streams.step():
            written[running[token.slot]].append(token.id)
    streams.close()
    same = [[token for token in written[n] if token is not None] == alone[n] for n in range(count)]
    # What is computed together moves a sum's last bits, and with them, rarely, a token.
    assert sum(same) >= count - 2


def test_a_seed_decides_what_a_stream_draws_whoever_sits_beside_it(engine: Engine) -> None:
    prefix = engine.encode(PREFIX)
    streams = engine.streams(4, 256)
    tails = [tail(engine, temperature=0.9, seed=seed) for seed in (1, 2, 1)]
    first = drain(streams, streams.start(prefix, tails))
    assert first[0] == first[2] != first[1]
    streams.close()
    again = engine.streams(2, 256)
    (alone,) = drain(again, again.start(prefix, [tails[1]])).values()
    again.close()
    assert alone == first[1]


def test_a_slot_is_free_once_its_stream_has_left_or_was_stopped(engine: Engine) -> None:
    prefix, other = engine.encode(PREFIX), engine.encode(OTHER)
    streams = engine.streams(2, 256)
    one, two = streams.start(prefix, [tail(engine), tail(engine, "pot")])
    assert streams.free() == 0
    with pytest.raises(InputError, match="expected: 0, the free slots"):
        streams.start(other, [tail(engine)])
    streams.stop(one)
    assert streams.free() == 1
    (new,) = streams.start(other, [tail(engine)])
    assert (new, streams.free()) == (one, 0)
    written = drain(streams, [two, new])
    (alone,) = drain(streams, streams.start(other, [tail(engine)])).values()
    streams.close()
    assert written[new] == alone


def test_a_prefix_that_lies_on_another_slot_is_not_computed_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = engine.encode(PREFIX)
    streams = engine.streams(3, 256)
    before = drain(streams, streams.start(prefix, [tail(engine), tail(engine, "pot")]))
    computed = computed_by(streams, monkeypatch)
    after = drain(streams, streams.start(prefix, [tail(engine, "pot")]))
    streams.close()
    assert max(computed) < len(prefix)
    assert list(after.values()) == [before[1]]


@pytest.mark.parametrize("slots", [2, 9])  # in one buffer, and in buffers of their own
def test_a_kept_prefix_is_there_and_outlives_those_who_write_after_others(
    engines: dict[str, Engine], home: Path, monkeypatch: pytest.MonkeyPatch, slots: int
) -> None:
    engine = engines["gguf"]
    assert isinstance(engine, LlamaCppEngine)
    prefix, other = engine.encode(PREFIX * 4), engine.encode(OTHER)
    ids, decoding = tail(engine)
    alone = list(engine.generate([*prefix, *ids], decoding, shared=len(prefix)))
    for kept in ([], [prefix, other], [prefix, other]):  # the last time from the disk
        streams = engine.streams(slots, 512, kept=kept)
        computed = computed_by(streams, monkeypatch)
        before = drain(streams, streams.start(prefix, [tail(engine)]))
        assert (max(computed) < len(prefix)) == bool(kept)
        others = [tail(engine, max_tokens=4, temperature=1.0, seed=n) for n in range(slots)]
        for _ in range(2):  # enough to use every slot
            drain(streams, streams.start(other, others))
        computed = computed_by(streams, monkeypatch)
        after = drain(streams, streams.start(prefix, [tail(engine)]))
        assert streams.free() == streams.slots == slots
        streams.close()
        assert (max(computed) < len(prefix)) == bool(kept)
        assert list(before.values()) == list(after.values())
        assert not kept or list(after.values()) == [alone]


def test_log_probabilities_are_those_of_the_logits(engine: Engine) -> None:
    prefix, (ids, _) = engine.encode(PREFIX), tail(engine)
    streams = engine.streams(1, 256)
    streams.start(prefix, [(ids, Decoding(6))])
    tokens = []
    while more := streams.step():
        tokens += more
    streams.close()
    written = [token.id for token in tokens if token.id is not None]
    logits = engine.logits([*prefix, *ids, *written], len(written) + 1)
    # onnxruntime's int4 rounds activations to int8: a sum in another order may round to the other side.
    near = 0.1 if "onnx" in engine.name else 0.02
    for row, token in zip(logits, tokens, strict=False):
        if token.id is not None:
            assert -30 < token.logprob <= 0
            assert token.logprob == pytest.approx(log_probability(row, token.id), abs=near)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_stream_leaves_with_the_last_token_of_its_limit(engine: Engine, limit: int) -> None:
    prefix, (ids, whole) = engine.encode(PREFIX), tail(engine)
    streams = engine.streams(2, 256)
    written = drain(streams, streams.start(prefix, [(ids, Decoding(limit)), (ids, whole)]))
    assert (streams.free(), streams.step()) == (2, [])
    streams.close()
    assert len(written[0]) == limit
    assert written[0] == written[1][:limit]


def test_streams_and_generate_may_be_used_in_turn(engine: Engine) -> None:
    prefix, (ids, decoding) = engine.encode(PREFIX), tail(engine)
    alone = list(engine.generate([*prefix, *ids], decoding))
    streams = engine.streams(2, 256)
    (other,) = drain(streams, streams.start(prefix, [(ids, decoding)])).values()
    slots = streams.start(prefix, [(ids, decoding)])
    assert list(engine.generate([*prefix, *ids], decoding)) == alone
    assert list(drain(streams, slots).values()) == [other]
    streams.close()


def test_what_does_not_fit_a_slot_is_refused(engine: Engine) -> None:
    streams = engine.streams(1, 32)
    with pytest.raises(InputError, match="expected: 1 to 32"):
        streams.start(engine.encode(PREFIX), [tail(engine)])
    streams.close()


@pytest.mark.parametrize(("slots", "max_len"), [(0, 256), (1, 1), (1, 10**9)])
def test_slots_that_cannot_be_are_refused(engine: Engine, slots: int, max_len: int) -> None:
    with pytest.raises(InputError, match="expected: 1 slot or more"):
        engine.streams(slots, max_len)


def test_draws_follow_the_probabilities() -> None:
    logits = np.log(np.array([0.5, 0.25, 0.125, 0.125] + [1e-9] * 200, np.float32))
    choose = chooser(Decoding(temperature=1.0, seed=3))
    counts = np.bincount([choose(logits) for _ in range(8000)], minlength=4)
    assert counts[:4] / 8000 == pytest.approx([0.5, 0.25, 0.125, 0.125], abs=0.02)
    assert math.exp(log_probability(logits, 1)) == pytest.approx(0.25, rel=1e-4)


def test_low_temperatures_and_extreme_logits_still_draw_a_token() -> None:
    logits = np.array([-1e30, 3.0, 2.9, -np.inf], np.float32)
    assert {chooser(Decoding(temperature=0.01, seed=seed))(logits) for seed in range(50)} == {1}
