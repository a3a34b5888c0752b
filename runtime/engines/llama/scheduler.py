"""Streams of a GGUF model: slots spread over llama.cpp contexts, each with threads of its own.

Two contexts of one thread write more than one of two: threads that share a pass wait for each other some six hundred
times in it (measured on two cores, 16 rows: 615 against 500 tokens a second, prompts 890 against 700). Contexts run
independently of each other: `step` gives the tokens of whichever has finished its pass.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from runtime.engines.drafts import Followers
from runtime.engines.engine import Decoding, Interrupted, Tail, Token
from runtime.engines.llama.abort import Abort
from runtime.engines.llama.adapter import LlamaAdapter
from runtime.engines.llama.context import LlamaContext
from runtime.engines.prefix_store import PrefixStore
from runtime.engines.sampling import Choose
from runtime.engines.slots import Stream, Tokens, by_tail, check_start


class LlamaStreams:
    """Sequences of one loaded GGUF model, on contexts of their own.

    Each has the prefixes of `kept` from the start, read once or from the `store`, and keeps them while nobody uses them.
    """

    def __init__(
        self,
        model: Any,
        is_end: Callable[[int], bool],
        chooser: Callable[[Decoding], Choose],
        threads: int,
        slots: int,
        max_len: int,
        contexts: int,
        *,
        adapter: LlamaAdapter | None = None,
        state_width: int = 0,
        kept: Sequence[Tokens] = (),
        store: PrefixStore | None = None,
        followers: Followers | None = None,
    ) -> None:
        contexts = max(1, min(contexts, slots, threads))
        each = -(-slots // contexts)
        self.slots, self.max_len, self.contexts = contexts * each, max_len, contexts
        self._chooser = chooser
        self._abort = Abort()
        self._contexts = [
            LlamaContext(
                model,
                self._abort,
                is_end,
                max(1, threads // contexts),
                each,
                max_len,
                adapter=adapter,
                state_width=state_width,
                kept=len(kept),
                followers=followers,
            )
            for _ in range(contexts)
        ]
        for prefix in kept:
            self._keep(prefix, threads, store)
        self._context_of: dict[int, LlamaContext] = {}
        self._running: dict[Future[None], LlamaContext] = {}
        self._pool = ThreadPoolExecutor(contexts) if contexts > 1 else None

    def _keep(self, prefix: Tokens, threads: int, store: PrefixStore | None) -> None:
        first, *others = self._contexts
        state = store.load(prefix) if store else None
        if state is None or not first.hold(prefix, state):
            state = first.read(prefix, threads)
            if store:
                store.save(prefix, state)
        for context in others:
            context.hold(prefix, state)

    def free(self) -> int:
        """How many slots are free."""
        return self.slots - len(self._context_of)

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Start one stream for each tail, see `engine.Streams`. They keep to one context if one has the room."""
        check_start(self, prefix, tails)
        slots = [slot for slot in range(self.slots) if slot not in self._context_of][: len(tails)]
        streams = [
            (tail, Stream(slot, self._chooser(decoding), decoding.max_tokens))
            for slot, (tail, decoding) in zip(slots, tails, strict=True)
        ]
        while streams:
            context = max(self._contexts, key=LlamaContext.free)
            here, streams = streams[: context.free()], streams[context.free() :]
            self._context_of |= {stream.slot: context for _, stream in here}
            context.add(tuple(prefix), by_tail(here))
        return slots

    def step(self) -> list[Token]:
        """The next tokens, see `runtime.engines.engine.Streams`."""
        try:
            written = self._step_one() if self._pool is None else self._step_many(self._pool)
        except Interrupted:
            wait(self._running)
            self._running.clear()
            raise
        for token in written:
            if token.left:
                del self._context_of[token.slot]
        return written

    def stop(self, slot: int) -> None:
        """End a stream; what lies on its slot may still serve as a prefix."""
        self._context_of.pop(slot).stop(slot)

    def interrupt(self) -> None:
        """End the passes that run now, for good, see `runtime.engines.engine.Streams`."""
        self._abort.stop()

    def close(self) -> None:
        """Free the contexts, once their passes have ended; a second call does nothing."""
        if self._pool:
            self._pool.shutdown()
        self._running.clear()
        self._context_of.clear()
        for context in self._contexts:
            context.close()

    def _step_one(self) -> list[Token]:
        (context,) = self._contexts
        while context.busy():
            context.compose()
            context.decode()
            if written := context.tokens():
                return written
        return []

    def _step_many(self, pool: ThreadPoolExecutor) -> list[Token]:
        """Keep every context that has work running; the tokens of those that are done."""
        while True:
            idle = [
                context
                for context in self._contexts
                if context.busy() and context not in self._running.values()
            ]
            for context in idle:
                context.compose()
                self._running[pool.submit(context.decode)] = context
            if not self._running:
                return []
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            written = []
            for future in done:
                context = self._running.pop(future)
                future.result()
                written += context.tokens()
            if written:
                return written
