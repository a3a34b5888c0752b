"""The terminal: text of a model or a file made safe to print, and the prompt at which people type problems.

What is printed must not move the cursor, recolour or rename anything. The prompt has a history across sessions and is
left by `exit`, `quit` or Ctrl-D.
"""

import contextlib
import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from runtime.values.environment import home_folder

_KEPT = "\n\t"
PROMPT = "> "
HISTORY_FILE = "history"
HISTORY_LINES = 1000
_LEAVE = ("exit", "quit")


def printable(text: str) -> str:
    """The text with control and direction-changing characters, and broken ones, shown as escapes."""
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in _KEPT or character.isprintable():
        return character
    # Spaces other than the plain one are no danger, joiners inside emoji and scripts neither.
    if unicodedata.category(character) == "Zs" or character in "\u200c\u200d":
        return character
    return character.encode("unicode_escape").decode("ascii")


def bold(text: str) -> str:
    """The text in bold when standard output is a terminal that has not asked for plain text (`NO_COLOR`)."""
    return _styled(text, 1)


def dim(text: str) -> str:
    """The text in a fainter shade, under the same condition as `bold`."""
    return _styled(text, 2)


def _styled(text: str, code: int) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return text if plain else f"\x1b[{code}m{text}\x1b[0m"


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
