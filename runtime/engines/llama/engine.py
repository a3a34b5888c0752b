"""The llama_cpp engine: GGUF artifacts through llama-cpp-python's low-level API.

The high-level `Llama` class copies every position's logits into numpy and samples in Python, which costs a
fifth to a third of the speed here. This engine fills its own batch, asks for the last position's logits only, and
chooses among them where they lie: a vectorised argmax takes a tenth of what llama.cpp's own sampler does.
"""

import ctypes
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from runtime.engines.engine import GREEDY, Decoding
from runtime.engines.grammar import Grammars
from runtime.engines.llama.abort import ABORTED, Abort
from runtime.engines.llama.adaptive_threads import AdaptiveThreads
from runtime.engines.llama.batch import BATCH_TOKENS, TokenBatch
from runtime.engines.llama.library import library
from runtime.engines.llama.scheduler import LlamaStreams
from runtime.engines.prefix_store import PrefixStore
from runtime.values.errors import InputError, WorkFailed
from runtime.values.manifest import Manifest

# Enough for a long question and a long thought; a longer prompt gets a larger context when it comes.
DEFAULT_CONTEXT = 1024
_SEQUENCE = 0
_ERROR_LEVEL = 4
# llama.cpp's last complaints: the reason why a file could not be loaded is told nowhere else.
_complaints: deque[str] = deque(maxlen=4)


@library.llama_log_callback  # type: ignore[untyped-decorator]
def _keep_complaints(level: int, text: bytes, _data: object) -> None:
    if level == _ERROR_LEVEL:
        _complaints.append(text.decode("utf-8", "replace").strip())


def silence_log() -> None:
    """Keep llama.cpp's log out of the terminal; its last errors are remembered for our own."""
    library.llama_log_set(_keep_complaints, None)


