"""Solution: everything one solve produced, and the JSON row that the command line and the benchmarks share."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from runtime.values.answers import Expected, format_value
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought

MONEY_SIGNS = "$€£₹"


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds by stage. `load` is counted once, in the first solution after loading."""

    load: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    solve: float = 0.0
    total: float = 0.0

    def to_row(self) -> dict[str, float]:
        """The stages as a dict, rounded to microseconds."""
        stages = ("load", "prefill", "decode", "solve", "total")
        return {stage: round(getattr(self, stage), 3) for stage in stages}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a thought. `name`, `filled` and `value` are empty where it gives no name a number.

    `filled` is what the name is given, with numbers for other names.
    """

    written: str
    name: str = ""
    filled: str = ""
    value: str = ""

    def to_row(self) -> dict[str, str]:
        """The step as JSON has it."""
        return {"written": self.written, "name": self.name, "filled": self.filled, "value": self.value}


@dataclass(frozen=True, slots=True)
class Solution:
    """One question's answer: the thought that was written, what the solver made of it, and what it cost.

    >>> solution = Solution("pot", "ans = 15 / 2", Outcome("solved", Fraction(15, 2)), "flagship gguf:q4_0")
    >>> solution.answer, solution.value, solution.outcome.solved
    ('7.5', Fraction(15, 2), True)

    `prompt_tokens` counts what was read, once where several samples share it; the first `shared_tokens` of a prompt are
    the question's, whatever the thought.
    `outcome` is what the thought comes to, `expected` what its question can have: `value` is the one read as the other,
    `unit` what it counts, where the question says so.
    `logprob` is the natural logarithm of the text's probability at temperature 1, its end token included; `score` is
    what the artifact's scorer thinks of the text, 0 to 1, `confidence` how probable it is that the answer is right,
    where that was calibrated; `steps` are the thought's, with their values. None where it was not asked for.
    """

    thought: Thought
    text: str
    outcome: Outcome
    model: str
    prompt_tokens: int = 0
    generated_tokens: int = 0
    votes: dict[str, int] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    logprob: float | None = None
    score: float | None = None
    confidence: float | None = None
    shared_tokens: int = 0
    steps: tuple[Step, ...] | None = None
    expected: Expected = field(default_factory=Expected)
    unit: str = ""

    @property
    def value(self) -> Fraction | None:
        """The answer: what the thought comes to, without its sign where a size was asked for. None when there is none."""
        return None if self.outcome.value is None else self.expected.read(self.outcome.value)

    @property
    def answer(self) -> str | None:
        """The value as people print it, or None when there is none."""
        return None if self.value is None else format_value(self.value)

    @property
    def amount(self) -> str | None:
        """The answer with its unit, `$3.50`, `36%` or `21 pens`; without one where it is not known, or one of a thing.

        None when there is no answer.
        """
        answer = self.answer
        if answer is None or not self.unit:
            return answer
        if self.unit == "%":
            return f"{answer}%"
        if self.unit not in MONEY_SIGNS:
            return answer if answer in ("1", "-1") else f"{answer} {self.unit}"
        sign, size = ("-", answer[1:]) if answer.startswith("-") else ("", answer)
        # Cents have two digits.
        return f"{sign}{self.unit}{size}" + ("0" if size[-2:-1] == "." else "")

    @property
    def credible(self) -> bool:
        """Whether the thought is solved, by a value that such a question has."""
        return (
            self.outcome.solved
            and self.outcome.value is not None
            and self.expected.admits(self.outcome.value)
        )

    @property
    def reason(self) -> str:
        """Why there is no answer, or why it is not what the thought comes to; else empty."""
        if self.outcome.value is None or self.value == self.outcome.value:
            return self.outcome.reason
        return f"the working comes to {format_value(self.outcome.value)}, and a size is asked for"

    def to_row(self) -> dict[str, Any]:
        """The object that `edgethought solve --json` prints."""
        row: dict[str, Any] = {
            "answer": self.answer,
            "status": self.outcome.status,
            "reason": self.reason,
            "thought": self.thought,
            "text": self.text,
            "votes": self.votes,
            "tokens": {"prompt": self.prompt_tokens, "generated": self.generated_tokens},
            "timings_ms": self.timings.to_row(),
            "model": self.model,
        }
        known = {"logprob": self.logprob, "score": self.score, "confidence": self.confidence}
        row |= {name: round(value, 4) for name, value in known.items() if value is not None}
        row |= {"unit": self.unit} if self.unit else {}
        return row if self.steps is None else row | {"steps": [step.to_row() for step in self.steps]}
