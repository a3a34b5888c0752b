"""Interrupt sympy when a request's time is up, so that the worker need not die: starting another takes long.

The timer counts processor time and raises in the middle of sympy's Python. Where that does not help (one long
operation in C), the kernel's alarm and the parent still kill.
"""

import signal
from collections.abc import Callable
from types import FrameType

from runtime.solver.sandbox.frames import Reply, Request, status_code

# Seconds after which the timer raises again, should something have swallowed it.
_AGAIN_S = 0.02


class _OutOfTime(BaseException):
    """No `except Exception` of a library may catch this."""


def _raise(number: int, frame: FrameType | None) -> None:
    raise _OutOfTime


def interruptible(answer: Callable[[Request, float], Reply]) -> Callable[[Request, float], Reply]:
    """The same answering, ended with `over_budget` when its request's processor time is spent."""
    from sympy.core.cache import clear_cache

    signal.signal(signal.SIGVTALRM, _raise)

    def answer_in_time(request: Request, deadline: float) -> Reply:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, request.time_us / 1e6, _AGAIN_S)
            reply = answer(request, deadline)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except _OutOfTime:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            clear_cache()  # what was half computed must not be remembered
            return Reply(status_code("over_budget"), None, "out of time")
        return reply

    return answer_in_time
