"""Text from a model or a file, made safe to print: it must not move the cursor, recolour or rename anything."""

import os
import sys
import unicodedata

_KEPT = "\n\t"


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
