"""The llama_cpp engine: GGUF artifacts through llama-cpp-python's low-level API.

The high-level `Llama` class copies every position's logits into numpy and samples in Python, which costs a
fifth to a third of the speed here. This engine fills its own batch, asks for the last position's logits only, and
chooses among them where they lie: a vectorised argmax takes a tenth of what llama.cpp's own sampler does.
"""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from runtime.engines.drafts import Followers
from runtime.engines.engine import Interrupted
from runtime.engines.llama.abort import ABORTED, Abort
from runtime.engines.llama.adapter import LlamaAdapter
from runtime.engines.llama.adaptive_threads import AdaptiveThreads
from runtime.engines.llama.batch import BATCH_TOKENS, TokenBatch
from runtime.engines.llama.complaints import complaint, refused_file, silence_log, uninterrupted
from runtime.engines.llama.library import EXTRA_LAYOUTS, library
from runtime.engines.llama.scheduler import LlamaStreams
from runtime.engines.llama.vocabulary import LlamaVocabulary
from runtime.engines.prefix_store import PrefixStore
from runtime.engines.sequence_engine import PrefixEngine
from runtime.values.errors import InputError, WorkFailed
from runtime.values.manifest import Manifest

# Enough for a long question and a long thought; a longer prompt gets a larger context when it comes.
DEFAULT_CONTEXT = 1024
_SEQUENCE = 0


