"""Threads give way to other programs, and come back when these are gone."""

import time

import pytest

from runtime.engines.llama import adaptive_threads
from runtime.engines.llama.adaptive_threads import AdaptiveThreads, running_tasks


@pytest.mark.parametrize(
    ("cores", "threads", "running", "expected"),
    [
        (2, 2, 1, 2),
        (2, 2, 2, 1),
        (2, 2, 9, 1),
        (8, 4, 1, 4),
        (8, 4, 6, 3),
        (8, 4, 5, 4),
        (2, 1, 5, 1),
        (2, 2, None, 2),
    ],
)
def test_a_prompt_starts_on_the_cores_that_nobody_uses(
    monkeypatch: pytest.MonkeyPatch, cores: int, threads: int, running: int | None, expected: int
) -> None:
    monkeypatch.setattr(adaptive_threads, "running_tasks", lambda: running)
    monkeypatch.setattr(adaptive_threads.os, "cpu_count", lambda: cores)
    assert AdaptiveThreads(threads).at_start() == expected


def test_our_own_threads_that_still_spin_are_no_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adaptive_threads, "running_tasks", lambda: 2)
    monkeypatch.setattr(adaptive_threads.os, "cpu_count", lambda: 2)
    crowd = AdaptiveThreads(2)
    crowd.after_step(0.005, 2)
    assert crowd.at_start() == 2


@pytest.mark.parametrize(
    ("steps", "threads"),
    [
        ([0.005, 0.006, 0.005], 2),
        ([0.005, 0.100, 0.005], 2),
        ([0.005, 0.100, 0.100], 1),
        ([0.005, 0.100, 0.100, 0.005], 1),
        ([0.005, 0.019, 0.019, 0.019], 2),
    ],
)
def test_steps_that_are_held_up_again_and_again_cost_the_extra_threads(
    steps: list[float], threads: int
) -> None:
    crowd, now = AdaptiveThreads(2), 2
    for step in steps:
        now = crowd.after_step(step, now)
    assert now == threads


def test_steps_that_nobody_held_up_are_believed_without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adaptive_threads, "running_tasks", lambda: 9)
    monkeypatch.setattr(adaptive_threads.os, "cpu_count", lambda: 2)
    crowd = AdaptiveThreads(2)
    assert crowd.at_start() == 1
    crowd.after_step(0.005, 2)
    assert crowd.at_start() == 2
    crowd.after_step(0.5, 2)
    assert crowd.at_start() == 1
    crowd.after_step(0.005, 2)
    monkeypatch.setattr(adaptive_threads, "_TRUST_S", 0.0)
    assert crowd.at_start() == 1


def test_threads_come_back_once_the_cores_are_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [5]
    monkeypatch.setattr(adaptive_threads, "running_tasks", lambda: 2 + others[0])
    monkeypatch.setattr(adaptive_threads.os, "cpu_count", lambda: 2)
    crowd = AdaptiveThreads(2)
    now = crowd.at_start()
    held = [now := crowd.after_step(0.005, now) for _ in range(20)]
    others[0] = 0
    free = [now := crowd.after_step(0.005, now) for _ in range(20)]
    assert (set(held), free[-1]) == ({1}, 2)


def test_a_pass_over_many_tokens_is_not_held_up_for_taking_longer_than_one_token() -> None:
    crowd, now = AdaptiveThreads(2), 2
    for seconds, rows in [(0.005, 1), (0.2, 100), (0.21, 100), (0.19, 120)]:
        now = crowd.after_step(seconds, now, rows)
    assert now == 2


def test_running_tasks_count_this_one() -> None:
    running = running_tasks()
    time.sleep(0)
    assert running is None or running >= 1
