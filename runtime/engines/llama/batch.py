"""The batch of llama.cpp with its arrays seen through numpy: filling it costs microseconds, not one call a field."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from runtime.engines.llama.library import library

BATCH_TOKENS = 512


class TokenBatch:
    """At most `BATCH_TOKENS` tokens, each with a position, a sequence, and whether its logits are wanted."""

    def __init__(self) -> None:
        self.native: Any = library.llama_batch_init(BATCH_TOKENS, 0, 1)
        view = np.ctypeslib.as_array
        self._tokens = view(self.native.token, (BATCH_TOKENS,))
        self._positions = view(self.native.pos, (BATCH_TOKENS,))
        self._wanted = view(self.native.logits, (BATCH_TOKENS,))
        view(self.native.n_seq_id, (BATCH_TOKENS,))[:] = 1
        # Every token has a list of sequences of its own, always of one entry here.
        self._sequences = [self.native.seq_id[index] for index in range(BATCH_TOKENS)]

    def fill(
        self, tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int], wanted: Sequence[int]
    ) -> None:
        """Make these the batch's tokens; `wanted` are the indices whose logits are computed."""
        count = len(tokens)
        self._tokens[:count] = tokens
        self._positions[:count] = positions
        for entry, sequence in zip(self._sequences, sequences, strict=False):
            entry[0] = sequence
        self._wanted[:count] = 0
        self._wanted[list(wanted)] = 1
        self.native.n_tokens = count

    def next_token(self, token: int, position: int) -> None:
        """Make the batch one token of sequence 0, its logits wanted: what `fill` does, at a fraction of its cost."""
        self._tokens[0] = token
        self._positions[0] = position
        self._sequences[0][0] = 0
        self._wanted[0] = 1
        self.native.n_tokens = 1

    def free(self) -> None:
        """Give the memory back."""
        library.llama_batch_free(self.native)
