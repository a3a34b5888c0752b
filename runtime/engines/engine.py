"""Engine: runs an artifact, tokens in and tokens out. It knows no maths.

An engine yields token ids one at a time, so that whoever consumes them can stop as soon as the thought is
solvable, a deadline passes or the user gives up: closing the generator ends the work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from runtime.values.errors import InputError
from runtime.values.prompt import Thought

# A thought whose grammar a text is held to; `asked` is the thought that is asked for, whichever that is.
Grammar = Thought | Literal["asked"]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode. Greedy (`temperature` 0) unless the caller says otherwise; sampling takes a seed.

    With a `grammar` (see `runtime.engines.grammars`) only tokens that it admits are chosen, the end token where it is
    fulfilled. With a `schema`, a JSON schema as text, they are those of a JSON value that it admits.
    """

    max_tokens: int = 320
    temperature: float = 0.0
    seed: int = 0
    grammar: Grammar | None = None
    schema: str = ""

    def asking(self, thought: Thought) -> "Decoding":
        """The same for one thought, its grammar named; raises InputError when the grammar is another thought's."""
        if self.grammar is None or self.grammar == thought:
            return self
        if self.grammar != "asked":
            raise InputError(f"grammar {self.grammar!r} for thought {thought}; expected: asked or {thought}")
        return replace(self, grammar=thought)


GREEDY = Decoding()
# What follows a shared prefix, and how to go on from there.
Tail = tuple[Sequence[int], Decoding]


@dataclass(frozen=True, slots=True)
class States:
    """What a model made of a text it wrote: final hidden states, after the last norm, float32 (width,) each.

    `end` is the state at the end token, read after the text; `mean` is the mean over the text's own tokens.
    """

    end: Any
    mean: Any


@dataclass(frozen=True, slots=True)
class Token:
    """One step of one stream: what it wrote, None at its end token, and whether it has left its slot.

    It leaves at its end token or with the last token of its limit. `logprob` is the natural logarithm of the model's
    own probability (temperature 1) of what it chose, the end token included. `states` come with the end token of
    streams that were opened for them.
    """

    slot: int
    id: int | None
    logprob: float
    left: bool
    states: States | None = None


class Interrupted(Exception):
    """A pass was stopped before its end; the engine is fit for the next."""


class Passes(Protocol):
    """A library's passes, which raise Interrupted once they are stopped."""

    def stop(self) -> None:
        """End the pass that runs now, and every later one until `resume`; any thread may call it."""
        ...

    def resume(self) -> None:
        """Let passes run."""
        ...


class Streams(Protocol):
    """Several sequences that are decoded together; each sits on one of `slots` slots until it ends or is stopped."""

    slots: int
    max_len: int
    contexts: int

    def free(self) -> int:
        """How many slots are free."""
        ...

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Start one stream for each tail; returns their slots. The prefix is computed once for all.

        A prefix that still lies on another slot is copied from there. Prompt and answer of each must fit `max_len`
        tokens, and there must be a free slot for each, or InputError is raised.
        """
        ...

    def step(self) -> list[Token]:
        """Compute until there are tokens, those of one stream in their order. Empty when nobody sits.

        Mostly one of each stream; several where they were guessed. A stream whose prompt is still being read, or whose
        context is still computing, is left out this time.
        """
        ...

    def stop(self, slot: int) -> None:
        """End a stream; its slot is free at once."""
        ...

    def interrupt(self) -> None:
        """End the pass that runs now, for good; any thread may call it.

        `start` and `step` then raise Interrupted, and nothing is left to do but to close: nobody knows what lies on the
        slots.
        """
        ...

    def close(self) -> None:
        """Free the memory of all sequences."""
        ...


class Engine(Protocol):
    """One loaded artifact. Not safe to share between threads: one engine serves one stream of calls."""

    name: str
    context_tokens: int
    # Width of the hidden states that `streams` can give; 0 where the library gives none.
    state_width: int

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`, with no special token added in front or behind, none recognised inside."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens left out."""
        ...

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        """Yield generated token ids, the end token excluded, at most `decoding.max_tokens` of them.

        The first `next()` runs the prefill. The first `shared` ids (0 to `len(prompt) - 1`) are prefilled
        as a batch of their own and kept: a following call that shares exactly these does not compute them
        again. Because the cut is where the caller says, and not where the call before happened to differ,
        the arithmetic and so the answer never depends on what was asked before. A later call ends an earlier
        generator. Raises InputError when prompt and answer do not fit `context_tokens`.
        """
        ...

    def logits(self, ids: Sequence[int], last: int) -> Any:
        """Logits after each of the last `last` ids, one forward pass: float32 array (last, vocabulary).

        For measuring, not for answering: it ends an earlier generator and drops the kept prefix.
        """
        ...

    def streams(self, slots: int, max_len: int, contexts: int = 1, *, states: bool = False) -> Streams:
        """Slots for sequences of at most `max_len` tokens, decoded together; an engine may give fewer, or a few more.

        The engine's threads are shared out among the `contexts`, which compute independently of each other; an engine
        may have one only. With `states` a stream also reads its end token, and its last token brings them; raises
        InputError where the engine gives none. Close the streams before the engine. They and `generate` may be used in
        turn.
        """
        ...

    def keep(self, prefix: Sequence[int]) -> None:
        """Have the first tokens of many prompts ready for `generate` with `shared=len(prefix)`.

        They are kept already, come from the disk where an earlier start has left them, or are computed and left there.
        """
        ...

    def interrupt(self) -> None:
        """End what `generate` computes right now, inside a pass if need be; any thread may call it.

        The generator then ends as at its limit. A call that begins later is not affected.
        """
        ...

    def ended(self) -> bool:
        """Whether the last `generate` came to its end token, not to its limit or a consumer's stop."""
        ...

    def close(self) -> None:
        """Free the artifact's memory."""
        ...
