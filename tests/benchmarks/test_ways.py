"""Ways of answering, timed: which is chosen for a wanted latency, and that `solve` then answers so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import ways
from benchmarks.ways import TimedWay, best_way, timed_ways, ways_table
from edgethought.cli.solve import Asking
from runtime.answering.modes import Mode
from runtime.answering.pipeline import Model
from runtime.answering.tuning import Tuned, remember, remembered
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.manifest import artifact_key
from tests.runtime.fake_engine import FakeEngine, fake_manifest

REPLIES = {"": "ans = 3"}


@pytest.fixture
def model() -> Iterator[Model]:
    with Model(FakeEngine(REPLIES), fake_manifest(), Solver(workers=1)) as one:
        yield one


def took(mode: Mode, samples: int, most_ms: float) -> TimedWay:
    return TimedWay(mode, samples, most_ms / 2, most_ms)


WAYS = [took("single", 8, 900), took("vote", 4, 1900), took("vote", 8, 3000)]


@pytest.mark.parametrize(
    ("latency_ms", "samples"), [(100, None), (900, None), (1000, None), (1900, 4), (2999, 4), (9000, 8)]
)
def test_the_most_samples_that_are_in_time_are_chosen(latency_ms: float, samples: int | None) -> None:
    best = best_way(WAYS, latency_ms)
    assert (None if best.mode == "single" else best.samples) == samples
    assert [row[-1] for row in ways_table(WAYS, latency_ms).rows].count("chosen") == 1


def test_a_way_is_timed_on_questions_after_a_warm_up(model: Model) -> None:
    way = ways.timed(model, "vote", 4)
    assert 0 < way.median_ms <= way.most_ms


def test_nothing_is_timed_after_the_first_way_that_is_too_slow(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {("single", 8): 900.0, ("vote", 4): 1900.0, ("vote", 8): 3000.0}
    monkeypatch.setattr(ways, "timed", lambda model, mode, samples: took(mode, samples, times[mode, samples]))
    told: list[str] = []
    found = list(timed_ways(model, 2000, lambda done, total, note: told.append(note)))
    assert found == WAYS and told == ["single", "vote of 4", "vote of 8"]


@pytest.mark.usefixtures("home")
def test_solve_answers_in_the_way_that_was_found(model: Model) -> None:
    key = artifact_key(model.manifest)
    remember({key: Tuned(1, 8, mode="vote", samples=4)})
    tuned = remembered(model.manifest)
    assert tuned is not None
    model.way = (tuned.mode, tuned.samples)
    votes = {
        "as found": Asking(),
        "as asked": Asking(mode="single"),
        "one thought": Asking(thought="eot"),
        "in time": Asking(deadline_ms=60_000.0),
        "other samples": Asking(mode="vote", samples=2),
    }
    found = {how: sum(asking.answerer(model)("Why?").votes.values()) for how, asking in votes.items()}
    assert found["as found"] > 1
    assert found["as asked"] == found["one thought"] == found["in time"] == 0  # nobody votes
    assert found["other samples"] == 2


@pytest.mark.usefixtures("home")
def test_a_way_that_nobody_knows_is_damage(model: Model, home: Path) -> None:
    key = artifact_key(model.manifest)
    remember({key: Tuned(1, 8)})
    file = home / "tuning.json"
    file.write_text(file.read_text().replace('"single"', '"all at once"'))
    with pytest.raises(InputError, match=r"tuning.json is damaged"):
        remembered(model.manifest)
