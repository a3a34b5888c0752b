"""The onnx engine: ONNX artifacts of decoder-only students through onnxruntime-genai.

One generator is kept for the engine's life and rewound: what the next prompt shares is not computed again, and
closing a stream early needs no clean-up. Greedy decoding is the library's own loop. Sampling and grammars read the last
position's logits and choose here: the library's sampler sorts the whole vocabulary for every token (measured: 66
against 161 tokens a second).
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime_genai as library

from runtime.engine import GREEDY, Decoding
from runtime.engines.grammar import Grammars, pieces_of
from runtime.engines.one_seat import OneSeat
from runtime.engines.plain_text import read_plain_text
from runtime.errors import InputError
from runtime.manifest import Manifest

# Enough for a long question and a long thought; a longer prompt gets a larger generator when it comes.
USUAL_CONTEXT = 1024
# Microsoft's builds can report usage; nothing here phones home.
with contextlib.suppress(AttributeError):
    library.disable_telemetry_events()


class OnnxEngine:
    """One loaded ONNX folder, one generator, one shared prefix kept."""

    def __init__(self, model_file: Path, manifest: Manifest, threads: int) -> None:
        folder = model_file.parent
        self.name = manifest.name
        self.context_tokens = manifest.context_tokens
        self._tokenizer_file = folder / "tokenizer.json"
        self._plain_text = read_plain_text(self._tokenizer_file)
        self._model: Any = _load_model(folder, threads)
        self._tokenizer: Any = library.Tokenizer(self._model)
        self._ends = frozenset(manifest.end_tokens) | frozenset(self._tokenizer.eos_token_ids)
        self._grammars = Grammars(self.pieces, self.encode, manifest.end_tokens)
        self._kept: list[int] = []
        self._calls = 0
        self._ended = False
        self._room = min(USUAL_CONTEXT, self.context_tokens)
        self._generator: Any = _new_generator(self._model, self._room)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and `<|im_end|>` typed by a user stays text."""
        if "\0" in text:
            raise InputError("the text holds the character U+0000; allowed: plain text")
        encode = self._tokenizer.encode
        return [token for piece in self._plain_text.pieces(text) for token in encode(piece).tolist()]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out; bytes that are no UTF-8 show as U+FFFD."""
        plain = [token for token in ids if token not in self._plain_text.specials]
        return str(self._tokenizer.decode(np.array(plain, np.int32))) if plain else ""

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        return pieces_of(self._tokenizer_file, self._plain_text.specials)

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        """Yield generated ids, see `runtime.engine.Engine`."""
        self._calls += 1
        call, self._ended = self._calls, False
        self._reserve(len(prompt) + decoding.max_tokens)
        self._prefill(list(prompt), shared)
        own_loop = decoding.temperature <= 0 and decoding.grammar is None
        next_token = self._likeliest if own_loop else self._chosen(decoding)
        for _ in range(decoding.max_tokens):
            token = next_token()
            if token in self._ends:
                self._ended = True
                return
            yield token
            if call != self._calls:
                return

    def streams(self, seats: int, room: int) -> OneSeat:
        """One seat: onnxruntime-genai keeps a finished sequence of a batch going until all have finished."""
        return OneSeat(self, room)

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `runtime.engine.Engine`."""
        self._calls += 1
        self._reserve(len(ids))
        self._kept = []
        self._generator.rewind_to(0)
        self._append(ids)
        return np.array(self._generator.get_output("logits")[0, -last:], np.float32)

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token."""
        return self._ended

    def close(self) -> None:
        """Free the generator and the model; a second call does nothing."""
        self._calls += 1
        self._generator = self._tokenizer = self._model = None

    def _reserve(self, tokens: int) -> None:
        """Have room for at least `tokens` tokens, as far as the model was trained for that many."""
        if tokens > self.context_tokens:
            raise InputError(
                f"prompt and answer need {tokens:,} tokens; allowed: {self.context_tokens:,} together"
            )
        if tokens > self._room:
            self._room = min(max(tokens, 2 * self._room), self.context_tokens)
            self._generator, self._kept = _new_generator(self._model, self._room), []

    def _prefill(self, prompt: list[int], shared: int) -> None:
        """Leave the prompt's keys and values in the generator and the last position's logits ready."""
        head, kept, self._kept = prompt[:shared], self._kept, []
        if head and head == kept:
            self._generator.rewind_to(shared)
        else:
            self._generator.rewind_to(0)
            if head:
                self._append(head)
        self._append(prompt[shared:])
        self._kept = head

    def _append(self, tokens: Sequence[int]) -> None:
        self._generator.append_tokens(np.array(tokens, np.int32))

    def _likeliest(self) -> int:
        self._generator.generate_next_token()
        return int(self._generator.get_next_tokens()[0])

    def _chosen(self, decoding: Decoding) -> Callable[[], int]:
        """Chooses as our own chooser does; each choice after the first runs the model."""
        choose = self._grammars.chooser(decoding)
        drawn: list[int] = []

        def draw() -> int:
            if drawn:
                self._append(drawn[-1:])
            drawn.append(choose(self._generator.get_logits()[0, -1]))
            return drawn[-1]

        return draw


def _new_generator(model: Any, tokens: int) -> Any:
    settings = library.GeneratorParams(model)
    settings.set_search_options(max_length=tokens, do_sample=False, num_beams=1, batch_size=1)
    return library.Generator(model, settings)


def _load_model(folder: Path, threads: int) -> Any:
    """Load a folder of the genai model builder; raises InputError with the library's reason when it cannot."""
    session = {"intra_op_num_threads": threads}
    try:
        settings = library.Config(str(folder))
        settings.overlay(json.dumps({"model": {"decoder": {"session_options": session}}}))
        return library.Model(settings)
    except RuntimeError as error:
        reason = str(error).splitlines()[0][:300]
        raise InputError(f"{folder} could not be loaded by onnxruntime-genai ({reason})") from error
