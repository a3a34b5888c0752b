"""Guesses of next tokens: what is guessed, when it pays, and that a text stays what it was."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from runtime.engines.drafts import (
    DRAFTS_FILE,
    MOST,
    START,
    Guesser,
    Pace,
    followers_of,
    read_followers,
    write_followers,
)
from runtime.engines.engine import Decoding, Engine, Token
from runtime.engines.llama.engine import LlamaCppEngine
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError
from runtime.values.prompt import TAGS, question_prefix

PREFIX = question_prefix(
    "Ann has 48 clips and sells half as many in May. How many clips does she sell in all?"
)


@pytest.fixture
def engine(gguf_artifact: Path) -> Iterator[Engine]:
    one = open_engine(gguf_artifact)
    yield one
    one.close()


def test_a_table_holds_what_mostly_follows() -> None:
    table = followers_of([[1, 2, 3], [1, 2, 4], [1, 2, 3], [9]])
    assert table[(START,)] == 1 and table[(1,)] == 2 and table[(1, 2)] == 3 and table[(START, 1, 2)] == 3
    # Once is no habit, and neither is what follows one time in four.
    assert (9,) not in table and (START, 9) not in table
    assert (5,) not in followers_of([[5, n] for n in range(4)])
    assert max(map(len, followers_of([list(range(9))] * 2))) == 4


def test_a_table_is_read_back_and_a_wrong_file_is_one_line(tmp_path: Path) -> None:
    assert read_followers(tmp_path) == {}
    table = followers_of([[1, 2, 3]] * 2)
    write_followers(tmp_path, table)
    assert read_followers(tmp_path) == table
    for wrong in ("", "[1]", '{"a": 1}', '{"1": "x"}', '{"1": null}', "3", '{"1": 1e400}', "[" * 100_000):
        (tmp_path / DRAFTS_FILE).write_text(wrong)
        with pytest.raises(InputError, match="holds no table of drafts; expected") as error:
            read_followers(tmp_path)
        assert "\n" not in str(error.value)


def test_a_guess_is_what_followed_before() -> None:
    guesser = Guesser({}, [1, 2, 3, 4, 5])
    assert guesser.guess(3) == []
    guesser.add(2)
    assert guesser.guess(3) == [3, 4, 5] and guesser.guess(1) == [3] and guesser.guess(0) == []
    # The longest match and the latest one are believed first.
    guesser = Guesser({}, [1, 2, 3, 9, 2, 4, 1])
    guesser.add(2)
    assert guesser.guess(1) == [3]


def test_a_table_speaks_of_the_text_alone() -> None:
    guesser = Guesser({(START,): 7, (7,): 8, (3,): 6}, [1, 2, 3])
    # Filled up with the last.
    assert guesser.guess(3) == [7, 8, 8]
    guesser.add(7)
    assert guesser.guess(3) == [8, 8, 8] and guesser.guess(1) == [8]


def test_guesses_are_made_where_they_pay() -> None:
    def paced(all_of_them_s: float, rounds: int = 200, *, right: int = MOST) -> list[int]:
        pace, asked = Pace(), []
        for _ in range(rounds):
            most = pace.most()
            asked.append(most)
            pace.note(1 + most, 1.0 + (all_of_them_s - 1) * most / MOST, 2)
            pace.judged(most, min(most, right))
        return asked

    free, dear = paced(1.1), paced(3.5)
    assert free[:4] == [0, 0, MOST, MOST] and free.count(MOST) > 180
    assert dear.count(0) > 180
    # Now and then the other is looked at again, and guesses that are never right end.
    assert 0 in free[100:] and MOST in dear[100:]
    assert paced(1.3, right=0).count(0) > 120


def test_a_pace_is_measured_again() -> None:
    pace = Pace()
    for _ in range(40):
        pace.note(1, 1.0, 2), pace.note(1 + MOST, 1.0, 2)
    assert pace.most() == MOST
    for _ in range(20):
        pace.note(1 + MOST, 5.0, 2)
    assert {pace.most() for _ in range(20)} == {0}
    # One pass that was held up says nothing, another number of threads everything.
    pace.note(1 + MOST, 1.0, 2)
    assert pace.most() == MOST
    pace.note(1, 1.0, 1)
    assert pace.most() == 0


def texts(engine: Engine, monkeypatch: pytest.MonkeyPatch, most: int, decoding: Decoding) -> list[list[int]]:
    monkeypatch.setattr(Pace, "most", lambda self: most)
    prompts = [engine.encode(f"{PREFIX}{tag}\n") for tag in TAGS.values()]
    return [list(engine.generate(prompt, decoding)) for prompt in prompts]


@pytest.mark.parametrize("decoding", [Decoding(40), Decoding(40, 0.9, 3), Decoding(5), Decoding(1)])
def test_a_text_stays_what_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, decoding: Decoding
) -> None:
    alone = texts(engine, monkeypatch, 0, decoding)
    # A table of the very texts guesses all of them rightly, one of others hardly any.
    for known in ([], alone, [[5, 6, 7, 8] * 9] * 2):
        assert isinstance(engine, LlamaCppEngine)
        engine._followers = followers_of(known + known)
        assert texts(engine, monkeypatch, MOST, decoding) == alone


@pytest.mark.parametrize("states", [False, True])
def test_a_stream_alone_writes_the_same_in_fewer_passes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, states: bool
) -> None:
    assert isinstance(engine, LlamaCppEngine)

    def written(most: int) -> tuple[list[Token], int]:
        monkeypatch.setattr(Pace, "most", lambda self: most)
        streams = engine.streams(2, 256, states=states)
        tokens: list[Token] = []
        steps = 0
        for tag in ("Equations:\n", "Program:\n"):
            streams.start([], [(engine.encode(PREFIX + tag), Decoding(30))])
            while some := streams.step():
                steps += 1
                tokens += some
        streams.close()
        return tokens, steps

    engine._followers = {}
    plain, many = written(0)
    ids = [token.id for token in plain if token.id is not None]
    engine._followers = followers_of([ids] * 2)
    drafted, few = written(MOST)
    assert [(one.id, one.left) for one in drafted] == [(one.id, one.left) for one in plain]
    assert np.allclose([one.logprob for one in drafted], [one.logprob for one in plain], atol=1e-4)
    assert few < 0.7 * many
    for one, other in zip(drafted, plain, strict=True):
        assert (one.states is None) == (other.states is None)
        if one.states and other.states:
            assert np.allclose(one.states.end, other.states.end, atol=1e-3)
            assert np.allclose(one.states.mean, other.states.mean, atol=1e-3)


def test_nothing_is_guessed_beside_another_text(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "most", lambda self: MOST)
    streams = engine.streams(2, 256)
    tails = [(engine.encode(f"{tag}\n"), Decoding(12)) for tag in ("Equations:", "Program:")]
    streams.start(engine.encode(PREFIX), tails)
    steps = []
    while some := streams.step():
        steps.append(some)
    together = [step for step in steps if len({token.slot for token in step}) == 2]
    assert together and all(len(step) == 2 for step in together)
    streams.close()


def test_an_artifact_brings_its_table(gguf_artifact: Path, tmp_path: Path) -> None:
    from export.gguf.drafts import add_drafts

    folder = tmp_path / "artifact"
    folder.mkdir()
    for file in gguf_artifact.iterdir():
        (folder / file.name).symlink_to(file)
    size = add_drafts(folder, ["ans = 7 * 3", "ans = 7 * 4"])
    rows = json.loads((folder / DRAFTS_FILE).read_text())
    assert len(rows) == size > 3
    engine = open_engine(folder)
    assert isinstance(engine, LlamaCppEngine) and engine._followers == read_followers(folder)
    engine.close()
