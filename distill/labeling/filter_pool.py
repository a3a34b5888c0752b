"""Judges: chunks of problems over several processes, verdicts back in order. Small inputs stay in this process.

So does whatever a remote teacher writes, which takes longer to come than to judge: its answers to many problems are
under way while the first of them are judged.

Each process has a judge and a solver of its own. They are spawned, not forked, so that threads of whoever labels do
no harm; a program that calls this outside the command line needs the usual `if __name__ == "__main__":`.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import chain, islice
from multiprocessing import connection

from distill.labeling.filters import Verifier
from distill.labeling.rationale_filter import LabelConfig, RationaleFilter, Verdict
from distill.teachers import RemoteTeacher
from runtime.values.cores import physical_cores
from runtime.values.errors import WorkFailed
from runtime.values.problem import Problem

CHUNK = 128
# Answers that take a while are judged, counted and kept sooner.
ANSWERED_CHUNK = 16
# Fewer problems are judged sooner than processes start.
SMALL = 1500
# The parent feeds this many at most; each holds an index of the held-out questions, about 100 MB.
MAX_WORKERS = 8
# Chunks a process has waiting, so that it never waits for the parent.
AHEAD = 3

Judged = tuple[Problem, Verdict]


def judged(
    problems: Iterable[Problem],
    terms: LabelConfig,
    *,
    solver: Verifier | None = None,
    workers: int | None = None,
) -> Iterator[list[Judged]]:
    """Problems with their verdicts, in order, chunk by chunk. With a `solver` everything stays in this process.

    `workers` is the number of processes (default: one a core). Raises WorkFailed when one of them dies.
    """
    if isinstance(terms.teacher, RemoteTeacher):
        yield from _answered(problems, terms, terms.teacher, solver)
        return
    if solver is not None:
        yield from _here(problems, terms, solver)
        return
    workers = min(workers or physical_cores(), MAX_WORKERS)
    stream = iter(problems)
    first = list(islice(stream, SMALL + 1))
    if workers == 1 or len(first) <= SMALL:
        from runtime.solver.solver import Solver

        with Solver() as started:
            yield from _here(chain(first, stream), terms, started)
    else:
        yield from _spread(chain(first, stream), terms, workers)


def _chunks(problems: Iterable[Problem], size: int = CHUNK) -> Iterator[list[Problem]]:
    stream = iter(problems)
    while chunk := list(islice(stream, size)):
        yield chunk


def _answered(
    problems: Iterable[Problem], terms: LabelConfig, teacher: RemoteTeacher, solver: Verifier | None
) -> Iterator[list[Judged]]:
    """In this process, the teacher told of problems long before they are judged."""
    from runtime.solver.solver import Solver

    with ExitStack() as stack:
        judge = RationaleFilter(terms, solver or stack.enter_context(Solver()))
        for chunk in _chunks(_begun(problems, terms, teacher, judge), ANSWERED_CHUNK):
            yield list(zip(chunk, judge.judge(chunk), strict=True))


def _begun(
    problems: Iterable[Problem], terms: LabelConfig, teacher: RemoteTeacher, judge: RationaleFilter
) -> Iterator[Problem]:
    """The problems in order, each as late as the teacher wants to know of it before."""
    ahead = max(1, teacher.ahead // len(terms.thoughts))
    begun: deque[Problem] = deque()
    for problem in problems:
        if judge.admits(problem):
            teacher.begin(problem, terms.thoughts)
        begun.append(problem)
        if len(begun) > ahead:
            yield begun.popleft()
    yield from begun


def _here(problems: Iterable[Problem], terms: LabelConfig, solver: Verifier) -> Iterator[list[Judged]]:
    judge = RationaleFilter(terms, solver)
    for chunk in _chunks(problems):
        yield list(zip(chunk, judge.judge(chunk), strict=True))


def _spread(problems: Iterable[Problem], terms: LabelConfig, workers: int) -> Iterator[list[Judged]]:
    """Chunks are handed out ahead and taken back in order."""
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(terms,)
    )
    waiting: deque[tuple[list[Problem], Future[list[Verdict]]]] = deque()
    try:
        for chunk in _chunks(problems):
            waiting.append((chunk, pool.submit(_judge, chunk)))
            if len(waiting) > workers * AHEAD:
                yield _taken(waiting)
        while waiting:
            yield _taken(waiting)
    except BrokenProcessPool as error:
        raise WorkFailed("a labelling process died (out of memory?); start again to go on") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _taken(waiting: "deque[tuple[list[Problem], Future[list[Verdict]]]]") -> list[Judged]:
    chunk, future = waiting.popleft()
    return list(zip(chunk, future.result(), strict=True))


_judges: list[RationaleFilter] = []


def _begin(terms: LabelConfig) -> None:
    """Start this process's judge. An interrupt is the parent's to handle; without a parent there is nothing to do."""
    from runtime.solver.solver import Solver

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _judges.append(RationaleFilter(terms, Solver(workers=1)))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _judge(problems: list[Problem]) -> list[Verdict]:
    return _judges[0].judge(problems)
