"""llama.cpp's log: kept out of the terminal, and read where it alone says why a file was refused."""

import importlib.metadata
import re
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from runtime.engines.foreign_files import what_it_looks_like
from runtime.engines.llama.library import library
from runtime.values.errors import InputError

_ERROR_LEVEL = 4
_REMEMBERED = 4
_last: deque[str] = deque(maxlen=_REMEMBERED)
# What llama.cpp's loader says -> what that means to somebody with a file. The first that is found counts.
_MEANINGS = (
    (
        r"is version (\d+) but .* up to version (\d+)",
        r"is of GGUF version \1; expected: at most \2, as {us} reads",
    ),
    (
        r"GGUFv(\d+) is no longer supported",
        r"is of GGUF version \1, which {us} reads no more; expected: 2 or 3",
    ),
    (
        r"unknown model architecture: '(.*?)'",
        r"has the architecture '\1', which {us} lacks; expected: one that it has",
    ),
    (
        r"not within the file bounds|failed to read (key-value|tensor info|header|magic)",
        r"is cut off after {size} bytes; expected: the whole file, get it again",
    ),
)


@library.llama_log_callback  # type: ignore[untyped-decorator]
def _remember(level: int, text: bytes, _data: object) -> None:
    if level == _ERROR_LEVEL:
        _last.append(text.decode("utf-8", "replace").strip())


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C back until the end: raised inside a callback that a library calls, it would be lost."""
    own = threading.current_thread() is threading.main_thread()
    if not own or signal.getsignal(signal.SIGINT) is None:
        # Threads get no signals; a handler that another language has set cannot be put back from here.
        yield
        return
    came: list[FrameType | None] = []
    before = signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(signal.SIGINT, came[0])


def silence_log() -> None:
    """Keep llama.cpp's log out of the terminal; its last errors are remembered for our own, older ones forgotten."""
    library.llama_log_set(_remember, None)
    _last.clear()


def complaint() -> str:
    """llama.cpp's last errors in brackets, to end a message with; empty when it said nothing."""
    return f" ({'; '.join(_last)})" if _last else ""


def refused_file(file: Path) -> InputError:
    """Why llama.cpp could not load a GGUF file, in one line that says what to do."""
    looks = what_it_looks_like(file)
    if looks:
        return InputError(f"{file} is {looks}; expected: a GGUF file")
    said = "; ".join(_last)
    for pattern, meaning in _MEANINGS:
        if found := re.search(pattern, said):
            us = f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"
            told = found.expand(meaning.format(us=us, size=f"{file.stat().st_size:,}"))
            return InputError(f"{file} {told}")
    return InputError(f"{file} could not be loaded as GGUF{complaint()}; expected: a whole GGUF file")
