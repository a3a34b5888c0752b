"""The importance matrix: how much each input channel of a weight counts, measured on what the student is to write.

llama.cpp's quantiser weighs the rounding error of every column by the mean square of what that column is multiplied
with (its `imatrix`), so that few large channels are kept well. Here it is measured on rationales of our own, in the
checkpoint itself; llama.cpp's tool for it runs another copy of the model over plain text.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Any

from export.checkpoint import (
    EMBEDDING,
    HEAD,
    load_student,
    load_tokenizer,
    padded,
    quick_bfloat16,
    read_config,
)
from export.gguf.architectures import check_plain
from runtime.values.errors import InputError
from runtime.values.prompt import render_prompt
from runtime.values.rationale import Rationale

# Twice as many cost twice the time and change nothing that a benchmark would see: docs/build.md.
TEXTS = 64
# Thoughts that guesses of next tokens come from: four times as many gain 1 %.
THOUGHTS = 500
# Rows that the model reads at a time: some thousand tokens are quickest.
BATCH_ROWS = 8
# A channel that no text used still keeps a little of its weights.
LEAST_SHARE = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """Texts to measure importance on: prompts with what followed them, where they are from, and a hash over them.

    `thoughts` are more of what such a student writes, for guesses of its next tokens; they change no weights.
    """

    source: str
    texts: tuple[tuple[str, str], ...]
    thoughts: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """A hash over the texts, which decides what they do to an artifact."""
        return hashlib.sha256("\0".join(part for text in self.texts for part in text).encode()).hexdigest()

    def to_row(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {"source": self.source, "texts": len(self.texts), "sha256": self.sha256}


def draw_calibration(rationales: Iterable[Rationale], source: str) -> Calibration:
    """`TEXTS` rationales drawn by their hash: the same ones in whatever order they come. Raises InputError for none."""
    texts = ((render_prompt(row.problem.question, row.thought), row.text) for row in rationales)
    drawn = nsmallest(THOUGHTS, texts, key=lambda text: hashlib.sha256("\0".join(text).encode()).digest())
    if not drawn:
        raise InputError(f"{source} has no rationales; expected: some to calibrate with")
    return Calibration(source, tuple(drawn[:TEXTS]), tuple(text for _, text in drawn))


def importance_matrix(checkpoint: Path, calibration: Calibration) -> dict[str, Any]:
    """By GGUF's name of each matrix, the mean square of every input channel (float32, columns) over all texts.

    The embedding's is the head's, whose weights it may have, or which may stand in for it.
    """
    import torch

    # A mean square needs no more digits than bfloat16 has.
    model = load_student(checkpoint, dtype=torch.bfloat16 if quick_bfloat16() else torch.float32)
    sums = ChannelSums()
    hooks = [
        module.register_forward_pre_hook(sums.adder(f"{name}.weight"))
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
    ]
    with torch.inference_mode():
        for batch, sums.counted in padded(token_ids(checkpoint, calibration), BATCH_ROWS):
            model(batch, use_cache=False)
    for hook in hooks:
        hook.remove()
    return _by_gguf_name(sums.means(), read_config(checkpoint), checkpoint)


def token_ids(checkpoint: Path, calibration: Calibration) -> list[list[int]]:
    """Each calibration text in tokens."""
    tokenizer = load_tokenizer(checkpoint)
    return [
        [token for part in text for token in tokenizer.encode(part, add_special_tokens=False)]
        for text in calibration.texts
    ]


class ChannelSums:
    """Sums of squares of what linear layers are given, channel by channel.

    `counted` (row, position) says which positions of the batch that runs are tokens.
    """

    def __init__(self) -> None:
        self.counted: Any = None
        self._sums: dict[str, Any] = {}
        self._tokens: dict[str, int] = {}
        self._last: Any = None
        self._squares: Any = None

    def adder(self, name: str) -> Any:
        """A hook for the layer of this name."""

        def add(module: Any, given: tuple[Any, ...]) -> None:
            self._sums[name] = self._sums.get(name, 0) + self._summed(given[0])
            self._tokens[name] = self._tokens.get(name, 0) + int(self.counted.sum())

        return add

    def _summed(self, given: Any) -> Any:
        # Queries, keys and values are given the very same tensor, and it is summed once.
        if given is not self._last:
            self._last, self._squares = given, given[self.counted].float().square().sum(dim=0).double()
        return self._squares

    def means(self) -> dict[str, Any]:
        """The mean squares of every layer so far."""
        return {name: total / self._tokens[name] for name, total in self._sums.items()}


def _by_gguf_name(means: Mapping[str, Any], config: Mapping[str, Any], whose: Path) -> dict[str, Any]:
    import torch

    architecture = check_plain(config, whose)
    names = architecture.names(config["num_hidden_layers"], tied=False)
    found = {}
    for name, mean in {**means, EMBEDDING: means[HEAD]}.items():
        # Eight bits of a number are enough, and the order of a sum's terms does not show in them.
        kept = torch.maximum(mean, mean.mean() * LEAST_SHARE).to(torch.bfloat16)
        found[names[name]] = kept.float().numpy()
    return found
