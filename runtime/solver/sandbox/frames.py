"""What crosses the socket between solver and worker: length-prefixed frames of scalars, never pickles.

Request: length u32, thought u8, has target u8, target bytes u16, fuel u64, microseconds u32, target, text.

Reply: length u32, code u8, retiring u8, numerator digits u16, denominator digits u16, both in hex, reason.

The worker may have been taken over, so the parent believes a reply only after checking every field.
"""

from dataclasses import dataclass
from fractions import Fraction
from struct import Struct

from runtime.values.outcome import STATUSES, Status
from runtime.values.prompt import THOUGHTS, Thought

LENGTH = Struct("<I")
_REQUEST = Struct("<IBBHQI")
_REPLY = Struct("<IBBHH")
# The longest value (in hex digits; 400 decimal digits need 333) and the longest reason (in bytes) of a reply.
MAX_HEX = 340
MAX_REASON = 300
MAX_REPLY = _REPLY.size + 2 * MAX_HEX + MAX_REASON
NEEDS_SYMPY = len(STATUSES)
READY = len(STATUSES) + 1
_CODES: dict[str, int] = {status: code for code, status in enumerate(STATUSES)}
_THOUGHT_CODES: dict[str, int] = {thought: code for code, thought in enumerate(THOUGHTS)}
_HEX = frozenset(b"0123456789abcdef")


class BadFrame(Exception):
    """The bytes are no frame that the other side may send."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thought to solve, with what it may spend (`time_us` in microseconds)."""

    thought: Thought
    text: str
    target: str | None
    fuel: int
    time_us: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer. `code` indexes STATUSES, or is NEEDS_SYMPY or READY; a `retiring` worker takes no more."""

    code: int
    value: Fraction | None = None
    reason: str = ""
    retiring: bool = False

    @property
    def status(self) -> Status:
        """The outcome's status; only for codes that are one."""
        return STATUSES[self.code]


def pack_request(request: Request) -> bytes:
    """The request as one frame; lone surrogates become `?`."""
    target = b"" if request.target is None else request.target.encode("utf-8", "replace")[:0xFFFF]
    text = request.text.encode("utf-8", "replace")
    header = _REQUEST.pack(
        _REQUEST.size + len(target) + len(text),
        _THOUGHT_CODES[request.thought],
        request.target is not None,
        len(target),
        request.fuel,
        request.time_us,
    )
    return header + target + text


def unpack_request(frame: bytes) -> Request:
    """The request in one whole frame, as `pack_request` wrote it."""
    _, thought, has_target, target_bytes, fuel, time_us = _REQUEST.unpack_from(frame)
    start = _REQUEST.size + target_bytes
    target = frame[_REQUEST.size : start].decode("utf-8", "replace") if has_target else None
    return Request(THOUGHTS[thought], frame[start:].decode("utf-8", "replace"), target, fuel, time_us)


def status_code(status: Status) -> int:
    """The code of a status."""
    return _CODES[status]


def pack_reply(reply: Reply) -> bytes:
    """The reply as one frame; the value must fit MAX_HEX, the reason is cut to MAX_REASON bytes."""
    numerator = denominator = b""
    if reply.value is not None:
        numerator = b"%x" % reply.value.numerator
        denominator = b"%x" % reply.value.denominator
    reason = reply.reason.encode("utf-8", "replace")[:MAX_REASON]
    header = _REPLY.pack(
        _REPLY.size + len(numerator) + len(denominator) + len(reason),
        reply.code,
        reply.retiring,
        len(numerator),
        len(denominator),
    )
    return header + numerator + denominator + reason


def unpack_reply(frame: bytes) -> Reply:
    """The reply in one whole frame; raises BadFrame unless every field is one that a worker may send."""
    if len(frame) < _REPLY.size:
        raise BadFrame("a short reply")
    _, code, retiring, numerator_digits, denominator_digits = _REPLY.unpack_from(frame)
    middle = _REPLY.size + numerator_digits
    end = middle + denominator_digits
    if code > READY or end > len(frame):
        raise BadFrame("a reply out of range")
    reason = frame[end:].decode("utf-8", "ignore")
    if not reason.isprintable():
        reason = "".join(character if character.isprintable() else " " for character in reason)
    if numerator_digits == 0:
        if code == 0 or denominator_digits:
            raise BadFrame("a solved reply without a value")
        return Reply(code, None, reason, bool(retiring))
    if code != 0:
        raise BadFrame("a value without the status solved")
    return Reply(0, _read_value(frame[_REPLY.size : middle], frame[middle:end]), reason, bool(retiring))


def _read_value(numerator: bytes, denominator: bytes) -> Fraction:
    digits = numerator[1:] if numerator[:1] == b"-" else numerator
    if not digits or not denominator or not _HEX.issuperset(digits) or not _HEX.issuperset(denominator):
        raise BadFrame("a value that is no number")
    below = int(denominator, 16)
    if below == 0 or max(len(numerator), len(denominator)) > MAX_HEX + 1:
        raise BadFrame("a value out of range")
    return Fraction(int(numerator, 16), below)
