"""The prompt at which people type problems: history across sessions, left by `exit`, `quit` or Ctrl-D."""

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from runtime.values.environment import home_folder

PROMPT = "> "
HISTORY_FILE = "history"
HISTORY_LINES = 1000
_LEAVE = ("exit", "quit")


def questions(greeting: str) -> Iterator[str]:
    """Yield what is typed, empty lines left out; a pipe is read the same way, without greeting and prompt."""
    terminal = sys.stdin.isatty()
    if terminal:
        print(greeting, flush=True)
    with _history() if terminal else contextlib.nullcontext():
        yield from _lines(PROMPT if terminal else "")


def _lines(prompt: str) -> Iterator[str]:
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        try:
            line = input(prompt).strip()
        except EOFError:
            if prompt:
                print()
            return
        except KeyboardInterrupt:
            # Ctrl-C at the prompt throws the line away, as in a shell.
            print()
            continue
        if line.lower() in _LEAVE:
            return
        if line:
            yield line


@contextlib.contextmanager
def _history() -> Iterator[None]:
    """Arrow keys and a history kept in the home folder, where Python has readline."""
    try:
        import readline
    except ImportError:
        yield
        return
    file = home_folder() / HISTORY_FILE
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    try:
        yield
    finally:
        _save_history(readline, file)


def _save_history(readline: ModuleType, file: Path) -> None:
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        readline.set_history_length(HISTORY_LINES)
        readline.write_history_file(file)
