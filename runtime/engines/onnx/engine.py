"""The onnx engine: ONNX artifacts of decoder-only students on plain onnxruntime, keys and values in buffers of our own.

The artifact is onnxruntime-genai's, its loop is not: a loop of a few lines over the same graph is as fast, leaves a
finished sequence's place to the next one, and gives the logits to choose from.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runtime.engines.engine import GREEDY, Decoding
from runtime.engines.grammar import Grammars
from runtime.engines.onnx.graph import DecoderGraph, open_graph
from runtime.engines.onnx.rows import Rows
from runtime.engines.onnx.runs import Interrupted, Runs
from runtime.engines.onnx.scheduler import OnnxStreams
from runtime.engines.onnx.tokenizer import OnnxTokenizer
from runtime.engines.prefix_store import PrefixStore
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest

# Enough for a long question and a long thought; a longer prompt gets a longer row when it comes.
DEFAULT_CONTEXT = 1024
_ROW = 0


class OnnxEngine:
    """One loaded ONNX folder, one row, one shared prefix kept."""

    def __init__(self, model_file: Path, manifest: Manifest, threads: int) -> None:
        self.name = manifest.name
        self.context_tokens = manifest.context_tokens
        self._tokenizer = OnnxTokenizer(model_file.parent)
        self._graph: DecoderGraph | None = open_graph(model_file, threads)
        self._ends = frozenset(manifest.end_tokens) | self._graph.ends
        self._grammars = Grammars(self.pieces, self.encode, manifest.end_tokens)
        self._kept: list[int] = []
        self._calls = 0
        self._ended = False
        self._rows: Rows | None = None
        self._runs = Runs()
        self._store = PrefixStore(manifest, "onnxruntime", model_file.name)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and `<|im_end|>` typed by a user stays text."""
        return self._tokenizer.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out; bytes that are no UTF-8 show as U+FFFD."""
        return self._tokenizer.decode(ids)

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        return self._tokenizer.pieces()

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        """Yield generated ids, see `runtime.engines.engine.Engine`."""
        self._calls += 1
        self._ended = False
        self._runs.resume()
        with contextlib.suppress(Interrupted):
            yield from self._write(prompt, decoding, shared)

    def _write(self, prompt: Sequence[int], decoding: Decoding, shared: int) -> Iterator[int]:
        call = self._calls
        rows = self._reserve(len(prompt) + decoding.max_tokens)
        choose = self._grammars.chooser(decoding)
        logits = self._prefill(rows, list(prompt), shared)
        limit = len(prompt) + decoding.max_tokens
        for position in range(len(prompt), limit):
            token = choose(logits)
            if token in self._ends:
                self._ended = True
                return
            yield token
            if call != self._calls:
                return
            if position + 1 < limit:
                logits = rows.step([token], [position])[0]

    def streams(self, seats: int, room: int, lanes: int = 1) -> OnnxStreams:
        """Seats for sequences that are decoded together, see `engine.Engine`; the weights are the same ones."""
        if seats < 1 or not 1 < room <= self.context_tokens:
            raise InputError(
                f"{seats} seats of {room:,} tokens; expected: 1 seat or more of up to {self.context_tokens:,} tokens"
            )
        rows = Rows(self._open(), seats, room)
        return OnnxStreams(rows, self._ends.__contains__, self._grammars.chooser, seats)

    def keep(self, prefix: Sequence[int]) -> None:
        """Have a prefix ready, see `runtime.engines.engine.Engine`."""
        if list(prefix) == self._kept:
            return
        self._calls += 1
        self._runs.resume()
        rows, self._kept = self._reserve(len(prefix) + 1), []
        state = self._store.load(prefix)
        with contextlib.suppress(Interrupted):
            if not (state and rows.lay(_ROW, state, len(prefix))):
                rows.read(_ROW, prefix, 0)
                self._store.save(prefix, rows.state(_ROW, len(prefix)))
            self._kept = list(prefix)

    def interrupt(self) -> None:
        """End the pass that runs now, see `runtime.engines.engine.Engine`."""
        self._runs.stop()

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `runtime.engines.engine.Engine`."""
        self._calls += 1
        self._runs.resume()
        rows, self._kept = self._reserve(len(ids)), []
        return rows.read(_ROW, ids, 0, last)

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token."""
        return self._ended

    def close(self) -> None:
        """Free the row and the graph; a second call does nothing."""
        self._calls += 1
        self._graph = self._rows = None

    def _open(self) -> DecoderGraph:
        if self._graph is None:
            raise InputError(f"{self.name} is closed; expected: an engine that is open")
        return self._graph

    def _reserve(self, tokens: int) -> Rows:
        """Have a row of at least `tokens` tokens, as far as the model was trained for that many."""
        if tokens > self.context_tokens:
            raise InputError(
                f"prompt and answer need {tokens:,} tokens; expected: {self.context_tokens:,} together"
            )
        if self._rows is None or tokens > self._rows.room:
            room = DEFAULT_CONTEXT if self._rows is None else 2 * self._rows.room
            self._rows = Rows(self._open(), 1, min(max(tokens, room), self.context_tokens), self._runs)
            self._kept = []
        return self._rows

    def _prefill(self, rows: Rows, prompt: list[int], shared: int) -> Any:
        """Leave the prompt's keys and values on the row; the logits after it, (vocabulary,)."""
        head, kept, self._kept = prompt[:shared], self._kept, []
        if head and head != kept:
            rows.read(_ROW, head, 0)
        logits = rows.read(_ROW, prompt[shared:], shared)[0]
        self._kept = head
        return logits
