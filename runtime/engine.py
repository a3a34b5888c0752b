"""Engine: runs an artifact, tokens in and tokens out. It knows no maths.

An engine yields token ids one at a time, so that whoever consumes them can stop as soon as the thought is
solvable, a deadline passes or the user gives up: closing the generator ends the work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode. Greedy (`temperature` 0) unless the caller says otherwise; sampling takes a seed."""

    max_tokens: int = 320
    temperature: float = 0.0
    seed: int = 0


GREEDY = Decoding()


class Engine(Protocol):
    """One loaded artifact. Not safe to share between threads: one engine serves one stream of calls."""

    name: str
    context_tokens: int

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`, with no special token added in front or behind, none recognised inside."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out."""
        ...

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        """Yield generated token ids, the end token excluded, at most `decoding.max_tokens` of them.

        The first `next()` runs the prefill. The first `shared` ids (0 to `len(prompt) - 1`) are prefilled
        as a batch of their own and kept: a following call that shares exactly these does not compute them
        again. Because the cut is where the caller says, and not where the call before happened to differ,
        the arithmetic and so the answer never depends on what was asked before. A later call ends an earlier
        generator. Raises InputError when prompt and answer do not fit `context_tokens`.
        """
        ...

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, one forward pass: float32 array (last, vocabulary).

        For measuring, not for answering: it ends an earlier generator and drops the kept prefix.
        """
        ...

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token, not to its limit or a consumer's stop."""
        ...

    def close(self) -> None:
        """Free the artifact's memory."""
        ...
