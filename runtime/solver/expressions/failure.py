"""Failure: why a system has no value, as it travels up to the thought that turns it into an `Outcome`."""

from runtime.solver.expressions.limits import MAX_QUOTED
from runtime.values.outcome import Status


class Failure(Exception):
    """One of the statuses of `Outcome` other than `solved`, with a reason that a person understands."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status: Status = status
        self.reason = reason

    def on_line(self, line: int) -> "Failure":
        """The same failure, its reason opened by the line it is about."""
        return type(self)(self.status, f"line {line}: {self.reason}")


class Contradiction(Failure):
    """The equations cannot all be true; a name that is assigned twice may be why (see `reassignment`)."""


def quoted(text: str) -> str:
    """Text from the model as a reason quotes it: at most 40 characters, no control characters."""
    short = text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"
    return repr(short)