class LlamaCppEngine(PrefixEngine):
    """One loaded GGUF file, an adapter beside it where one is given, one sequence, one shared prefix kept."""

    def __init__(
        self,
        model_file: Path,
        manifest: Manifest,
        threads: int,
        adapter: Path | None = None,
        followers: Followers | None = None,
    ) -> None:
        self._model = _load_model(model_file)
        self._adapter = _load_adapter(self._model, adapter) if adapter else None
        vocabulary = LlamaVocabulary(self._model, manifest.end_tokens)
        context_tokens = min(manifest.context_tokens, int(library.llama_model_n_ctx_train(self._model)))
        self._abort = Abort()
        self._manifest = manifest
        super().__init__(
            manifest, vocabulary, self._abort, vocabulary.is_end, context_tokens, self._prefixes()
        )
        self._followers = followers or {}
        self._threads = threads
        self._adaptive = AdaptiveThreads(threads)
        self._width = vocabulary.width
        self.state_width = int(library.llama_model_n_embd(self._model))
        self._batch = TokenBatch()
        # How many tokens lie in the context, those that were guessed wrongly included.
        self._laid = 0
        self._context: Any = None
        self._view: tuple[int, Any] | None = None
        self._open_context(min(DEFAULT_CONTEXT, self.context_tokens))

    def streams(
        self,
        slots: int,
        max_len: int,
        contexts: int = 1,
        *,
        states: bool = False,
        kept: Sequence[Sequence[int]] = (),
    ) -> LlamaStreams:
        """Slots for sequences that are decoded together, see `runtime.engines.engine.Engine`.

        The prefixes that are `kept` are read once for all contexts, come from the disk where an earlier start has left
        them, and stay in memory while nobody writes after them.
        """
        self._check_slots(slots, max_len)
        return LlamaStreams(
            self._model,
            self._is_end,
            self._grammars.chooser,
            self._threads,
            slots,
            max_len,
            contexts,
            adapter=self._adapter,
            state_width=self.state_width if states else 0,
            kept=[tuple(prefix) for prefix in kept],
            store=self._prefixes(f"{slots} slots, {contexts} contexts, {len(kept)} kept"),
            followers=self._followers,
        )

    def _prefixes(self, layout: str = "") -> PrefixStore:
        """The prefixes of contexts laid out alike."""
        adapter = self._adapter.key if self._adapter else ""
        return PrefixStore(self._manifest, "llama-cpp-python", f"{adapter} {layout}".strip())

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
        with uninterrupted():
            self._context = library.llama_init_from_model(self._model, settings)
        if not self._context:
            raise WorkFailed(f"llama.cpp gave no context of {tokens} tokens{complaint()}")
        if self._adapter:
            self._adapter.attach(self._context)
        self._memory = library.llama_get_memory(self._context)
        self._max_len = tokens

    def _reserve(self, tokens: int) -> None:
        """Have a context of at least `tokens` tokens, and as many threads as there are free cores."""
        super()._reserve(tokens)
        if tokens > self._max_len:
            self._open_context(min(max(tokens, 2 * self._max_len), self.context_tokens))
        self._use_threads(self._adaptive.at_start())

    def _read(self, tokens: Sequence[int], position: int, last: int = 1) -> Any:
        if position == 0:
            library.llama_memory_clear(self._memory, False)
            self._laid = 0
        rows: list[Any] = []
        for start in range(0, len(tokens), BATCH_TOKENS):
            part = tokens[start : start + BATCH_TOKENS]
            first = position + start
            wanted = range(max(0, len(tokens) - last - start), len(part))
            self._batch.fill(part, range(first, first + len(part)), [_SEQUENCE] * len(part), wanted)
            self._decode()
            rows += [self._logits_row(index).copy() for index in wanted]
        return np.stack(rows)

    def _read_on(self, tokens: Sequence[int], position: int) -> Sequence[Any]:
        if self._laid > position:
            self._rewind(position)
        self._laid = position + len(tokens)
        started, threads = perf_counter(), self._threads_now
        if len(tokens) == 1:
            rows: Sequence[Any] = [self._step(tokens[0], position)]
        else:
            rows = self._read(tokens, position, len(tokens))
        seconds = perf_counter() - started
        self._pace.note(len(tokens), seconds, threads)
        # Threads are given up when other programs hold them up.
        self._use_threads(self._adaptive.after_step(seconds, threads, len(tokens)))
        return rows

    def _step(self, token: int, position: int) -> Any:
        """Decode one generated token."""
        self._batch.next_token(token, position)
        self._decode()
        return self._logits_row(-1)

    def _decode(self) -> None:
        """Run what the batch holds; raises Interrupted when it was stopped, WorkFailed when llama.cpp fails."""
        status = library.llama_decode(self._context, self._batch.native)
        if status != 0:
            self._kept = []
            if status == ABORTED and self._abort.is_set():
                raise Interrupted
            raise WorkFailed(f"llama_decode failed with status {status}{complaint()}")

    def _logits_row(self, index: int) -> Any:
        """The logits of one position of the last pass, (vocabulary,): a view that the next pass overwrites."""
        pointer = library.llama_get_logits_ith(self._context, index)
        address = ctypes.addressof(pointer.contents)
        # llama.cpp mostly writes to the same place; making a view anew takes longer than choosing the token.
        if self._view is None or self._view[0] != address:
            self._view = address, np.ctypeslib.as_array(pointer, (self._width,))
        return self._view[1]

    def _use_threads(self, threads: int) -> None:
        if threads != self._threads_now:
            library.llama_set_n_threads(self._context, threads, threads)
            self._threads_now = threads

    def _rewind(self, length: int) -> bool:
        return bool(library.llama_memory_seq_rm(self._memory, _SEQUENCE, length, -1))

    def _state(self, length: int) -> bytes:
        size = library.llama_state_seq_get_size(self._context, _SEQUENCE)
        buffer = (ctypes.c_uint8 * size)()
        return bytes(buffer[: library.llama_state_seq_get_data(self._context, buffer, size, _SEQUENCE)])

    def _restore(self, state: bytes, length: int) -> bool:
        library.llama_memory_clear(self._memory, False)
        data = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        return bool(library.llama_state_seq_set_data(self._context, data, len(state), _SEQUENCE))


def _load_model(model_file: Path) -> Any:
    """Load a GGUF file into memory; raises InputError with llama.cpp's own reason when it cannot."""
    silence_log()
    library.llama_backend_init()
    settings = library.llama_model_default_params()
    settings.n_gpu_layers, settings.use_extra_bufts = 0, EXTRA_LAYOUTS
    with uninterrupted():
        model = library.llama_model_load_from_file(str(model_file).encode(), settings)
    if not model:
        raise refused_file(model_file)
    return model


def _load_adapter(model: Any, file: Path) -> LlamaAdapter:
    """Load an adapter for a model, which is freed where that fails; InputError has llama.cpp's own reason."""
    silence_log()
    try:
        return LlamaAdapter(model, file)
    except InputError as error:
        library.llama_model_free(model)
        raise InputError(f"{error}{complaint()}") from error
