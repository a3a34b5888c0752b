"""The worker: a process that solves thoughts and can do nothing else.

Started as `python -I -S worker.py ROOT KIND [FOLDER...]` with an empty environment and one socket as its
standard input. It imports everything it will ever need, locks itself down, says what it reached, and answers
frames until the socket closes.
"""

import gc
import os
import signal
import sys
from functools import partial
from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.solver.sandbox.answering import Solve
    from runtime.solver.sandbox.frames import Reply, Request

# Seconds of processor time by which the kernel's alarm, which needs no Python to kill, follows the request's clock.
ALARM_GRACE_S = 0.1
_RECURSION_LIMIT = 4_000
# A thought makes a few thousand objects, hardly any of them in circles: collect after several thoughts, not within one.
_YOUNG_OBJECTS = 20_000


def main() -> None:
    """Import, lock down, report, serve."""
    root, kind, *folders = sys.argv[1:]
    sys.path += [root, *folders]
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    sys.setrecursionlimit(_RECURSION_LIMIT)
    from runtime.solver.sandbox import answering, frames, limits
    from runtime.solver.sandbox.lockdown import lock_down

    symbolic = kind == "sympy"
    solvers = _load_solvers(symbolic=symbolic)
    answer: Callable[[Request, float], Reply] = partial(answering.answer, solvers, symbolic=symbolic)
    if symbolic:
        from runtime.solver.sandbox.interrupting import interruptible

        answer = interruptible(answer)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
    isolation = lock_down(limits.SYMPY_MEMORY if symbolic else limits.PLAIN_MEMORY)
    os.write(0, frames.pack_reply(frames.Reply(frames.READY, None, isolation)))
    _serve(answer)


def _load_solvers(*, symbolic: bool) -> "dict[str, Solve]":
    from runtime.solver.equations import eot
    from runtime.solver.programs import pot
    from runtime.solver.sentences import cot

    solvers: dict[str, Solve] = {"eot": eot.solve_eot, "pot": pot.solve_pot, "cot": cot.solve_cot}
    if symbolic:
        from runtime.solver.sandbox.warming import warm_sympy

        warm_sympy(solvers)
    return solvers


def _serve(answer: "Callable[[Request, float], Reply]") -> None:
    from runtime.solver.sandbox.frames import LENGTH, pack_reply, unpack_request

    read, write, alarm, clock = os.read, os.write, signal.setitimer, signal.ITIMER_PROF
    buffer = b""
    while True:
        while len(buffer) < LENGTH.size or len(buffer) < LENGTH.unpack_from(buffer)[0]:
            alarm(clock, 0)
            piece = read(0, 1 << 18)
            if not piece:
                return
            buffer += piece
        size = LENGTH.unpack_from(buffer)[0]
        request = unpack_request(buffer[:size])
        buffer = buffer[size:]
        seconds = request.time_us / 1e6
        alarm(clock, seconds + ALARM_GRACE_S)
        reply = answer(request, process_time() + seconds)
        write(0, pack_reply(reply))
        if reply.retiring:
            return


if __name__ == "__main__":
    main()
