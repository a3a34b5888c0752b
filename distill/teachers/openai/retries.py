"""When to ask again: a growing, random wait, or what the server asks for in `Retry-After`."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """What a server asks to wait, in seconds: `retry-after-ms`, else `Retry-After` as seconds or as an HTTP date.

    None where it asks for nothing that can be read; a date that is past is 0.
    """
    if (milliseconds := _number(headers.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after", "")
    if (seconds := _number(asked)) is not None:
        return seconds
    try:
        date = parsedate_to_datetime(asked)
    except (ValueError, TypeError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def backoff_s(attempt: int, first_s: float, max_s: float, chance: random.Random) -> float:
    """The wait before retry `attempt` (from 0): random up to a bound that doubles, so that clients spread out.

    "Full jitter" of Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return chance.uniform(0.0, min(max_s, first_s * 2.0 ** min(attempt, 32)))
