"""An engine whose replies are known: one token a character, no model behind it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from runtime.engines.engine import GREEDY, Decoding, Interrupted, States, Tail, Token
from runtime.values.manifest import Manifest
from runtime.values.prompt import TAGS, THOUGHTS, Thought, chat_template


class FakeEngine:
    """Replies with the text whose key occurs in the prompt, character by character, then the end token.

    `endless` replies start over instead of ending; `token_s` is how long a token takes; `prefills` records for each
    call how many tokens were shared and how many were computed. Its hidden states, if it has any, are full of the
    text's length.
    """

    def __init__(
        self,
        replies: Mapping[str, str],
        *,
        endless: bool = False,
        token_s: float = 0.0,
        context_tokens: int = 8192,
        state_width: int = 0,
    ) -> None:
        self.name = "fake"
        self.state_width = state_width
        self.context_tokens = context_tokens
        self.replies = replies
        self.endless = endless
        self.token_s = token_s
        self.prompts: list[str] = []
        self.shared: list[int] = []
        self.opened: list[tuple[int, int]] = []
        self.generated = 0
        self.closed = False
        self.last_streams: FakeStreams | None = None
        self.kept: list[list[int]] = []
        self._ended = False
        self._interrupted = False
        self._streaming = False

    def encode(self, text: str) -> list[int]:
        return [ord(character) for character in text]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        assert 0 <= shared < len(prompt)
        assert len(prompt) + decoding.max_tokens <= self.context_tokens
        self._ended = self._interrupted = False
        text = self.decode(prompt)
        self.prompts.append(text)
        self.shared.append(shared)
        reply = next((reply for key, reply in self.replies.items() if key in text), "")
        for index in range(decoding.max_tokens):
            if index >= len(reply) and not (self.endless and reply):
                self._ended = True
                return
            time.sleep(self.token_s)
            if self._interrupted and not self._streaming:
                return
            self.generated += 1
            yield ord(reply[index % len(reply)])

    def keep(self, prefix: Sequence[int]) -> None:
        self.kept.append(list(prefix))

    def interrupt(self) -> None:
        self._interrupted = True

    def streams(self, slots: int, max_len: int, contexts: int = 1, *, states: bool = False) -> "FakeStreams":
        assert self.state_width or not states
        self.opened.append((slots, max_len))
        return FakeStreams(self, slots, max_len, contexts, states=states)

    def ended(self) -> bool:
        return self._ended

    def close(self) -> None:
        self.closed = True


@dataclass
class Clock:
    """Seconds that pass only while an engine writes."""

    now_s: float = 0.0


class TimedEngine(FakeEngine):
    """Writes without end; each token takes the same time of a clock."""

    def __init__(self, clock: Clock, token_s: float) -> None:
        super().__init__({"": "12345"}, endless=True)
        self._clock, self._token_s = clock, token_s

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        for token in super().generate(prompt, decoding, shared=shared):
            self._clock.now_s += self._token_s
            yield token


class FakeStreams:
    """Slots on a FakeEngine; `most` is how many were ever taken at once, `steps` how often all were stepped."""

    def __init__(
        self, engine: FakeEngine, slots: int, max_len: int, contexts: int, *, states: bool = False
    ) -> None:
        self.states = states
        self.slots, self.max_len, self.contexts = slots, max_len, contexts
        self.engine = engine
        self.going: dict[int, tuple[Iterator[int], int]] = {}
        self.limits: dict[int, int] = {}
        self.most = 0
        self.steps = 0
        self.interrupted = False
        engine.last_streams = self

    def free(self) -> int:
        return self.slots - len(self.going)

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        assert len(tails) <= self.free()
        slots = []
        for tail, decoding in tails:
            assert len(prefix) + len(tail) + decoding.max_tokens <= self.max_len
            slot = next(slot for slot in range(self.slots) if slot not in self.going)
            self.going[slot] = (
                self.engine.generate([*prefix, *tail], decoding, shared=len(prefix)),
                decoding.max_tokens,
            )
            self.limits[slot] = decoding.max_tokens
            self.most = max(self.most, len(self.going))
            slots.append(slot)
        return slots

    def step(self) -> list[Token]:
        self.steps += 1
        if self.interrupted:
            raise Interrupted
        return [self._token(slot) for slot in list(self.going)]

    def _token(self, slot: int) -> Token:
        stream, left = self.going[slot]
        # An interrupt ends what `generate` computes and leaves streams alone.
        self.engine._streaming = True
        token = next(stream, None)
        self.engine._streaming = False
        written = self.limits[slot] - left
        left -= 1
        self.going[slot] = (stream, left)
        if token is None or left == 0:
            del self.going[slot]
        state = np.full(self.engine.state_width, written, np.float32)
        states = States(state, state) if self.states and token is None else None
        return Token(slot, token, -0.5, slot not in self.going, states)

    def stop(self, slot: int) -> None:
        del self.going[slot]

    def interrupt(self) -> None:
        self.interrupted = True

    def close(self) -> None:
        self.going.clear()


def fake_manifest(
    thoughts: tuple[Thought, ...] = THOUGHTS, default_thought: Thought = "eot", max_tokens: int = 200
) -> Manifest:
    """The manifest of an artifact that a FakeEngine stands in for."""
    return Manifest(
        name="fake",
        format="gguf",
        quantization="none",
        parameters=0,
        bytes=0,
        files={},
        parent="",
        license="Apache-2.0",
        default_thought=default_thought,
        thoughts=thoughts,
        end_tokens=(),
        prompt_template=chat_template(default_thought),
        tags=dict(TAGS),
        max_tokens=max_tokens,
        context_tokens=8192,
        tensor_types={},
        tools={},
        gate={},
    )
