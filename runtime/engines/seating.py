"""What must hold before streams are seated, one way for every engine."""

from collections.abc import Sequence

from runtime.engines.engine import Streams, Tail
from runtime.values.errors import InputError


def check_seating(streams: Streams, prefix: Sequence[int], tails: Sequence[Tail]) -> None:
    """Raise InputError when there is no free seat for each tail, or a prompt and its answer do not fit one."""
    if len(tails) > streams.free():
        raise InputError(f"{len(tails)} streams; expected: {streams.free()}, the free seats")
    for tail, decoding in tails:
        needed = len(prefix) + len(tail) + decoding.max_tokens
        if not tail or needed > streams.room:
            raise InputError(f"a stream of {needed:,} tokens; expected: 1 to {streams.room:,}")
