"""Rows: the keys and values of several sequences in buffers of our own, and the graph run over some of them.

Every row's cache is one contiguous block, and so are the caches of neighbouring rows: a prompt is read on its row
alone, a step runs the first rows together, and the same memory is bound in both.
"""

import contextlib
import mmap
from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from runtime.engines.onnx_graph import IDS, LOGITS, MASK, DecoderGraph
from runtime.engines.onnx_runs import Runs

# Tokens of a prompt that are read at once; fewer where the graph gives logits after every one of them (128 times a
# vocabulary of 49,152 are 25 MB). A usual prompt is one pass: a hundred tokens in two passes take 4 % longer.
READ_TOKENS, READ_TOKENS_EVERY = 256, 128
_DEVICE = ("cpu", 0)


class Rows:
    """`count` rows with room for `room` tokens each. Memory is taken as tokens come, not before."""

    def __init__(self, graph: DecoderGraph, count: int, room: int, runs: Runs | None = None) -> None:
        self.room = room
        self._runs = runs or Runs()
        self._graph = graph
        self._cache: Any = _zeros(len(graph.caches), count, graph.heads, room, graph.head)
        self._at_once = READ_TOKENS_EVERY if graph.every else READ_TOKENS
        self._logits: Any = np.empty(
            (max(count, self._at_once if graph.every else 1), graph.width), np.float32
        )
        self._places = np.arange(room)
        self._bindings: dict[tuple[int, int], Any] = {}

    def read(self, row: int, tokens: Sequence[int], start: int, last: int = 1) -> Any:
        """Read a row's tokens from position `start` on; float32 logits after each of the last `last`, (last, width)."""
        count = len(tokens)
        together = count if self._graph.every else count - last + 1
        cuts = [*range(0, together, self._at_once), *range(together, count), count]
        found: list[Any] = []
        for first, after in pairwise(cuts):
            logits = self._run(row, np.array([tokens[first:after]], np.int64), [start + after])
            wanted = min(len(logits), after - (count - last))
            if wanted > 0:
                found.append(logits[-wanted:].copy())
        return np.concatenate(found)

    def step(self, tokens: Sequence[int], positions: Sequence[int]) -> Any:
        """One more token of each of the first rows, at its position; float32 logits (rows, width).

        A view that the next pass overwrites.
        """
        return self._run(0, np.array(tokens, np.int64)[:, None], [position + 1 for position in positions])

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
        self._bindings.clear()
        self._cache = self._logits = None

    def _run(self, first: int, ids: Any, lengths: Sequence[int]) -> Any:
        """Run rows from `first` on over ids (rows, tokens), after which they are `lengths` long."""
        count, tokens = ids.shape
        # A mask as wide as the room: shapes then stay the same from step to step.
        mask = (self._places < np.array(lengths)[:, None]).astype(np.int64)
        binding = self._binding(first, count)
        binding.bind_input(IDS, *_DEVICE, np.int64, ids.shape, ids.ctypes.data)
        binding.bind_input(MASK, *_DEVICE, np.int64, mask.shape, mask.ctypes.data)
        given = tokens if self._graph.every else 1
        shape = (count, given, self._graph.width)
        binding.bind_output(LOGITS, *_DEVICE, np.float32, shape, self._logits.ctypes.data)
        self._runs.run(self._graph.session, binding)
        return self._logits[: count * given]

    def _binding(self, first: int, count: int) -> Any:
        """Rows' caches bound as past and as present; made once for each choice of rows."""
        if (first, count) not in self._bindings:
            binding = self._graph.session.io_binding()
            for (past, present), cache in zip(self._graph.caches, self._cache, strict=True):
                rows = cache[first : first + count]
                binding.bind_input(past, *_DEVICE, np.float32, rows.shape, rows.ctypes.data)
                binding.bind_output(present, *_DEVICE, np.float32, rows.shape, rows.ctypes.data)
            self._bindings[first, count] = binding
        return self._bindings[first, count]


def _zeros(*shape: int) -> Any:
    """A float32 array of zeros whose memory is taken page by page.

    numpy asks the system for huge pages; sixteen rows of 512 tokens then take all of their 377 MB with the first token.
    """
    memory = mmap.mmap(-1, prod(shape) * np.dtype(np.float32).itemsize)
    # Only Linux knows this advice, and only where it has huge pages.
    with contextlib.suppress(AttributeError, OSError):
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, np.float32).reshape(shape)
