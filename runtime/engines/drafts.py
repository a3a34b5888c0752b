"""Drafts: guesses of how a text goes on, which a pass checks together with its next token.

On a processor that waits for memory a pass over four tokens takes hardly longer than one over one, since the weights are
read once for all. So the tokens that probably follow ride along; those that the model would have chosen itself are kept,
the rest is forgotten, and the text stays what it was to the token, drawn ones too: every position is chosen once, from
the same logits (speculative decoding, arXiv 2211.17192, with the simplest of drafts). Guesses cost nothing: what
followed the last tokens where the question or the text had them before (prompt lookup), and in a table of what mostly
follows them in such texts.

What a pass of each size takes here is measured as passes run: where more tokens cost more than they bring, none are
guessed.
"""

import json
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from runtime.values.errors import InputError
from runtime.values.files import whole_file

DRAFTS_FILE = "drafts.json"
# Guesses of one pass at most, and tokens that a guess looks back.
MOST = 3
LOOKS_BACK = 4
# Stands before a text's first token.
START = -1
# Of a table: how often something must have been followed, and which share of that by the same token.
OFTEN, MOSTLY = 2, 0.3
# Followers of so many tokens, of the text itself or of the table, in the order in which they are believed.
_ORDER = (
    ("own", 4),
    ("own", 3),
    ("table", 4),
    ("table", 3),
    ("own", 2),
    ("table", 2),
    ("table", 1),
    ("own", 1),
)

Followers = dict[tuple[int, ...], int]


def followers_of(texts: Iterable[Sequence[int]]) -> Followers:
    """A table: what mostly follows the last one to four tokens in texts, their end token included."""
    counts: dict[tuple[int, ...], Counter[int]] = {}
    for text in texts:
        ids = (START, *text)
        for end in range(1, len(ids)):
            for start in range(max(0, end - LOOKS_BACK), end):
                counts.setdefault(ids[start:end], Counter())[ids[end]] += 1
    mostly = {context: (*found.most_common(1)[0], found.total()) for context, found in counts.items()}
    return {
        context: token
        for context, (token, count, total) in mostly.items()
        if total >= OFTEN and count >= MOSTLY * total
    }


def write_followers(folder: Path, table: Followers) -> None:
    """Put a table into an artifact's folder."""
    rows = {" ".join(map(str, context)): token for context, token in sorted(table.items())}
    with whole_file(folder / DRAFTS_FILE) as partial:
        partial.write_text(json.dumps(rows, separators=(",", ":")) + "\n", encoding="utf-8")


def read_followers(folder: Path) -> Followers:
    """An artifact's table; an empty one where it has none. Raises InputError for a file that is none of ours."""
    path = folder / DRAFTS_FILE
    try:
        rows: Mapping[str, int] = json.loads(path.read_text(encoding="utf-8"))
        return {tuple(map(int, context.split())): int(token) for context, token in rows.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(
            f"{path} holds no table of drafts; expected: what `edgethought export` writes, or no such file"
        ) from error


class Guesser:
    """Guesses how one text goes on, from its prompt, itself and a table."""

    def __init__(self, table: Followers, prompt: Sequence[int]) -> None:
        self._table = table
        self._own: Followers = {}
        self._read: list[int] = []
        self._written: list[int] = [START]
        for token in prompt:
            self._note(token)

    def add(self, token: int) -> None:
        """Note the text's next token."""
        self._note(token)
        self._written.append(token)

    def guess(self, count: int) -> list[int]:
        """So many tokens that probably follow, or none.

        Fewer known ones are filled up with the last: llama.cpp's products take rows by fours, and three take longer.
        """
        read, written = self._read[-LOOKS_BACK:], self._written[-LOOKS_BACK:]
        guessed: list[int] = []
        while len(guessed) < count:
            token = self._next(read, written)
            if token is None:
                break
            guessed.append(token)
            read, written = [*read, token][-LOOKS_BACK:], [*written, token][-LOOKS_BACK:]
        return guessed + guessed[-1:] * (count - len(guessed))

    def _note(self, token: int) -> None:
        before = self._read[-LOOKS_BACK:]
        for start in range(len(before)):
            self._own[tuple(before[start:])] = token
        self._read.append(token)

    def _next(self, read: Sequence[int], written: Sequence[int]) -> int | None:
        for source, length in _ORDER:
            tokens, followers = (read, self._own) if source == "own" else (written, self._table)
            found = followers.get(tuple(tokens[-length:])) if len(tokens) >= length else None
            if found is not None:
                return found
        return None


class Pace:
    """How many guesses pay: what passes take by their number of tokens, and which share of guesses is right."""

    # Passes of a size whose quickest counts, and after how many passes the other sizes are looked at again.
    _LATEST, _AGAIN = 9, 48

    def __init__(self) -> None:
        self._took: dict[int, deque[float]] = {}
        self._threads = 0
        # The share of first, second and third guesses that are right where those before were; at first a usual one.
        self._right = [0.45, 0.4, 0.4]
        self._passes = 0

    def most(self) -> int:
        """How many tokens the next pass should guess."""
        self._passes += 1
        alone, all_of_them = self._took.get(1, ()), self._took.get(1 + MOST, ())
        if len(alone) < 2:
            return 0
        if len(all_of_them) < 2:
            return MOST
        best = max(range(MOST + 1), key=self._gain)
        if self._passes % self._AGAIN >= self._AGAIN - 2:
            return 0 if best else MOST
        return best

    def note(self, tokens: int, seconds: float, threads: int) -> None:
        """A pass over so many tokens has taken so long on so many threads; what others took is forgotten."""
        if threads != self._threads:
            self._threads = threads
            self._took.clear()
        self._took.setdefault(tokens, deque(maxlen=self._LATEST)).append(seconds)

    def judged(self, guessed: int, right: int) -> None:
        """Of so many guesses the first ones were right."""
        for place in range(min(guessed, right + 1)):
            self._right[place] += 0.03 * ((place < right) - self._right[place])

    def _gain(self, guesses: int) -> float:
        """Tokens a second that so many guesses bring."""
        tokens = likely = 1.0
        for share in self._right[:guesses]:
            likely *= share
            tokens += likely
        return tokens / self._seconds(1 + guesses)

    def _seconds(self, tokens: int) -> float:
        """The quickest of such passes lately; of sizes that were not measured, between one token and most."""
        if known := self._took.get(tokens):
            return min(known)
        alone, most = min(self._took[1]), min(self._took[1 + MOST])
        return alone + (most - alone) * (tokens - 1) / MOST
