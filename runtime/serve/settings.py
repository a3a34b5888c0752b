"""How a server is set up, and the limits that nobody sets."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from runtime.answering.modes import DEFAULT_STREAMS, MAX_STREAMS
from runtime.values.environment import secret
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest

TOKEN_VARIABLE = "EDGETHOUGHT_TOKEN"
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
DEFAULT_QUEUE = 256
DEFAULT_DEADLINE_MS = 120_000.0
# Tokens of a model's context, or half of it, that --max-tokens leaves: a question's 4,000 characters mostly are fewer.
QUESTION_TOKENS = 1024
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
    requests may wait for each, `max_tokens` the most that a request may have written, see `longest_text`.
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
        if not self.host.strip():
            raise InputError("host is empty; expected: an address of this machine, such as 127.0.0.1")
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
            _check_token(token, TOKEN_VARIABLE)


def longest_text(settings: ServeSettings, manifest: Manifest) -> int:
    """The most tokens that an artifact writes for a request: its own limit, or `max_tokens` where a question fits too."""
    if settings.max_tokens is None:
        return manifest.max_tokens
    context = manifest.context_tokens
    return max(1, min(settings.max_tokens, context - min(QUESTION_TOKENS, context // 2)))


def read_tokens(file: Path | None) -> tuple[str, ...]:
    """The tokens of `EDGETHOUGHT_TOKEN` and of a file, one a line, `#` before a comment.

    Raises InputError for a file without one, and for a line that is none.
    """
    given = secret(TOKEN_VARIABLE)
    tokens = [given.strip()] if given else []
    if file is not None:
        tokens += _tokens_of(file)
    return tuple(dict.fromkeys(tokens))


def _tokens_of(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"token file {file} is no UTF-8; expected: a text file, a token a line") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"token file {file}: {reason}; expected: a text file, a token a line") from error
    found = {number: line.strip() for number, line in enumerate(lines, 1)}
    tokens = {number: line for number, line in found.items() if line and not line.startswith("#")}
    if not tokens:
        raise InputError(f"token file {file} has no token; expected: a token a line")
    for number, token in tokens.items():
        _check_token(token, f"line {number} of {file}")
    return list(tokens.values())


def _check_token(token: str, place: str) -> None:
    """Raise InputError, which does not tell the token, where anybody could guess it or no client can send it."""
    if " " in token or not (token.isascii() and token.isprintable()):
        what = "a token with spaces or other characters than plain ASCII"
    elif len(token) < MIN_TOKEN_CHARACTERS:
        what = f"a token of {len(token)} characters"
    else:
        return
    raise InputError(
        f"{place}: {what}; expected: {MIN_TOKEN_CHARACTERS} or more, plain ASCII, such as `openssl rand -hex 24` prints"
    )


def memory_bytes(gigabytes: float | None) -> int | None:
    """Gigabytes as bytes; raises InputError for what is none."""
    if gigabytes is None:
        return None
    if not 0 < gigabytes < 1e6:
        raise InputError(f"memory-gb is {gigabytes:g}; expected: more than 0, less than 1,000,000")
    return int(gigabytes * 1e9)


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine seen from itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
