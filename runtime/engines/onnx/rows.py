"""Rows: the keys and values of several sequences in buffers of our own, and the graph run over some of them.

Every row's cache is one contiguous block, and so are the caches of neighbouring rows: a prompt is read on its row
alone, a step runs the first rows together, and the same memory is bound in both.
"""

import contextlib
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from runtime.engines.onnx.graph import IDS, LOGITS, MASK, DecoderGraph
from runtime.engines.onnx.session import Runs

# Tokens of a prompt that are read at once; fewer where the graph gives logits after every one of them (128 times a
# vocabulary of 49,152 are 25 MB). A usual prompt is one pass: a hundred tokens in two passes take 4 % longer.
READ_TOKENS, READ_TOKENS_EVERY = 256, 128
_DEVICE = ("cpu", 0)


class Rows:
    """`count` rows with room for `max_len` tokens each. Memory is taken as tokens come, not before."""

    def __init__(self, graph: DecoderGraph, count: int, max_len: int, runs: Runs | None = None) -> None:
        self.max_len = max_len
        self._runs = runs or Runs()
        self._graph = graph
        self._cache: Any = _zeros(len(graph.caches), count, graph.heads, max_len, graph.head)
        self._at_once = READ_TOKENS_EVERY if graph.every else READ_TOKENS
        self._logits: Any = np.empty(
            (max(count, self._at_once if graph.every else 1), graph.width), np.float32
        )
        # As wide as a row is long: shapes then stay the same from step to step.
        self._mask: Any = np.zeros((count, max_len), np.int64)
        self._lengths = [0] * count
        self._bound: dict[tuple[int, int, int], _Bound] = {}

    def read(self, row: int, tokens: Sequence[int], start: int, last: int = 1) -> Any:
        """Read a row's tokens from position `start` on; float32 logits after each of the last `last`, (last, width)."""
        count = len(tokens)
        majority_vote = count if self._graph.every else count - last + 1
        cuts = [*range(0, majority_vote, self._at_once), *range(majority_vote, count), count]
        found: list[Any] = []
        for first, after in pairwise(cuts):
            logits = self._run(row, [tokens[first:after]], [start + after])
            wanted = min(len(logits), after - (count - last))
            if wanted > 0:
                found.append(logits[-wanted:].copy())
        return np.concatenate(found)

    def step(self, tokens: Sequence[int], positions: Sequence[int]) -> Any:
        """One more token of each of the first rows, at its position; float32 logits (rows, width).

        A view that the next pass overwrites.
        """
        return self._run(0, [[token] for token in tokens], [position + 1 for position in positions])

    def copy(self, source: int, target: int, length: int) -> None:
        """Lay the first `length` tokens of one row on another."""
        self._cache[:, target, :, :length] = self._cache[:, source, :, :length]

    def state(self, row: int, length: int) -> bytes:
        """Keys and values of a row's first `length` tokens, to be laid on a row of the same graph again."""
        return bytes(self._cache[:, row, :, :length].tobytes())

    def lay(self, row: int, state: bytes, length: int) -> bool:
        """Lay what `state` gave on a row; False when it is not of this graph's shape."""
        cells = self._cache[:, row, :, :length]
        if len(state) != cells.nbytes:
            return False
        cells[:] = np.frombuffer(state, np.float32).reshape(cells.shape)
        return True

    def close(self) -> None:
        """Give the memory back; a second call does nothing."""
        self._bound.clear()
        self._cache = self._logits = None

    def _run(self, first: int, ids: Sequence[Sequence[int]], lengths: Sequence[int]) -> Any:
        """Run rows from `first` on over ids (rows, tokens), after which they are `lengths` long."""
        count, tokens = len(ids), len(ids[0])
        bound = self._bound.get((first, count, tokens)) or self._bind(first, count, tokens)
        for row, (row_ids, length) in enumerate(zip(ids, lengths, strict=True)):
            bound.ids[row] = row_ids
            self._set_length(first + row, length)
        self._runs.run(self._graph.session, bound.binding, whole=tokens == 1)
        return self._logits[: count * (tokens if self._graph.every else 1)]

    def _set_length(self, row: int, length: int) -> None:
        """Have a row's mask say how long it is; from step to step one cell changes."""
        if length == self._lengths[row] + 1:
            self._mask[row, length - 1] = 1
        else:
            self._mask[row, :length] = 1
            self._mask[row, length:] = 0
        self._lengths[row] = length

    def _bind(self, first: int, count: int, tokens: int) -> "_Bound":
        """All inputs and outputs of a pass bound to buffers; kept for steps, which bind anew for 3 % of their time."""
        ids = np.empty((count, tokens), np.int64)
        binding = self._graph.session.io_binding()
        binding.bind_input(IDS, *_DEVICE, np.int64, ids.shape, ids.ctypes.data)
        mask = self._mask[first : first + count]
        binding.bind_input(MASK, *_DEVICE, np.int64, mask.shape, mask.ctypes.data)
        shape = (count, tokens if self._graph.every else 1, self._graph.width)
        binding.bind_output(LOGITS, *_DEVICE, np.float32, shape, self._logits.ctypes.data)
        for (past, present), cache in zip(self._graph.caches, self._cache, strict=True):
            rows = cache[first : first + count]
            binding.bind_input(past, *_DEVICE, np.float32, rows.shape, rows.ctypes.data)
            binding.bind_output(present, *_DEVICE, np.float32, rows.shape, rows.ctypes.data)
        bound = _Bound(binding, ids)
        if tokens == 1:
            self._bound[first, count, tokens] = bound
        return bound


@dataclass(frozen=True, slots=True)
class _Bound:
    """A binding, and its token ids (rows, tokens), int64, to be filled before each run."""

    binding: Any
    ids: Any


def _zeros(*shape: int) -> Any:
    """A float32 array of zeros whose memory is taken page by page.

    numpy asks the system for huge pages; sixteen rows of 512 tokens then take all of their 377 MB with the first token.
    """
    memory = mmap.mmap(-1, prod(shape) * np.dtype(np.float32).itemsize)
    # Only Linux knows this advice, and only where it has huge pages.
    with contextlib.suppress(AttributeError, OSError):
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, np.float32).reshape(shape)
