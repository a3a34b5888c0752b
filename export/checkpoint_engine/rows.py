"""Rows of a checkpoint's cache, and the passes over them: what `runtime.engines.row_streams` writes streams on."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from export.checkpoint_engine.decoder import CachedDecoder
from runtime.engines.engine import Interrupted

# Attention looks at a few keys more than there are, so that few shapes come: each is planned once.
KEYS_AT_ONCE = 16


class Passes:
    """A flag that ends passes between their beginnings; any thread may set it."""

    def __init__(self) -> None:
        self.stopped = False

    def stop(self) -> None:
        """End every later pass until `resume`."""
        self.stopped = True

    def resume(self) -> None:
        """Let passes run."""
        self.stopped = False


class CheckpointRows:
    """`count` rows with room for `max_len` tokens each."""

    def __init__(
        self, decoder: CachedDecoder, count: int, max_len: int, passes: Passes | None = None
    ) -> None:
        self.max_len = max_len
        self._decoder = decoder
        self._passes = passes or Passes()
        self._cache: Any = decoder.cache(count, max_len)

    def read(self, row: int, tokens: Sequence[int], start: int, last: int = 1) -> Any:
        """Read a row's tokens from position `start` on; float32 logits after each of the last `last`, (last, width)."""
        return self._run(row, [tokens], lambda ids: self._decoder.read(self._cache, row, ids[0], start, last))

    def step(self, tokens: Sequence[int], positions: Sequence[int]) -> Any:
        """One more token of each of the first rows, at its position; float32 logits (rows, width)."""
        end = min(self.max_len, -(-(max(positions) + 1) // KEYS_AT_ONCE) * KEYS_AT_ONCE)
        where = torch.tensor(positions)
        return self._run(
            0,
            [[token] for token in tokens],
            lambda ids: self._decoder.step(self._cache, ids[:, 0], where.to(ids.device), end),
        )

    def copy(self, source: int, target: int, length: int) -> None:
        """Lay the first `length` tokens of one row on another."""
        self._cache.copy(source, target, length)

    def close(self) -> None:
        """Give the memory back; a second call does nothing."""
        self._cache = None

    def _run(self, first: int, ids: Sequence[Sequence[int]], run: Callable[[Any], Any]) -> Any:
        if self._passes.stopped:
            raise Interrupted
        with torch.inference_mode():
            logits = run(torch.tensor(ids, device=self._decoder.weight.device))
            return logits.float().cpu().numpy()
