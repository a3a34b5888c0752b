"""The onnx engine: ONNX artifacts of decoder-only students on plain onnxruntime, keys and values in buffers of our own.

The artifact is onnxruntime-genai's, its loop is not: a loop of a few lines over the same graph is as fast, leaves a
finished sequence's place to the next one, and gives the logits to choose from.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.engines.onnx.graph import DecoderGraph, open_graph
from runtime.engines.onnx.rows import Rows
from runtime.engines.onnx.session import Runs
from runtime.engines.onnx.tokenizer import OnnxTokenizer
from runtime.engines.prefix_store import PrefixStore
from runtime.engines.row_streams import RowStreams
from runtime.engines.sequence_engine import PrefixEngine
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest

# Enough for a long question and a long thought; a longer prompt gets a longer row when it comes.
DEFAULT_CONTEXT = 1024
_ROW = 0


class OnnxEngine(PrefixEngine):
    """One loaded ONNX folder, one row, one shared prefix kept."""

    def __init__(self, model_file: Path, manifest: Manifest, threads: int) -> None:
        tokenizer = OnnxTokenizer(model_file.parent)
        self._graph: DecoderGraph | None = open_graph(model_file, threads)
        self._rows: Rows | None = None
        self._runs = Runs()
        is_end = (frozenset(manifest.end_tokens) | self._graph.ends).__contains__
        store = PrefixStore(manifest, "onnxruntime", model_file.name)
        super().__init__(manifest, tokenizer, self._runs, is_end, manifest.context_tokens, store)

    def streams(self, slots: int, max_len: int, contexts: int = 1, *, states: bool = False) -> RowStreams:
        """Slots for sequences that are decoded together, see `engine.Engine`; the weights are the same ones."""
        self._check_states(states)
        self._check_slots(slots, max_len)
        runs = Runs()
        rows = Rows(self._open(), slots, max_len, runs)
        return RowStreams(rows, self._is_end, self._grammars.chooser, slots, passes=runs)

    def close(self) -> None:
        """Free the row and the graph; a second call does nothing."""
        self._calls += 1
        self._graph = self._rows = None

    def _open(self) -> DecoderGraph:
        if self._graph is None:
            raise InputError(f"{self.name} is closed; expected: an engine that is open")
        return self._graph

    def _reserve(self, tokens: int) -> None:
        """Have a row of at least `tokens` tokens, as far as the model was trained for that many."""
        super()._reserve(tokens)
        if self._rows is None or tokens > self._rows.max_len:
            max_len = DEFAULT_CONTEXT if self._rows is None else 2 * self._rows.max_len
            self._rows = Rows(self._open(), 1, min(max(tokens, max_len), self.context_tokens), self._runs)
            self._kept = []

    def _row(self) -> Rows:
        assert self._rows is not None
        return self._rows

    def _read(self, tokens: Sequence[int], position: int, last: int = 1) -> Any:
        return self._row().read(_ROW, tokens, position, last)

    def _step(self, token: int, position: int) -> Any:
        return self._row().step([token], [position])[0]

    def _rewind(self, length: int) -> bool:
        return True  # The attention mask alone says how long a row is.

    def _state(self, length: int) -> bytes:
        return self._row().state(_ROW, length)

    def _restore(self, state: bytes, length: int) -> bool:
        return self._row().lay(_ROW, state, length)