class LlamaCppEngine:
    """One loaded GGUF file, one sequence, one shared prefix kept."""

    def __init__(self, model_file: Path, manifest: Manifest, threads: int) -> None:
        self.name = manifest.name
        self._model = _load_model(model_file)
        self._vocab = library.llama_model_get_vocab(self._model)
        trained = int(library.llama_model_n_ctx_train(self._model))
        self.context_tokens = min(manifest.context_tokens, trained)
        self._threads = threads
        self._crowding = AdaptiveThreads(threads)
        self._ends = frozenset(manifest.end_tokens)
        self._pieces: dict[int, bytes] = {}
        self._width = int(library.llama_vocab_n_tokens(self._vocab))
        self._batch = TokenBatch()
        self._abort = Abort()
        self._store = PrefixStore(manifest, "llama-cpp-python")
        self._grammars = Grammars(self.pieces, self.encode, manifest.end_tokens)
        self._context: Any = None
        self._view: tuple[int, Any] | None = None
        self._kept: list[int] = []
        self._calls = 0
        self._ended = False
        self._open_context(min(DEFAULT_CONTEXT, self.context_tokens))

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`; nothing is added, and `<|im_end|>` typed by a user stays text."""
        data = text.encode("utf-8")
        ids = (library.llama_token * (len(data) + 1))()
        count = library.llama_tokenize(self._vocab, data, len(data), ids, len(ids), False, False)
        return list(ids[:count])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out; bytes that are no UTF-8 show as U+FFFD."""
        return b"".join(map(self._piece, ids)).decode("utf-8", "replace")

    def pieces(self) -> list[bytes]:
        """The bytes of every token of the vocabulary; special tokens have none."""
        return [self._read_piece(token) for token in range(self._width)]

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        """Yield generated ids, see `runtime.engines.engine.Engine`; raises WorkFailed when llama.cpp fails."""
        self._calls += 1
        call, self._ended = self._calls, False
        self._abort.clear()
        self._reserve(len(prompt) + decoding.max_tokens)
        choose = self._grammars.chooser(decoding)
        self._use_threads(self._crowding.at_start())
        if not self._prefill(list(prompt), shared):
            return
        limit = len(prompt) + decoding.max_tokens
        for position in range(len(prompt), limit):
            token = choose(self._logits_row(-1))
            if self._is_end(token):
                self._ended = True
                return
            yield token
            if call != self._calls:
                return
            if position + 1 < limit and not self._step(token, position):
                return

    def keep(self, prefix: Sequence[int]) -> None:
        """Have a prefix ready, see `runtime.engines.engine.Engine`."""
        if list(prefix) == self._kept:
            return
        self._calls += 1
        self._abort.clear()
        self._reserve(len(prefix) + 1)
        library.llama_memory_clear(self._memory, False)
        self._kept = []
        state = self._store.load(prefix)
        if state and library.llama_state_seq_set_data(self._context, _bytes(state), len(state), _SEQUENCE):
            self._kept = list(prefix)
        elif self._run(prefix, 0):
            self._kept = list(prefix)
            self._store.save(prefix, self._state())

    def _state(self) -> bytes:
        """The cells of the sequence as llama.cpp writes them down."""
        size = library.llama_state_seq_get_size(self._context, _SEQUENCE)
        buffer = (ctypes.c_uint8 * size)()
        return bytes(buffer[: library.llama_state_seq_get_data(self._context, buffer, size, _SEQUENCE)])

    def interrupt(self) -> None:
        """End the pass that runs now, see `runtime.engines.engine.Engine`."""
        self._abort.set()

    def streams(self, seats: int, room: int, lanes: int = 1) -> LlamaStreams:
        """Seats for sequences that are decoded together, see `runtime.engines.engine.Engine`."""
        if seats < 1 or not 1 < room <= self.context_tokens:
            raise InputError(
                f"{seats} seats of {room:,} tokens; expected: 1 seat or more of up to {self.context_tokens:,} tokens"
            )
        choosers = self._grammars.chooser
        return LlamaStreams(self._model, self._is_end, choosers, self._threads, seats, room, lanes)

    def _is_end(self, token: int) -> bool:
        """Whether the manifest or the model's own file ends a text with this token."""
        return token in self._ends or library.llama_vocab_is_eog(self._vocab, token)

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, see `runtime.engines.engine.Engine`."""
        self._calls += 1
        self._abort.clear()
        self._reserve(len(ids))
        self._use_threads(self._crowding.at_start())
        library.llama_memory_clear(self._memory, False)
        self._kept = []
        rows: list[Any] = []
        for start in range(0, len(ids), BATCH_TOKENS):
            part = ids[start : start + BATCH_TOKENS]
            wanted = range(max(0, len(ids) - last - start), len(part))
            self._decode_batch(part, start, wanted)
            rows += [self._logits_row(index).copy() for index in wanted]
        return np.stack(rows)

    def _logits_row(self, index: int) -> Any:
        """The logits of one position of the last pass, (vocabulary,): a view that the next pass overwrites."""
        pointer = library.llama_get_logits_ith(self._context, index)
        address = ctypes.addressof(pointer.contents)
        # llama.cpp mostly writes to the same place; making a view anew takes longer than choosing the token.
        if self._view is None or self._view[0] != address:
            self._view = address, np.ctypeslib.as_array(pointer, (self._width,))
        return self._view[1]

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token."""
        return self._ended

    def close(self) -> None:
        """Free the context, the batch and the model; a second call does nothing."""
        self._calls += 1
        if self._context is not None:
            library.llama_free(self._context)
            self._batch.free()
            library.llama_model_free(self._model)
            self._context = None

    def _open_context(self, tokens: int) -> None:
        if self._context is not None:
            library.llama_free(self._context)
        self._kept, self._view = [], None
        settings = library.llama_context_default_params()
        settings.n_ctx = tokens
        settings.n_batch = settings.n_ubatch = BATCH_TOKENS
        settings.n_seq_max = 1
        settings.n_threads = settings.n_threads_batch = self._threads
        self._threads_now = self._threads
        settings.no_perf = True
        self._abort.settle(settings)
        self._context = library.llama_init_from_model(self._model, settings)
        if not self._context:
            raise WorkFailed(f"llama.cpp gave no context of {tokens} tokens{_reason()}")
        self._memory = library.llama_get_memory(self._context)
        self._room = tokens

    def _reserve(self, tokens: int) -> None:
        """Have a context of at least `tokens` tokens, as far as the model was trained for that many."""
        if tokens > self.context_tokens:
            raise InputError(
                f"prompt and answer need {tokens:,} tokens; expected: {self.context_tokens:,} together"
            )
        if tokens > self._room:
            self._open_context(min(max(tokens, 2 * self._room), self.context_tokens))

    def _prefill(self, prompt: list[int], shared: int) -> bool:
        """Leave the prompt's keys and values in the cache and the last position's logits in the context.

        False when it was interrupted.
        """
        head, kept, self._kept = prompt[:shared], self._kept, []
        if not (head and head == kept and library.llama_memory_seq_rm(self._memory, _SEQUENCE, shared, -1)):
            library.llama_memory_clear(self._memory, False)
            if head and not self._run(head, 0):
                return False
        self._kept = head
        return self._run(prompt[shared:], shared)

    def _step(self, token: int, position: int) -> bool:
        """Decode one generated token, and give up threads when other programs hold them up; False if interrupted."""
        started = perf_counter()
        self._batch.next_token(token, position)
        done = self._decode_filled()
        self._use_threads(self._crowding.after_step(perf_counter() - started, self._threads_now))
        return done

    def _use_threads(self, threads: int) -> None:
        if threads != self._threads_now:
            library.llama_set_n_threads(self._context, threads, threads)
            self._threads_now = threads

    def _run(self, tokens: Sequence[int], position: int) -> bool:
        """Decode `tokens` from `position` on, with logits for the last one only; False when it was interrupted."""
        starts = range(0, len(tokens), BATCH_TOKENS)
        parts = [(tokens[start : start + BATCH_TOKENS], position + start) for start in starts]
        return all(self._decode_batch(part, first, (len(part) - 1,)) for part, first in parts)

    def _decode_batch(self, part: Sequence[int], position: int, wanted: Collection[int]) -> bool:
        """Decode at most a batch of tokens, with logits at the `wanted` indices; False when it was interrupted."""
        self._batch.fill(part, range(position, position + len(part)), [_SEQUENCE] * len(part), list(wanted))
        return self._decode_filled()

    def _decode_filled(self) -> bool:
        status = library.llama_decode(self._context, self._batch.native)
        if status == ABORTED and self._abort.is_set():
            self._kept = []
            return False
        if status != 0:
            self._kept = []
            raise WorkFailed(f"llama_decode failed with status {status}{_reason()}")
        return True

    def _piece(self, token: int) -> bytes:
        """The bytes of one token, looked up in the library once."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._read_piece(token)
        return known

    def _read_piece(self, token: int, room: int = 64) -> bytes:
        buffer = ctypes.create_string_buffer(room)
        size = library.llama_token_to_piece(self._vocab, token, buffer, room, 0, False)
        return self._read_piece(token, -size) if size < 0 else buffer.raw[:size]


def _load_model(model_file: Path) -> Any:
    """Load a GGUF file into memory; raises InputError with llama.cpp's own reason when it cannot."""
    silence_log()
    library.llama_backend_init()
    _complaints.clear()
    settings = library.llama_model_default_params()
    settings.n_gpu_layers = 0
    model = library.llama_model_load_from_file(str(model_file).encode(), settings)
    if not model:
        raise InputError(f"{model_file} could not be loaded as GGUF{_reason()}")
    return model


def _bytes(state: bytes) -> Any:
    return (ctypes.c_uint8 * len(state)).from_buffer_copy(state)


def _reason() -> str:
    return f" ({'; '.join(_complaints)})" if _complaints else ""
