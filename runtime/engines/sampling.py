"""Choosing the next token from logits, one way for every engine: the likeliest, or a seeded draw.

The libraries' own samplers differ; with this one, equal logits and an equal seed give equal tokens whatever engine
computed them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from runtime.engines.engine import Decoding
from runtime.values.errors import InputError

# Logits of one position, float32 (vocabulary,), to a token id.
Choose = Callable[[Any], int]
# A draw looks for its block of tokens first, then inside it: no sum over the whole vocabulary token by token.
_BLOCK = 64


def chooser(decoding: Decoding) -> Choose:
    """How one stream chooses: greedy at temperature 0, else draws by softmax(logits / temperature) from its seed.

    Grammars need an engine's vocabulary, see `runtime.engines.grammar`; here one raises InputError.
    """
    if decoding.grammar is not None or decoding.schema:
        raise InputError(
            f"grammar {decoding.grammar or 'JSON'!r} with an engine that has no grammars; expected: none"
        )
    if decoding.temperature <= 0:
        return likeliest
    random = np.random.default_rng(decoding.seed)

    def draw(logits: Any) -> int:
        weights = np.exp((logits - logits.max()) * np.float32(1 / decoding.temperature))
        starts = np.arange(0, len(weights), _BLOCK)
        ladder = np.add.reduceat(weights, starts).cumsum(dtype=np.float64)
        wanted = random.random() * ladder[-1]
        block = min(int(ladder.searchsorted(wanted, side="right")), len(ladder) - 1)
        below = ladder[block - 1] if block else 0.0
        inside = weights[starts[block] : starts[block] + _BLOCK].cumsum(dtype=np.float64)
        place = int(inside.searchsorted(wanted - below, side="right"))
        return int(starts[block]) + min(place, int(inside.size) - 1)

    return draw


def likeliest(logits: Any) -> int:
    """The first token with the largest logit."""
    return int(logits.argmax())


def log_probability(logits: Any, token: int) -> float:
    """The natural logarithm of softmax(logits)[token], at temperature 1 however the token was chosen."""
    top = logits.max()
    return float(logits[token] - top - np.log(np.exp(logits - top).sum()))
