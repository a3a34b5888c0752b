"""Stopping llama.cpp inside a pass, from any thread, at no cost to the passes that are not stopped.

llama.cpp asks a callback after every operation, some six hundred times a token; one written in Python would take a
tenth of the time and the interpreter's lock each time. So the callback is the C library's own `strlen` over a buffer
of two bytes: 0 while the buffer is an empty text, 1 once its first byte is set.
"""

import ctypes
from typing import Any

from runtime.engines.llama.library import library

# What llama_decode returns after a callback has said stop.
ABORTED = 2


class Abort:
    """A flag that llama.cpp looks at by itself."""

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)

    def settle(self, settings: Any) -> None:
        """Have a context that is made with these settings look at the flag. The flag must outlive the context."""
        strlen = ctypes.CDLL(None).strlen
        settings.abort_callback = ctypes.cast(strlen, library.ggml_abort_callback)
        settings.abort_callback_data = ctypes.addressof(self._text)

    def stop(self) -> None:
        """Stop the pass that runs now, and every later one until `resume`."""
        self._text[0] = b"!"

    def resume(self) -> None:
        """Let passes run."""
        self._text[0] = b"\0"

    def is_set(self) -> bool:
        """Whether passes are stopped."""
        return self._text[0] != b"\0"
