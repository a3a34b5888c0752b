"""One llama.cpp context: some sequences, decoded together, prompts and thoughts in the same pass.

A pass reads the weights once however many rows it has, and a prompt's rows are the cheapest: so the next token of every
stream rides along with whatever part of new prompts is due. Streams that have written the same so far are one
sequence, which is copied when they choose different tokens.

Where hidden states are wanted, a stream that has come to its end token reads that too before it leaves. llama.cpp then
computes the output of every row, the prompts' too: that is what states cost.

Few sequences share one key-value buffer, where a copy costs nothing (in buffers of their own, the pass after seven
copies takes 34 ms instead of 24); many have one each: in a shared one every token would also be compared with every
other sequence's cells (32 sequences: 310 against 205 tokens a second and core).

Where one stream writes alone, guesses of its next tokens ride along (see `runtime.engines.drafts`).

Prefixes that come again and again, such as the worked examples of several tasks in turn, are kept where room for that is
asked for: a sequence that nobody writes in goes on holding one that no other holds.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from runtime.engines.drafts import MOST, Followers, Pace
from runtime.engines.engine import Interrupted, Token
from runtime.engines.llama.abort import ABORTED, Abort
from runtime.engines.llama.adapter import LlamaAdapter
from runtime.engines.llama.adaptive_threads import AdaptiveThreads
from runtime.engines.llama.batch import TokenBatch
from runtime.engines.llama.complaints import uninterrupted
from runtime.engines.llama.library import library
from runtime.engines.llama.sequence import Sequence
from runtime.engines.slots import Stream, Tokens
from runtime.values.errors import WorkFailed

# Tokens of one pass. More are no quicker (128 rows and 512 rows: 700 tokens a second), and no stream waits for more.
PASS_TOKENS = 128

# Sequences up to which they share a buffer.
FEW = 8


class LlamaContext:
    """Sequences of a loaded GGUF model in a context of their own, decoded by some threads.

    One after the other: `compose` a pass, `decode` it (in any thread), take its `tokens`. Streams may be added and
    stopped at any time.
    """

    def __init__(
        self,
        model: Any,
        abort: Abort,
        is_end: Callable[[int], bool],
        threads: int,
        sequences: int,
        max_len: int,
        *,
        adapter: LlamaAdapter | None = None,
        state_width: int = 0,
        kept: int = 0,
        followers: Followers | None = None,
    ) -> None:
        self._slots, self._kept, self._max_len = sequences, kept, max_len
        self._followers, self._pace = followers or {}, Pace()
        # What was guessed in the pass, and whether one stream has it alone.
        self._guessed: list[int] = []
        self._alone = False
        sequences += kept
        self._is_end = is_end
        self._width = library.llama_vocab_n_tokens(library.llama_model_get_vocab(model))
        self._adaptive = AdaptiveThreads(threads)
        self._threads_now = threads
        self._sequences = [Sequence(place) for place in range(sequences)]
        self._added: deque[tuple[Tokens, dict[Tokens, list[Stream]]]] = deque()
        self._batch = TokenBatch()
        self._state_width = state_width
        self._context: Any = _open_context(model, abort, threads, sequences, max_len, states=state_width > 0)
        self._abort = abort
        if adapter:
            adapter.attach(self._context)
        self._memory = library.llama_get_memory(self._context)
        # Sequences that have no more to read after the pass, and the row of the output that is theirs.
        self._ready: list[tuple[Sequence, int]] = []
        self._took_s = 0.0

    def free(self) -> int:
        """How many more streams there is room for."""
        return self._slots - sum(1 for _ in self._streams())

    def add(self, prefix: Tokens, tails: dict[Tokens, list[Stream]]) -> None:
        """Have streams go on after the prefix and their tail, as soon as the next pass is composed."""
        self._added.append((prefix, tails))

    def hold(self, prefix: Tokens, state: bytes) -> bool:
        """Take over a prefix that a context like this one has read; False where its state does not fit."""
        sequence = self._claim(prefix)
        self._cut(sequence, 0)
        data = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if not library.llama_state_seq_set_data(self._context, data, len(state), sequence.place):
            return False
        sequence.prefix, sequence.length = prefix, len(prefix)
        return True

    def read(self, prefix: Tokens, threads: int) -> bytes:
        """Read a prefix with so many threads, while no other context computes; gives its state."""
        sequence, own = self._claim(prefix), self._threads_now
        self._cut(sequence, 0)
        self._use_threads(threads)
        for start in range(0, len(prefix), PASS_TOKENS):
            part = prefix[start : start + PASS_TOKENS]
            self._batch.fill(part, range(start, start + len(part)), [sequence.place] * len(part), [])
            self.decode()
        self._use_threads(own)
        sequence.prefix, sequence.length = prefix, len(prefix)
        size = library.llama_state_seq_get_size(self._context, sequence.place)
        data = (ctypes.c_uint8 * size)()
        return bytes(data[: library.llama_state_seq_get_data(self._context, data, size, sequence.place)])

    def stop(self, slot: int) -> None:
        """Take a stream away; what its sequence holds may still serve as a prefix."""
        for _, tails in self._added:
            for tail, streams in tails.items():
                tails[tail] = [stream for stream in streams if stream.slot != slot]
        for sequence in self._sequences:
            sequence.streams = [stream for stream in sequence.streams if stream.slot != slot]

    def busy(self) -> bool:
        """Whether anybody writes here."""
        return any(True for _ in self._streams())

    def compose(self) -> None:
        """Choose the next pass's tokens: one of every stream, and parts of prompts up to `PASS_TOKENS`."""
        if self._added:
            self._use_threads(self._adaptive.at_start())
            self._forget()
        while self._added:
            self._start(*self._added.popleft())
        tokens: list[int] = []
        positions: list[int] = []
        places: list[int] = []
        wanted: list[int] = []
        self._ready = []
        for sequence in sorted(self._active(), key=lambda one: len(one.due)):
            part = sequence.due[: PASS_TOKENS - len(tokens)]
            if not part:
                break
            sequence.due = sequence.due[len(part) :]
            tokens += part
            positions += range(sequence.length, sequence.length + len(part))
            places += [sequence.place] * len(part)
            sequence.length += len(part)
            if not sequence.due:
                self._ready.append((sequence, len(tokens) - 1 if self._state_width else len(wanted)))
                wanted.append(len(tokens) - 1)
        self._alone = len(tokens) == len(self._ready) == 1 and len(self._ready[0][0].streams) == 1
        self._guessed = self._guess(self._ready[0][0]) if self._alone else []
        for guess in self._guessed:
            sequence = self._ready[0][0]
            wanted.append(len(tokens))
            tokens.append(guess)
            positions.append(sequence.length)
            places.append(sequence.place)
            sequence.length += 1
        self._batch.fill(tokens, positions, places, range(len(tokens)) if self._state_width else wanted)

    def decode(self) -> None:
        """Run the composed pass; raises Interrupted when it was stopped, WorkFailed when llama.cpp fails."""
        started = perf_counter()
        status = library.llama_decode(self._context, self._batch.native)
        self._took_s = perf_counter() - started
        if status == ABORTED and self._abort.is_set():
            raise Interrupted
        if status != 0:
            raise WorkFailed(f"llama_decode failed with status {status}")

    def tokens(self) -> list[Token]:
        """What the streams choose after the pass, one token each; those still reading their prompt choose none."""
        rows = int(self._batch.native.n_tokens)
        if self._alone:
            self._pace.note(rows, self._took_s, self._threads_now)
        self._use_threads(self._adaptive.after_step(self._took_s, self._threads_now, rows))
        # Who was stopped meanwhile has a sequence that others may claim now.
        ready = [(sequence, row) for sequence, row in self._ready if sequence.streams]
        if not ready:
            return []
        outputs = ready[-1][1] + 1 + len(self._guessed)
        logits = np.ctypeslib.as_array(library.llama_get_logits(self._context), (outputs, self._width))
        states = (
            np.ctypeslib.as_array(library.llama_get_embeddings(self._context), (outputs, self._state_width))
            if self._state_width
            else [None] * outputs
        )
        if self._guessed:
            return self._checked(ready[0][0], logits, states)
        return [token for sequence, row in ready for token in self._taken(sequence, logits[row], states[row])]

    def close(self) -> None:
        """Free the context; a second call does nothing."""
        if self._context is not None:
            library.llama_free(self._context)
            self._batch.free()
            self._context = None

    def _streams(self) -> Iterator[Stream]:
        for sequence in self._sequences:
            yield from sequence.streams
        for _, tails in self._added:
            for streams in tails.values():
                yield from streams

    def _claim(self, prefix: Tokens) -> Sequence:
        """A sequence that nobody writes in, one that has the prefix if there is; who waited for it reads alone."""
        idle = [sequence for sequence in self._sequences if not sequence.streams]
        claimed = min(idle, key=lambda one: (not one.has(prefix), self._keeps(one), len(one.prefix)))
        for sequence in self._sequences:
            if sequence.source is claimed:
                sequence.source, sequence.due = None, [*sequence.prefix, *sequence.due]
        return claimed

    def _start(self, prefix: Tokens, tails: dict[Tokens, list[Stream]]) -> None:
        """Give each tail a sequence: one that has the prefix already, else one that gets it from another."""
        for tail, streams in tails.items():
            if not streams:
                continue
            holder = next((one for one in self._sequences if prefix and one.has(prefix)), None)
            reader = next(
                (one for one in self._sequences if prefix and one.streams and one.prefix == prefix), None
            )
            sequence = self._claim(prefix)
            if holder and not sequence.has(prefix):
                self._copy(holder, sequence)
            if sequence.has(prefix):
                self._cut(sequence, len(prefix))
            else:
                self._cut(sequence, 0)
                sequence.prefix, sequence.source = prefix, reader
            sequence.streams, sequence.prompt_len = streams, len(prefix) + len(tail)
            sequence.text, sequence.guesser = [*prefix, *tail], None
            sequence.total, sequence.ends = 0.0, []
            sequence.due = [*prefix[sequence.length :], *tail] if sequence.source is None else [*tail]

    def _active(self) -> Iterator[Sequence]:
        """Sequences with something to decode now; those whose source has read the prefix get it first."""
        for sequence in self._sequences:
            if not sequence.streams:
                continue
            source, prefix = sequence.source, sequence.prefix
            if source and source.has(prefix):
                self._copy(source, sequence)
                self._cut(sequence, len(prefix))
            elif source and source.streams:
                continue
            elif source:
                # Stopped before it came to the prefix's end.
                sequence.source, sequence.due = None, [*prefix, *sequence.due]
            yield sequence

    def _keeps(self, sequence: Sequence) -> bool:
        """Whether a sequence is the only one with a prefix that is to be kept."""
        prefix = sequence.prefix
        if not self._kept or not prefix or not sequence.has(prefix):
            return False
        return not any(other.has(prefix) for other in self._sequences if other is not sequence)

    def _forget(self) -> None:
        """Empty what nobody writes in or is about to share: in a shared buffer it would be looked at in every pass."""
        wanted = {prefix for prefix, _ in self._added}
        for sequence in self._sequences:
            if sequence.length and not sequence.streams and sequence.prefix not in wanted:
                if self._keeps(sequence):
                    self._cut(sequence, len(sequence.prefix))
                    continue
                self._cut(sequence, 0)
                sequence.prefix = ()

    def _copy(self, source: Sequence, target: Sequence) -> None:
        library.llama_memory_seq_rm(self._memory, target.place, -1, -1)
        library.llama_memory_seq_cp(self._memory, source.place, target.place, -1, -1)
        target.prefix, target.length, target.source = source.prefix, source.length, None

    def _cut(self, sequence: Sequence, length: int) -> None:
        library.llama_memory_seq_rm(self._memory, sequence.place, length, -1)
        sequence.length = length

    def _guess(self, sequence: Sequence) -> list[int]:
        """What probably follows the token that is due, as far as there is room for it."""
        if sequence.ends:
            return []
        room = min(sequence.streams[0].left - 1, self._max_len - sequence.length)
        return sequence.guess(self._followers, min(room, self._pace.most())) if room > 0 else []

    def _checked(self, sequence: Sequence, logits: Any, states: Any) -> list[Token]:
        """What the stream chooses as long as that is what was guessed, and once more; the other guesses are forgotten."""
        written: list[Token] = []
        first, right = sequence.length - len(self._guessed), 0
        for place, guess in enumerate([*self._guessed, None]):
            sequence.length, right = first + place, place
            written += self._taken(sequence, logits[place], states[place])
            if not sequence.streams or sequence.due != [guess]:
                break
        self._cut(sequence, sequence.length)
        self._pace.judged(len(self._guessed), right)
        return written

    def _taken(self, sequence: Sequence, logits: Any, state: Any) -> list[Token]:
        """A token for each stream whose end token has been read, or that has not come to one."""
        if not self._state_width:
            return list(self._choose(sequence, logits))
        if sequence.ends:
            return sequence.ended(state)
        sequence.add(state)
        return list(self._choose(sequence, logits))

    def _choose(self, sequence: Sequence, logits: Any) -> Iterator[Token]:
        """A token for each stream; those that chose differently go on in sequences of their own."""
        chosen: dict[int, list[Stream]] = {}
        ends: list[Token] = []
        for stream in sequence.streams:
            token = stream.next(logits, self._is_end)
            held = token.id is None and self._state_width > 0
            if held or not token.left:
                chosen.setdefault(stream.last, []).append(stream)
            if held:
                ends.append(token)
            else:
                yield token
        sequence.streams, text = [], sequence.text
        for last, streams in chosen.items():
            branch = sequence
            if sequence.streams:
                branch = self._claim(sequence.prefix)
                self._copy(sequence, branch)
            branch.streams, branch.due = streams, [last]
            branch.wrote(text, last)
            branch.prompt_len, branch.total = sequence.prompt_len, sequence.total
            branch.ends = ends if ends and self._is_end(last) else []

    def _use_threads(self, threads: int) -> None:
        if threads != self._threads_now:
            library.llama_set_n_threads(self._context, threads, threads)
            self._threads_now = threads


def _open_context(
    model: Any, abort: Abort, threads: int, sequences: int, max_len: int, *, states: bool
) -> Any:
    settings = library.llama_context_default_params()
    settings.n_ctx = sequences * max_len
    settings.n_batch = settings.n_ubatch = PASS_TOKENS
    settings.n_seq_max, settings.n_outputs_max = sequences, sequences + MOST
    if states:
        settings.embeddings, settings.pooling_type = True, library.LLAMA_POOLING_TYPE_NONE
        settings.n_outputs_max = PASS_TOKENS
    settings.kv_unified = sequences <= FEW
    settings.n_threads = settings.n_threads_batch = threads
    settings.no_perf = True
    abort.settle(settings)
    with uninterrupted():
        context = library.llama_init_from_model(model, settings)
    if not context:
        raise WorkFailed(f"llama.cpp gave no context of {sequences} times {max_len} tokens")
    return context
