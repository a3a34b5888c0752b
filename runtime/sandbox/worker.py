"""The worker: a process that solves thoughts and can do nothing else.

Started as `python -I -S worker.py ROOT KIND [FOLDER...]` with an empty environment and one socket as its
standard input. It imports everything it will ever need, locks itself down, says what it reached, and answers
frames until the socket closes.
"""

import gc
import os
import signal
import sys
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.sandbox.answering import Solve

# Seconds by which the kernel's alarm comes after the request's own clock; it needs no help from Python to kill.
ALARM_GRACE_S = 0.1
_RECURSION_LIMIT = 4_000


def main() -> None:
    """Import, lock down, report, serve."""
    root, kind, *folders = sys.argv[1:]
    sys.path += [root, *folders]
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    sys.setrecursionlimit(_RECURSION_LIMIT)
    from runtime.sandbox.frames import READY, Reply, pack_reply
    from runtime.sandbox.limits import PLAIN_MEMORY, SYMPY_MEMORY
    from runtime.sandbox.lockdown import lock_down

    solvers = _load_solvers(symbolic=kind == "sympy")
    gc.collect()
    gc.freeze()
    isolation = lock_down(SYMPY_MEMORY if kind == "sympy" else PLAIN_MEMORY)
    os.write(0, pack_reply(Reply(READY, None, isolation)))
    _serve(solvers, symbolic=kind == "sympy")


def _load_solvers(*, symbolic: bool) -> "dict[str, Solve]":
    import importlib

    from runtime.prompt import THOUGHTS

    solvers: dict[str, Solve] = {}
    for thought in THOUGHTS:
        try:
            solvers[thought] = importlib.import_module(f"runtime.thoughts.{thought}").solve
        except ModuleNotFoundError:
            continue
    if symbolic:
        import sympy  # noqa: F401
    return solvers


def _serve(solvers: "dict[str, Solve]", *, symbolic: bool) -> None:
    from runtime.sandbox.answering import answer
    from runtime.sandbox.frames import LENGTH, pack_reply, unpack_request

    read, write, alarm, real = os.read, os.write, signal.setitimer, signal.ITIMER_REAL
    buffer = b""
    while True:
        while len(buffer) < LENGTH.size or len(buffer) < LENGTH.unpack_from(buffer)[0]:
            alarm(real, 0)
            piece = read(0, 1 << 18)
            if not piece:
                return
            buffer += piece
        size = LENGTH.unpack_from(buffer)[0]
        request = unpack_request(buffer[:size])
        buffer = buffer[size:]
        seconds = request.time_us / 1e6
        alarm(real, seconds + ALARM_GRACE_S)
        reply = answer(solvers, request, monotonic() + seconds, symbolic=symbolic)
        write(0, pack_reply(reply))
        if reply.retiring:
            return


if __name__ == "__main__":
    main()
