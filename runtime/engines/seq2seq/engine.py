"""The onnx engine of encoder-decoder students (T5, FlanT5, CodeT5): plain onnxruntime on optimum's export.

The prompt's ids go to the encoder as they are. It reads in both directions, so a shared prefix saves nothing: `shared`
is ignored. What an unchanged prompt costs is kept instead, encoder and first decoder step, so
that the second sample of a question starts at once, and with the very same numbers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.engines.onnx.session import Runs
from runtime.engines.onnx.tokenizer import OnnxTokenizer
from runtime.engines.seq2seq.graphs import Reading, Seq2SeqGraphs, Written
from runtime.engines.seq2seq.single_slot import SingleSlot
from runtime.engines.sequence_engine import SequenceEngine
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest


class OnnxSeq2SeqEngine(SequenceEngine):
    """One loaded encoder and decoder; what the last prompt came to is kept."""

    def __init__(self, model_file: Path, manifest: Manifest, threads: int) -> None:
        folder = model_file.parent
        tokenizer, runs = OnnxTokenizer(folder), Runs()
        self._graphs: Seq2SeqGraphs | None = Seq2SeqGraphs(folder, threads, runs)
        self._kept: tuple[list[int], Reading, Written] | None = None
        self._now: tuple[Reading, Written] | None = None
        is_end = (frozenset(manifest.end_tokens) | self._graphs.ends).__contains__
        super().__init__(manifest, tokenizer, runs, is_end, manifest.context_tokens)

    def keep(self, prefix: Sequence[int]) -> None:
        """Nothing: an encoder reads a prompt as a whole."""

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `runtime.engines.engine.Engine`.

        The ids after the first of those `last` are what the decoder has written, all before them is the prompt.
        """
        self._begin()
        self._reserve(len(ids))
        self._kept = None
        graphs, prompt_len = self._open(), len(ids) - last + 1
        return graphs.first(graphs.read(ids[:prompt_len]), [graphs.start, *ids[prompt_len:]]).logits

    def streams(self, slots: int, max_len: int, contexts: int = 1, *, states: bool = False) -> SingleSlot:
        """One slot: sequences are written one after the other."""
        self._check_states(states)
        return SingleSlot(self, max_len)

    def close(self) -> None:
        """Free both graphs; a second call does nothing."""
        self._calls += 1
        self._graphs = self._kept = self._now = None

    def _open(self) -> Seq2SeqGraphs:
        if self._graphs is None:
            raise InputError(f"{self.name} is closed; expected: an engine that is open")
        return self._graphs

    def _prefill(self, prompt: list[int], shared: int) -> Any:
        graphs = self._open()
        if self._kept is None or self._kept[0] != prompt:
            self._kept = None
            reading = graphs.read(prompt)
            self._kept = prompt, reading, graphs.first(reading, [graphs.start])
        _, reading, written = self._kept
        self._now = reading, written
        return written.logits[-1]

    def _step(self, token: int, position: int) -> Any:
        assert self._now is not None
        reading, written = self._now
        written = self._open().then(reading, written, token)
        self._now = reading, written
        return written.logits[-1]
