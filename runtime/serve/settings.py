"""How a server is set up, and the limits that nobody sets."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from runtime.answering.modes import DEFAULT_STREAMS, MAX_STREAMS
from runtime.values.environment import secret
from runtime.values.errors import InputError

TOKEN_VARIABLE = "EDGETHOUGHT_TOKEN"
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
DEFAULT_QUEUE = 256
DEFAULT_DEADLINE_MS = 120_000.0
# A question has at most 4,000 characters; a prompt with worked examples has more.
MAX_BODY_BYTES = 256 << 10
# Seconds in which a request's head, and then its body, must be there.
READ_S = 10.0
# Connections at a time; each is a file.
MAX_CONNECTIONS = 768
# After this many seconds a client that was refused may try again.
RETRY_AFTER_S = 2
# Guessing shorter ones is no work.
MIN_TOKEN_CHARACTERS = 16

_ORIGIN = re.compile(r"https?://[^/\s*]+")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How a server is set up; raises InputError for what cannot be.

    Each of the `tokens` is a client. `memory_bytes` is what all loaded models may take together, `queue` how many
    requests may wait for each, `max_tokens` the most that a request may have written, the artifact's own limit where
    it is None.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    tokens: tuple[str, ...] = ()
    memory_bytes: int | None = None
    streams: int | None = None
    queue: int = DEFAULT_QUEUE
    max_tokens: int | None = None
    deadline_ms: float = DEFAULT_DEADLINE_MS
    cors: tuple[str, ...] = ()
    log_questions: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise InputError(f"port is {self.port}; expected: 0 (any free one) to 65535")
        if self.queue < 1:
            raise InputError(f"queue is {self.queue}; expected: 1 or more")
        if self.streams is not None and not 1 <= self.streams <= MAX_STREAMS:
            raise InputError(
                f"streams is {self.streams}; expected: 1 to {MAX_STREAMS}, {DEFAULT_STREAMS} unless given"
            )
        if self.max_tokens is not None and self.max_tokens < 1:
            raise InputError(f"max-tokens is {self.max_tokens}; expected: 1 or more")
        if not 0 < self.deadline_ms < float("inf"):
            raise InputError(f"the deadline is {self.deadline_ms:g} ms; expected: more than 0")
        for origin in self.cors:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise InputError(f"cors {origin!r}; expected: an origin, such as https://example.org, or *")
        self._check_tokens()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    def _check_tokens(self) -> None:
        if not self.loopback and not self.tokens:
            raise InputError(
                f"host {self.host} without a token; expected: 127.0.0.1, or EDGETHOUGHT_TOKEN or --token-file"
            )
        for token in self.tokens:
            if len(token) < MIN_TOKEN_CHARACTERS or not (token.isascii() and token.isprintable()):
                raise InputError(
                    f"a token of {len(token)} characters; expected: {MIN_TOKEN_CHARACTERS} or more, plain ASCII, such as "
                    "`openssl rand -hex 24` prints"
                )


def read_tokens(file: Path | None) -> tuple[str, ...]:
    """The tokens of `EDGETHOUGHT_TOKEN` and of a file, one a line; raises InputError where it has none."""
    given = secret(TOKEN_VARIABLE)
    tokens = [given.strip()] if given else []
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"no token in {file}; expected: a text file, a token a line") from error
        if not lines:
            raise InputError(f"{file} is empty; expected: a token a line")
        tokens += lines
    return tuple(dict.fromkeys(tokens))


def memory_bytes(gigabytes: float | None) -> int | None:
    """Gigabytes as bytes; raises InputError for what is none."""
    if gigabytes is None:
        return None
    if not 0 < gigabytes < 1e6:
        raise InputError(f"memory-gb is {gigabytes:g}; expected: more than 0")
    return int(gigabytes * 1e9)


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine seen from itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
