"""Replies of models that are none of ours, as solutions that carry two readings: strict and flexible.

Strict reads only the format that was asked for: of worked examples the thought, as the solver has it; of a chat, whose
prompt asks for none, an answer that the reply states as such. Flexible takes the best candidate (see `extraction`).
"""

from dataclasses import dataclass, fields

from benchmarks.scoring.external.endpoint import EndpointReply
from benchmarks.scoring.external.extraction import Reading, extract_answer
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought
from runtime.values.solution import Solution, Timings

UNREAD = Outcome("no_thought")


@dataclass(frozen=True, slots=True)
class ExternalSolution(Solution):
    """A solution whose `outcome` is the flexible reading; `strict` is the reading in the format that was asked for."""

    strict: Outcome = UNREAD


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What both readings of one reply come to."""

    strict: Outcome
    flexible: Outcome


def chat_outcomes(text: str, cut: str = "") -> Outcomes:
    """Both readings of a free reply. `cut` says why it did not come to its end, where it did not."""
    readings = extract_answer(text)
    return Outcomes(
        strict=_outcome(readings.strict, cut, "the reply states no answer"),
        flexible=_outcome(readings.flexible, cut, "no number in the reply"),
    )


def _outcome(reading: Reading | None, cut: str, missing: str) -> Outcome:
    if cut and (reading is None or reading.value is None):
        return Outcome("truncated", reason=cut)
    return Outcome("no_thought", reason=missing) if reading is None else reading.outcome


def thought_outcomes(text: str, solved: Outcome) -> Outcomes:
    """Both readings of a thought that the solver made `solved` of.

    Flexible also takes an answer that the text states in words. It never takes a thought's last number, which is a
    step like any other.
    """
    if solved.solved:
        return Outcomes(solved, solved)
    stated = extract_answer(text).strict
    return Outcomes(solved, stated.outcome if stated and stated.value is not None else solved)


def reply_solution(
    reply: EndpointReply, model: str, thought: Thought, text: str, outcomes: Outcomes
) -> ExternalSolution:
    """A reply as a solution. Of an endpoint only the round trip is known, so prefill and decoding are told as 0."""
    return ExternalSolution(
        thought=thought,
        text=text,
        outcome=outcomes.flexible,
        model=model,
        prompt_tokens=reply.prompt_tokens,
        generated_tokens=reply.generated_tokens,
        timings=Timings(prefill=reply.prefill_ms, decode=reply.decode_ms, total=reply.round_trip_ms),
        strict=outcomes.strict,
    )


def read_flexibly(solution: Solution) -> ExternalSolution:
    """A solved thought's solution with both readings of its text."""
    outcomes = thought_outcomes(solution.text, solution.outcome)
    known = {field.name: getattr(solution, field.name) for field in fields(Solution)}
    return ExternalSolution(**{**known, "outcome": outcomes.flexible}, strict=outcomes.strict)
