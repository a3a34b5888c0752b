"""The engine of a checkpoint: transformers' weights, keys and values in rows of our own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from export.adapters.adapter import Adapter, check_fits
from export.checkpoint import load_student, quick_bfloat16, require_build
from runtime.engines.onnx.tokenizer import OnnxTokenizer
from runtime.engines.row_streams import RowStreams
from runtime.engines.sequence_engine import SequenceEngine
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest

# Enough for a long question and a long thought; a longer prompt gets a longer row when it comes.
DEFAULT_CONTEXT = 1024
_ROW = 0


class CheckpointEngine(SequenceEngine):
    """One loaded checkpoint, in the type that this processor multiplies quickest."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        threads: int,
        *,
        adapter: Adapter | None = None,
        dtype: Any = None,
    ) -> None:
        require_build()
        import torch

        from export.checkpoint_engine.decoder import CachedDecoder
        from export.checkpoint_engine.rows import CheckpointRows, Passes

        torch.set_num_threads(threads)
        dtype = dtype or (torch.bfloat16 if quick_bfloat16() else torch.float32)
        self._new_rows = CheckpointRows
        self._flag = Passes()
        self._decoder: CachedDecoder | None = CachedDecoder(_loaded(folder, adapter, dtype))
        self._rows: CheckpointRows | None = None
        self._kept: list[int] = []
        tokenizer = OnnxTokenizer(folder)
        is_end = frozenset(manifest.end_tokens).__contains__
        super().__init__(manifest, tokenizer, self._flag, is_end, manifest.context_tokens)

    def streams(
        self,
        slots: int,
        max_len: int,
        contexts: int = 1,
        *,
        states: bool = False,
        kept: Sequence[Sequence[int]] = (),
    ) -> RowStreams:
        """Slots for sequences that are decoded together, see `engine.Engine`.

        The prefixes that are `kept` are read once, and stay in memory while nobody writes after them.
        """
        self._check_states(states)
        self._check_slots(slots, max_len)
        from export.checkpoint_engine.rows import Passes

        passes = Passes()
        rows = self._new_rows(self._open(), slots + len(kept), max_len, passes)
        kept_ids = [tuple(prefix) for prefix in kept]
        return RowStreams(rows, self._is_end, self._grammars.chooser, slots, kept_ids, passes)

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `engine.Engine`."""
        self._begin()
        self._reserve(len(ids))
        self._kept = []
        return self._row().read(_ROW, ids, 0, last)

    def keep(self, prefix: Sequence[int]) -> None:
        """Have a prefix ready, see `engine.Engine`; none is left on the disk."""
        if list(prefix) == self._kept:
            return
        self._begin()
        self._reserve(len(prefix) + 1)
        self._kept = []
        self._row().read(_ROW, prefix, 0)
        self._kept = list(prefix)

    def close(self) -> None:
        """Free the weights; a second call does nothing."""
        self._calls += 1
        self._decoder = self._rows = None

    def _open(self) -> Any:
        if self._decoder is None:
            raise InputError(f"{self.name} is closed; expected: an engine that is open")
        return self._decoder

    def _reserve(self, tokens: int) -> None:
        """Have a row of at least `tokens` tokens, as far as the model may be asked for that many."""
        super()._reserve(tokens)
        if self._rows is None or tokens > self._rows.max_len:
            max_len = DEFAULT_CONTEXT if self._rows is None else 2 * self._rows.max_len
            max_len = min(max(tokens, max_len), self.context_tokens)
            self._rows = self._new_rows(self._open(), 1, max_len, self._flag)
            self._kept = []

    def _row(self) -> Any:
        assert self._rows is not None
        return self._rows

    def _prefill(self, prompt: list[int], shared: int) -> Any:
        head, kept, self._kept = prompt[:shared], self._kept, []
        if head and head != kept:
            self._row().read(_ROW, head, 0)
        logits = self._row().read(_ROW, prompt[shared:], shared)[0]
        self._kept = head
        return logits

    def _step(self, token: int, position: int) -> Any:
        return self._row().step([token], [position])[0]


def _loaded(folder: Path, adapter: Adapter | None, dtype: Any) -> Any:
    """A checkpoint's model in `dtype`, an adapter added as merging adds it and stores it: to the bit."""
    import torch

    model = load_student(folder, dtype=dtype)
    if adapter is None:
        return model
    weights = dict(model.named_parameters())
    with torch.no_grad():
        for name in adapter.pairs:
            check_fits(adapter, name, weights.get(name), folder)
            weights[name].copy_(adapter.added_to(name, weights[name]).bfloat16())
    return model
