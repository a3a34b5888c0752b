"""Many sequences decoded together by llama.cpp: one forward pass writes one token of each.

A pass is dominated by reading the weights and by work that comes in blocks of rows, so sixteen tokens together cost
far less than sixteen alone. Every sequence has a key-value buffer of its own: in a shared one each token would also
be compared with every other sequence's cells (measured with 32 sequences: 310 against 205 tokens a second and core).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from llama_cpp import llama_cpp as library

from runtime.engine import Decoding, Tail, Token
from runtime.engines.crowding import Crowding
from runtime.engines.llama_batch import BATCH_TOKENS, TokenBatch
from runtime.engines.sampling import Choose, log_probability
from runtime.errors import InputError, WorkFailed


@dataclass(slots=True)
class _Seat:
    """One sequence: the prefix whose keys and values lie at its front, and where its stream stands.

    `next` is the token that was chosen and not decoded yet. Nobody sits here while `choose` is None.
    """

    prefix: tuple[int, ...] = ()
    position: int = 0
    left: int = 0
    next: int = 0
    choose: Choose | None = None


class LlamaStreams:
    """Sequences of one loaded GGUF model, with a context of their own."""

    def __init__(
        self,
        model: Any,
        is_end: Callable[[int], bool],
        chooser: Callable[[Decoding], Choose],
        threads: int,
        seats: int,
        room: int,
    ) -> None:
        self.seats, self.room = seats, room
        self._is_end, self._chooser = is_end, chooser
        self._width = library.llama_vocab_n_tokens(library.llama_model_get_vocab(model))
        self._crowding = Crowding(threads)
        self._threads_now = threads
        self._seats = [_Seat() for _ in range(seats)]
        self._batch = TokenBatch()
        self._context: Any = _open_context(model, threads, seats, room)
        self._memory = library.llama_get_memory(self._context)

    def free(self) -> int:
        """How many seats are free."""
        return sum(seat.choose is None for seat in self._seats)

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[Token]:
        """Seat one stream for each tail, see `runtime.engine.Streams`."""
        self._check(prefix, tails)
        self._use_threads(self._crowding.at_start())
        places = self._lay_prefix(tuple(prefix), len(tails))
        return [self._open(place, len(prefix), *tail) for place, tail in zip(places, tails, strict=True)]

    def step(self) -> list[Token]:
        """One more token of every stream, see `runtime.engine.Streams`."""
        started = perf_counter()
        places = [place for place, seat in enumerate(self._seats) if seat.choose]
        if not places:
            return []
        seats = [self._seats[place] for place in places]
        self._decode(
            [seat.next for seat in seats], [seat.position for seat in seats], places, range(len(seats))
        )
        for seat in seats:
            seat.position += 1
        rows = self._rows(len(seats))
        written = [self._choose(place, row) for place, row in zip(places, rows, strict=True)]
        self._use_threads(self._crowding.after_step(perf_counter() - started, self._threads_now))
        return written

    def stop(self, seat: int) -> None:
        """End a stream; what lies on its seat may still serve as a prefix."""
        self._seats[seat].choose = None

    def close(self) -> None:
        """Free the context; a second call does nothing."""
        if self._context is not None:
            library.llama_free(self._context)
            self._batch.free()
            self._context = None

    def _check(self, prefix: Sequence[int], tails: Sequence[Tail]) -> None:
        if len(tails) > self.free():
            raise InputError(f"{len(tails)} streams; allowed: {self.free()}, the free seats")
        for tail, decoding in tails:
            needed = len(prefix) + len(tail) + decoding.max_tokens
            if not tail or needed > self.room:
                raise InputError(f"a stream of {needed:,} tokens; allowed: 1 to {self.room:,}")

    def _holder(self, prefix: tuple[int, ...]) -> int | None:
        """A seat that has this prefix at its front; an empty one lies everywhere."""
        return next((place for place, seat in enumerate(self._seats) if seat.prefix == prefix), None)

    def _lay_prefix(self, prefix: tuple[int, ...], count: int) -> list[int]:
        """Choose free seats, those first that have the prefix already, and leave exactly the prefix on each."""
        free = [place for place, seat in enumerate(self._seats) if not seat.choose]
        places = sorted(free, key=lambda place: self._seats[place].prefix != prefix)[:count]
        holder = self._holder(prefix)
        if holder is None:
            holder = places[0]
            self._clear(holder, 0)
            self._seats[holder].prefix = prefix
            if prefix:
                self._run(holder, prefix, 0)
        for place in places:
            if self._seats[place].prefix != prefix:
                self._clear(place, 0)
                self._seats[place].prefix = prefix
                if prefix:
                    library.llama_memory_seq_cp(self._memory, holder, place, -1, -1)
            self._clear(place, len(prefix))
        return places

    def _clear(self, place: int, start: int) -> None:
        library.llama_memory_seq_rm(self._memory, place, start, -1)

    def _open(self, place: int, position: int, tail: Sequence[int], decoding: Decoding) -> Token:
        """Decode a stream's tail and choose its first token."""
        seat = self._seats[place]
        self._run(place, tail, position)
        seat.choose, seat.left = self._chooser(decoding), decoding.max_tokens
        seat.position = position + len(tail)
        return self._choose(place, self._rows(1)[0])

    def _choose(self, place: int, logits: Any) -> Token:
        """The stream's next token; with its end token, or the last one of its limit, it leaves."""
        seat = self._seats[place]
        assert seat.choose is not None
        token = seat.next = seat.choose(logits)
        seat.left -= 1
        ended = self._is_end(token)
        if ended or seat.left == 0:
            seat.choose = None
        return Token(place, None if ended else token, log_probability(logits, token), seat.choose is None)

    def _run(self, place: int, tokens: Sequence[int], position: int) -> None:
        """Decode one sequence's tokens from `position` on, with logits for the last one only."""
        for start in range(0, len(tokens), BATCH_TOKENS):
            part = tokens[start : start + BATCH_TOKENS]
            first = position + start
            self._decode(part, range(first, first + len(part)), [place] * len(part), (len(part) - 1,))

    def _decode(
        self, tokens: Sequence[int], positions: Sequence[int], places: Sequence[int], wanted: Sequence[int]
    ) -> None:
        self._batch.fill(tokens, positions, places, wanted)
        status = library.llama_decode(self._context, self._batch.native)
        if status != 0:
            raise WorkFailed(f"llama_decode failed with status {status}")

    def _rows(self, count: int) -> Any:
        """The logits of the last pass, one row for each that was wanted; a view that the next pass overwrites."""
        pointer = library.llama_get_logits(self._context)
        return np.ctypeslib.as_array(pointer, shape=(count, self._width))

    def _use_threads(self, threads: int) -> None:
        if threads != self._threads_now:
            library.llama_set_n_threads(self._context, threads, threads)
            self._threads_now = threads


def _open_context(model: Any, threads: int, seats: int, room: int) -> Any:
    settings = library.llama_context_default_params()
    settings.n_ctx = seats * room
    settings.n_batch = settings.n_ubatch = BATCH_TOKENS
    settings.n_seq_max = seats
    settings.kv_unified = False
    settings.n_threads = settings.n_threads_batch = threads
    settings.no_perf = True
    context = library.llama_init_from_model(model, settings)
    if not context:
        raise WorkFailed(f"llama.cpp gave no context of {seats} times {room} tokens")
    return context
