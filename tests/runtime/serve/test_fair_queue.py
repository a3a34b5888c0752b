"""The queue: fair between clients, and bounded."""

import pytest

from runtime.serve.work.fair_queue import FairQueue, QueueFull


def drained(queue: FairQueue[str]) -> list[str]:
    return list(iter(queue.pop, None))


def filled(*items: str, limit: int = 100) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue(limit)
    for item in items:
        queue.put(item[0], item)
    return queue


@pytest.mark.parametrize(
    ("items", "order"),
    [
        (["a1", "a2", "a3"], ["a1", "a2", "a3"]),
        (["a1", "a2", "a3", "b1"], ["a1", "b1", "a2", "a3"]),
        (["a1", "a2", "b1", "c1", "c2"], ["a1", "b1", "c1", "a2", "c2"]),
    ],
)
def test_clients_are_served_in_turn(items: list[str], order: list[str]) -> None:
    queue = filled(*items)
    ahead = {item: queue.position(item[0], item) for item in items}
    assert drained(queue) == order
    assert ahead == {item: place for place, item in enumerate(order)}
    assert len(queue) == 0


def test_who_asked_last_has_its_turn_before_who_was_just_served() -> None:
    queue = filled("a1", "a2", "b1")
    assert queue.pop() == "a1"
    queue.put("c", "c1")
    assert drained(queue) == ["b1", "a2", "c1"]


def test_a_full_queue_refuses_the_client_with_the_longest_line() -> None:
    queue = filled("a1", "a2", "a3", limit=3)
    with pytest.raises(QueueFull):
        queue.put("a", "a4")
    assert queue.put("b", "b1") == "a3"
    with pytest.raises(QueueFull):
        queue.put("b", "b2")
    assert drained(queue) == ["a1", "b1", "a2"]


def test_what_was_taken_out_does_not_come() -> None:
    queue = filled("a1", "a2", "b1")
    assert queue.remove("a", "a1")
    assert not queue.remove("a", "a1")
    assert not queue.remove("x", "x1")
    assert queue.position("a", "a1") == 0
    assert drained(queue) == ["a2", "b1"]


def test_a_closed_queue_gives_back_what_waited_and_takes_nothing() -> None:
    queue = filled("a1", "b1")
    assert queue.wait()
    assert queue.close() == ["a1", "b1"]
    assert not queue.wait()
    with pytest.raises(QueueFull):
        queue.put("a", "a2")
