"""Which weights become the checkpoint, and when there is no use in going on."""

from pathlib import Path

import pytest

from distill.training.checkpoints.selection import SelectedWeights, best_snapshot, choose, should_stop
from distill.training.checkpoints.snapshots import MovingAverage, Snapshots
from distill.training.report.metrics import DevRow


def dev(step: int, right: int, weights: str = "snapshot") -> DevRow:
    return DevRow(step, 100 * step, weights, right, 10, 1.0)


LAST = SelectedWeights("the last", 30)


@pytest.mark.parametrize(
    ("rights", "patience", "stops"),
    [
        ([1, 2, 3], 1, False),
        ([1, 3, 2], 1, True),
        ([1, 3, 2], 2, False),
        ([1, 3, 3, 2], 2, True),  # an equal is no better
        ([0, 0, 0], 2, True),
        ([3, 2, 1, 1], 0, False),
        ([], 1, False),
    ],
)
def test_training_stops_when_patience_is_over(rights: list[int], patience: int, stops: bool) -> None:
    assert should_stop([dev(step, right) for step, right in enumerate(rights, 1)], patience) is stops


def test_an_average_row_is_no_snapshot() -> None:
    rows = [dev(1, 3), dev(2, 9, "average")]
    assert best_snapshot(rows) == rows[0]
    assert not should_stop(rows, 1)


def test_the_earliest_of_equally_good_snapshots_is_kept() -> None:
    assert best_snapshot([dev(10, 2), dev(20, 5), dev(30, 5)]) == dev(20, 5)


def test_without_dev_accuracy_the_average_or_else_the_last_weights_count() -> None:
    average = SelectedWeights("average", 30)
    assert choose(LAST, None, []) is LAST
    assert choose(LAST, average, []) is average


@pytest.mark.parametrize(("right", "taken"), [(4, False), (5, True), (6, True)])
def test_an_average_counts_when_it_is_no_worse_than_the_best(right: int, taken: bool) -> None:
    average = SelectedWeights("average", 30, dev(30, right, "average"))
    chosen = choose(LAST, average, [dev(10, 2), dev(20, 5), dev(30, 4)])
    assert (chosen is average) is taken
    if not taken:
        assert (chosen.step, chosen.dev) == (20, dev(20, 5))


@pytest.mark.torch
def test_snapshots_are_read_back_exactly_averaged_and_pruned(tmp_path: Path) -> None:
    import torch

    snapshots = Snapshots(tmp_path)
    for step in (2, 10, 4):
        snapshots.save(step, [torch.full((2, 3), float(step)), torch.tensor([0.1 * step])])
    assert snapshots.steps() == [2, 4, 10]
    first, second = snapshots.load(10)
    assert first.tolist() == [[10.0] * 3] * 2 and torch.equal(second, torch.tensor([1.0]))
    first, second = snapshots.mean([2, 4])
    assert first.tolist() == [[3.0] * 3] * 2 and float(second) == pytest.approx(0.3)
    snapshots.keep({4, 99})
    assert snapshots.steps() == [4]


@pytest.mark.torch
def test_a_moving_average_forgets_its_start_and_then_lags() -> None:
    import torch

    weight = torch.tensor([0.0])
    average = MovingAverage([weight], decay=0.9)
    for step in range(1, 200):
        weight.fill_(5.0 if step < 100 else 6.0)
        average.move([weight], step)
        if step == 99:
            assert float(average.values[0]) == pytest.approx(5.0, abs=1e-3)
    assert 5.9 < float(average.values[0]) < 6.0
