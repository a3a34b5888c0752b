"""Completion: what the model wrote about one question in one thought, before any solver saw it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Timer
from time import perf_counter
from typing import Protocol

from runtime.engines.engine import Decoding, Engine, States
from runtime.solver.equations import eot
from runtime.solver.programs import pot
from runtime.solver.sentences import cot
from runtime.values.errors import InputError
from runtime.values.prompt import Thought, question_prefix, render_prompt

# A growing text already holds a complete answer: decoding may stop.
FINISHED: dict[Thought, Callable[[str], bool]] = {
    "eot": eot.finished,
    "pot": pot.finished,
    "cot": cot.finished,
}


# Is told each line of a thought as soon as it is written.
Watch = Callable[[Thought, str], None]


@dataclass(frozen=True, slots=True)
class Completion:
    """A thought's text, what it cost, and whether the model finished it (`finish_reason` is empty then).

    The first `shared_tokens` of the prompt are the question's, which are read once for all thoughts about it. `logprob`
    is the natural logarithm of the text's probability, `states` are what the model made of the text; None
    where the engine was not asked for them, or the text has no end.
    """

    thought: Thought
    text: str
    finish_reason: str
    prompt_tokens: int
    generated_tokens: int
    prefill_ms: float
    decode_ms: float
    logprob: float | None = None
    states: States | None = None
    shared_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """The ids of a prompt; the first `shared` of them are the same for every thought about the question."""

    ids: list[int]
    shared: int


@dataclass(slots=True)
class Writing:
    """One thought on its way: `prompt` is ready, `ids` have been written.

    Where several are written together, `prefill_ms` and `decode_ms` add up this one's shares of the clock.
    """

    thought: Thought
    prompt: Prompt
    deadline: float | None
    started: float
    ids: list[int] = field(default_factory=list)
    first: float = 0.0
    finish_reason: str = ""
    logprob: float | None = None
    prefill_ms: float | None = None
    decode_ms: float = 0.0
    states: States | None = None
    told: int = 0


class PromptFormat(Protocol):
    """How a model is asked for a thought, and what of its reply is its own."""

    @property
    def advice(self) -> str:
        """What to do about a prompt that does not fit, after a semicolon, or nothing."""
        ...

    def prompt(self, question: str, thought: Thought) -> Prompt:
        """The prompt for one question and one thought."""
        ...

    def finished(self, thought: Thought, text: str) -> bool:
        """Whether a growing reply already holds a complete answer."""
        ...

    def own(self, text: str) -> str:
        """The part of a reply that answers the question."""
        ...

    def keeps(self) -> bool:
        """Whether the shared part of a prompt serves the next question too."""
        ...


@dataclass(frozen=True, slots=True)
class StudentPromptFormat:
    """A student is asked by the prompt it was trained on; its whole reply is the thought."""

    engine: Engine
    advice: str = ""

    def prompt(self, question: str, thought: Thought) -> Prompt:
        """The prompt's bytes are frozen, see `runtime.values.prompt`."""
        ids = self.engine.encode(render_prompt(question, thought))
        return Prompt(ids, _shared(ids, self.engine.encode(question_prefix(question))))

    def finished(self, thought: Thought, text: str) -> bool:
        """Whether the solver could already answer."""
        return FINISHED[thought](text)

    def own(self, text: str) -> str:
        """All of it."""
        return text.rstrip()

    def keeps(self) -> bool:
        """What is shared is the question."""
        return False


