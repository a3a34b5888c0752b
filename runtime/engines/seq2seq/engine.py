"""The onnx engine of encoder-decoder students (T5, FlanT5, CodeT5): plain onnxruntime on optimum's export.

The prompt's ids go to the encoder as they are. It reads in both directions, so a shared prefix saves nothing: `shared`
is ignored. What an unchanged prompt costs is kept instead, encoder and first decoder step, so
that the second sample of a question starts at once, and with the very same numbers.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runtime.engines.engine import GREEDY, Decoding
from runtime.engines.grammar import Grammars
from runtime.engines.onnx.runs import Interrupted, Runs
from runtime.engines.onnx.tokenizer import OnnxTokenizer
from runtime.engines.seq2seq.graphs import Reading, Seq2SeqGraphs, Written
from runtime.engines.seq2seq.single_slot import OneSeat
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest


class OnnxSeq2SeqEngine:
    """One loaded encoder and decoder; what the last prompt came to is kept."""

    def __init__(self, model_file: Path, manifest: Manifest, threads: int) -> None:
        folder = model_file.parent
        self.name = manifest.name
        self.context_tokens = manifest.context_tokens
        self._tokenizer = OnnxTokenizer(folder)
        self._runs = Runs()
        self._graphs: Seq2SeqGraphs | None = Seq2SeqGraphs(folder, threads, self._runs)
        self._ends = frozenset(manifest.end_tokens) | self._graphs.ends
        self._grammars = Grammars(self.pieces, self.encode, manifest.end_tokens)
        self._kept: tuple[list[int], Reading, Written] | None = None
        self._calls = 0
        self._ended = False

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and `</s>` typed by a user stays text."""
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
        """Yield generated ids, see `runtime.engines.engine.Engine`; `shared` saves nothing here."""
        self._calls += 1
        self._ended = False
        self._runs.resume()
        with contextlib.suppress(Interrupted):
            yield from self._write(prompt, decoding)

    def _write(self, prompt: Sequence[int], decoding: Decoding) -> Iterator[int]:
        call = self._calls
        self._check_room(len(prompt) + decoding.max_tokens)
        graphs, choose = self._open(), self._grammars.chooser(decoding)
        reading, written = self._read(graphs, list(prompt))
        for left in range(decoding.max_tokens, 0, -1):
            token = choose(written.logits[-1])
            if token in self._ends:
                self._ended = True
                return
            yield token
            if call != self._calls:
                return
            if left > 1:
                written = graphs.then(reading, written, token)

    def keep(self, prefix: Sequence[int]) -> None:
        """Nothing: an encoder reads a prompt as a whole."""

    def interrupt(self) -> None:
        """End the pass that runs now, see `runtime.engines.engine.Engine`."""
        self._runs.stop()

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `runtime.engines.engine.Engine`.

        The ids after the first of those `last` are what the decoder has written, all before them is the prompt.
        """
        self._calls += 1
        self._check_room(len(ids))
        self._kept = None
        self._runs.resume()
        graphs, cut = self._open(), len(ids) - last + 1
        return graphs.first(graphs.read(ids[:cut]), [graphs.start, *ids[cut:]]).logits

    def streams(self, seats: int, room: int, lanes: int = 1) -> OneSeat:
        """One seat: sequences are written one after the other."""
        return OneSeat(self, room)

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token."""
        return self._ended

    def close(self) -> None:
        """Free both graphs; a second call does nothing."""
        self._calls += 1
        self._graphs = self._kept = None

    def _open(self) -> Seq2SeqGraphs:
        if self._graphs is None:
            raise InputError(f"{self.name} is closed; expected: an engine that is open")
        return self._graphs

    def _check_room(self, tokens: int) -> None:
        if tokens > self.context_tokens:
            raise InputError(
                f"prompt and answer need {tokens:,} tokens; expected: {self.context_tokens:,} together"
            )

    def _read(self, graphs: Seq2SeqGraphs, prompt: list[int]) -> tuple[Reading, Written]:
        """What the encoder makes of the prompt, and the decoder after its start token."""
        if self._kept is None or self._kept[0] != prompt:
            self._kept = None
            reading = graphs.read(prompt)
            self._kept = prompt, reading, graphs.first(reading, [graphs.start])
        return self._kept[1], self._kept[2]
