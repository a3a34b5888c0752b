"""Draft: what the model wrote about one question in one thought, before any solver saw it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from runtime.engine import Decoding, Engine
from runtime.errors import InputError
from runtime.prompt import Thought, question_prefix, render_prompt
from runtime.thoughts import cot, eot, pot

# A growing text already holds a complete answer: decoding may stop.
FINISHED: dict[Thought, Callable[[str], bool]] = {
    "eot": eot.finished,
    "pot": pot.finished,
    "cot": cot.finished,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A thought's text, what it cost, and whether the model finished it (`cut` says why it did not)."""

    thought: Thought
    text: str
    cut: str
    prompt_tokens: int
    generated_tokens: int
    prefill_ms: float
    decode_ms: float


class Drafter:
    """Has an engine write thoughts; stops it at the end token, a complete answer, a limit or a deadline."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._breaks: dict[int, bool] = {}

    def prompt_ids(self, question: str, thought: Thought) -> tuple[list[int], int]:
        """The prompt's ids, and how many of them every thought about this question shares."""
        ids = self.engine.encode(render_prompt(question, thought))
        return ids, _shared(ids, self.engine.encode(question_prefix(question)))

    def check(self, question: str, thought: Thought, decoding: Decoding) -> None:
        """Raise InputError when the question and its answer do not fit the model's context."""
        self._check_room(len(self.prompt_ids(question, thought)[0]), decoding)

    def write(
        self, question: str, thought: Thought, decoding: Decoding, deadline: float | None = None
    ) -> Draft:
        """Write one thought; `deadline` is in `perf_counter` seconds. Raises InputError when it does not fit."""
        started = perf_counter()
        prompt, shared = self.prompt_ids(question, thought)
        self._check_room(len(prompt), decoding)
        ids: list[int] = []
        first, cut, finished = started, "", FINISHED[thought]
        stream = self.engine.generate(prompt, decoding, shared=shared)
        for token in stream:
            if not ids:
                first = perf_counter()
            ids.append(token)
            if any(map(self._is_break, ids[-2:])) and finished(self.engine.decode(ids)):
                break
            if deadline is not None and perf_counter() >= deadline:
                cut = f"the deadline came after {len(ids)} tokens"
                break
        else:
            if not self.engine.ended():
                cut = f"the model wrote {len(ids)} tokens without coming to an end"
        ended = perf_counter()
        first = first if ids else ended
        return Draft(
            thought=thought,
            text=self.engine.decode(ids).rstrip(),
            cut=cut,
            prompt_tokens=len(prompt),
            generated_tokens=len(ids),
            prefill_ms=(first - started) * 1e3,
            decode_ms=(ended - first) * 1e3,
        )

    def _is_break(self, token: int) -> bool:
        """Whether a line or a sentence may end with this token: only there, and one token on, is it asked."""
        known = self._breaks.get(token)
        if known is None:
            piece = self.engine.decode([token])
            known = self._breaks[token] = "\n" in piece or "." in piece
        return known

    def _check_room(self, prompt_tokens: int, decoding: Decoding) -> None:
        allowed = self.engine.context_tokens - decoding.max_tokens
        if prompt_tokens > allowed:
            raise InputError(f"the question takes {prompt_tokens:,} tokens; allowed: {max(allowed, 0):,}")


def _shared(left: Sequence[int], right: Sequence[int]) -> int:
    """How many first ids are equal."""
    pairs = zip(left, right, strict=False)
    return next(
        (index for index, (one, other) in enumerate(pairs) if one != other), min(len(left), len(right))
    )