class Generator:
    """Has an engine write thoughts; stops it at the end token, a complete answer, a limit or a deadline.

    `watch`, where there is one, is told each line as it is written.
    """

    def __init__(self, engine: Engine, form: PromptFormat | None = None) -> None:
        self.engine = engine
        self.form = form or StudentPromptFormat(engine)
        self.cancelled = False
        self.watch: Watch | None = None
        self._breaks: dict[int, bool] = {}

    def check(self, question: str, thought: Thought, decoding: Decoding) -> None:
        """Raise InputError when the question and its answer do not fit the model's context."""
        self._check_room(self.form.prompt(question, thought), decoding)

    def begin(self, question: str, thought: Thought, decoding: Decoding, deadline: float | None) -> Writing:
        """A thought that is about to be written; raises InputError when it does not fit the model's context."""
        started = perf_counter()
        prompt = self.form.prompt(question, thought)
        self._check_room(prompt, decoding)
        return Writing(thought, prompt, deadline, started)

    def write(
        self,
        question: str,
        thought: Thought,
        decoding: Decoding,
        deadline: float | None = None,
        *,
        keep: bool = False,
    ) -> Completion:
        """Write one thought; `deadline` is in `perf_counter` seconds. Raises InputError when it does not fit.

        With `keep`, the question's part of the prompt is prefilled apart and kept for a next thought about it; without,
        the prompt is prefilled in one pass, which is quicker for one thought alone.
        """
        writing = self.begin(question, thought, decoding, deadline)
        prompt = writing.prompt
        # The alarm ends what takes too long inside a pass; between passes `take` sees the time itself.
        with alarm(deadline, self.engine.interrupt):
            if keep and self.form.keeps() and not self.out_of_time(writing):
                self.engine.keep(prompt.ids[: prompt.shared])
            shared = prompt.shared if keep else 0
            late = self.out_of_time(writing)
            for token in () if late else self.engine.generate(prompt.ids, decoding, shared=shared):
                if self.take(writing, token):
                    break
            else:
                if not self.engine.ended() and not self.out_of_time(writing):
                    self.cut_off(writing)
        return self.completion(writing)

    def cancel(self) -> None:
        """End what is being written, from any thread; drafts stay as they are until `cancelled` is taken back."""
        self.cancelled = True
        self.engine.interrupt()

    def take(self, writing: Writing, token: int, *, to_end: bool = False) -> bool:
        """Add a token; whether the thought is complete, or out of time.

        A thought is complete once it can be solved, or `to_end`: only when the model itself ends it.
        """
        if not writing.ids:
            writing.first = perf_counter()
        writing.ids.append(token)
        if (self.watch or not to_end) and any(map(self._is_break, writing.ids[-2:])):
            text = self.engine.decode(writing.ids)
            self._tell(writing, text.split("\n")[:-1])
            if not to_end and self.form.finished(writing.thought, text):
                return True
        return self.out_of_time(writing)

    def _tell(self, writing: Writing, lines: Sequence[str]) -> None:
        """Tell the lines that were not told before."""
        new, writing.told = lines[writing.told :], max(writing.told, len(lines))
        if self.watch:
            for line in new:
                self.watch(writing.thought, line)

    def out_of_time(self, writing: Writing) -> bool:
        """Whether it was cancelled or its deadline has come, which is noted."""
        if self.cancelled:
            writing.finish_reason = f"cancelled after {len(writing.ids)} tokens"
        elif writing.deadline is not None and perf_counter() >= writing.deadline:
            writing.finish_reason = f"the deadline came after {len(writing.ids)} tokens"
        return bool(writing.finish_reason)

    def cut_off(self, writing: Writing) -> None:
        """Note that the model came to its limit and not to an end."""
        writing.finish_reason = f"the model wrote {len(writing.ids)} tokens without coming to an end"

    def completion(self, writing: Writing) -> Completion:
        """What has been written, with its times up to now, or with its shares of them."""
        prefill_ms, decode_ms = writing.prefill_ms, writing.decode_ms
        if prefill_ms is None:
            ended = perf_counter()
            first = writing.first if writing.ids else ended
            prefill_ms, decode_ms = (first - writing.started) * 1e3, (ended - first) * 1e3
        text, reason = self.engine.decode(writing.ids), writing.finish_reason
        if reason and self.form.finished(writing.thought, text):
            reason = ""
        own = self.form.own(text)
        self._tell(writing, own.split("\n") if own else [])
        return Completion(
            thought=writing.thought,
            text=own,
            finish_reason=reason,
            prompt_tokens=len(writing.prompt.ids),
            generated_tokens=len(writing.ids),
            prefill_ms=prefill_ms,
            decode_ms=decode_ms,
            logprob=writing.logprob,
            states=writing.states,
            shared_tokens=writing.prompt.shared,
        )

    def _is_break(self, token: int) -> bool:
        """Whether a line or a sentence may end with this token: only there, and one token on, is it asked."""
        known = self._breaks.get(token)
        if known is None:
            piece = self.engine.decode([token])
            known = self._breaks[token] = "\n" in piece or "." in piece
        return known

    def _check_room(self, prompt: Prompt, decoding: Decoding) -> None:
        allowed = self.engine.context_tokens - decoding.max_tokens
        if len(prompt.ids) > allowed:
            raise InputError(
                f"the question takes {len(prompt.ids):,} tokens; expected: {max(allowed, 0):,}{self.form.advice}"
            )


def _shared(left: Sequence[int], right: Sequence[int]) -> int:
    """How many first ids are equal."""
    pairs = zip(left, right, strict=False)
    return next(
        (index for index, (one, other) in enumerate(pairs) if one != other), min(len(left), len(right))
    )


@contextmanager
def alarm(deadline: float | None, ring: Callable[[], None]) -> Iterator[None]:
    """Call `ring` at `deadline` (`perf_counter` seconds) unless the block has ended by then; None never rings."""
    if deadline is None:
        yield
        return
    timer = Timer(max(0.0, deadline - perf_counter()), ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # A ring that has begun is waited for, so that it cannot reach what comes next.
        timer.join()
