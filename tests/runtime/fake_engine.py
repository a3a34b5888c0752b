"""An engine whose replies are known: one token a character, no model behind it."""

import time
from collections.abc import Iterator, Mapping, Sequence

from runtime.engine import GREEDY, Decoding
from runtime.manifest import Manifest
from runtime.prompt import TAGS, THOUGHTS, Thought, chat_template


class FakeEngine:
    """Replies with the text whose key occurs in the prompt, character by character, then the end token.

    `endless` replies start over instead of ending; `token_s` is how long a token takes; `prefills` records for each
    call how many tokens were shared and how many were computed.
    """

    def __init__(
        self,
        replies: Mapping[str, str],
        *,
        endless: bool = False,
        token_s: float = 0.0,
        context_tokens: int = 8192,
    ) -> None:
        self.name = "fake"
        self.context_tokens = context_tokens
        self.replies = replies
        self.endless = endless
        self.token_s = token_s
        self.prompts: list[str] = []
        self.shared: list[int] = []
        self.generated = 0
        self.closed = False
        self._ended = False

    def encode(self, text: str) -> list[int]:
        return [ord(character) for character in text]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))

    def generate(
        self, prompt: Sequence[int], decoding: Decoding = GREEDY, *, shared: int = 0
    ) -> Iterator[int]:
        assert 0 <= shared < len(prompt)
        assert len(prompt) + decoding.max_tokens <= self.context_tokens
        self._ended = False
        text = self.decode(prompt)
        self.prompts.append(text)
        self.shared.append(shared)
        reply = next((reply for key, reply in self.replies.items() if key in text), "")
        for index in range(decoding.max_tokens):
            if index >= len(reply) and not (self.endless and reply):
                self._ended = True
                return
            time.sleep(self.token_s)
            self.generated += 1
            yield ord(reply[index % len(reply)])

    def ended(self) -> bool:
        return self._ended

    def close(self) -> None:
        self.closed = True


def fake_manifest(
    thoughts: tuple[Thought, ...] = THOUGHTS, default_thought: Thought = "eot", max_tokens: int = 200
) -> Manifest:
    """The manifest of an artifact that a FakeEngine stands in for."""
    return Manifest(
        name="fake",
        format="gguf",
        quantisation="none",
        parameters=0,
        bytes=0,
        files={},
        parent="",
        licence="Apache-2.0",
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
