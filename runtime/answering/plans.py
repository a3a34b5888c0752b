"""Plans: which thoughts answer one question, in what order, and what is asked next when answers come back.

A plan is a generator: it yields what to write, is sent the solutions, and ends when it has asked enough. One driver
runs it for a single question, another for many questions at once; the plans know neither.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from runtime.answering.modes import Mode
from runtime.engines.engine import Decoding
from runtime.values.prompt import Thought
from runtime.values.solution import Solution

# How far samples stray from the likeliest thought unless the caller says.
SAMPLING_TEMPERATURE = 0.7


@dataclass(frozen=True, slots=True)
class ThoughtRequest:
    """One thought to be written, and how."""

    thought: Thought
    decoding: Decoding


Plan = Generator[list[ThoughtRequest], list[Solution], None]


def single(thoughts: Sequence[Thought], decoding: Decoding, samples: int) -> Plan:
    """The first thought alone."""
    yield [ThoughtRequest(thoughts[0], decoding.asking(thoughts[0]))]


def fallback(thoughts: Sequence[Thought], decoding: Decoding, samples: int) -> Plan:
    """One thought after another until one is solved, by a value that such a question has (EoTD, arXiv 2401.11864)."""
    for thought in thoughts:
        written = yield [ThoughtRequest(thought, decoding.asking(thought))]
        if written[0].credible:
            return


def together(thoughts: Sequence[Thought], decoding: Decoding, samples: int) -> Plan:
    """Every thought greedily and then sampled, all at once (self-consistency, arXiv 2203.11171)."""
    yield _samples(thoughts, decoding, samples)


def adaptive(thoughts: Sequence[Thought], decoding: Decoding, samples: int) -> Plan:
    """Two answers first, the rest of the samples only where they differ, fail or cannot be.

    Agreement of two thoughts needs no label and is nearly always right: 96.7 % where both agreed, in PAPERS of EoTD's
    stored outputs.
    """
    asks = _samples(thoughts, decoding, samples)
    written = yield asks[:2]
    values = [solution.outcome.value for solution in written if solution.credible]
    if len(asks) > 2 and (len(values) < 2 or values[0] != values[1]):
        yield asks[2:]


def escalating(
    thoughts: Sequence[Thought], decoding: Decoding, samples: int, sure: Callable[[Solution], bool]
) -> Plan:
    """The first answer alone, the rest of the samples only where that is not sure."""
    asks = _samples(thoughts, decoding, samples)
    written = yield asks[:1]
    if not sure(written[0]):
        yield asks[1:]


PLANS: dict[Mode, Callable[[Sequence[Thought], Decoding, int], Plan]] = {
    "single": single,
    "fallback": fallback,
    "vote": together,
    "adaptive": adaptive,
    "best_of": together,
}


def advance(plan: Plan, written: list[Solution]) -> list[ThoughtRequest] | None:
    """What the plan asks next, None when it has ended."""
    try:
        return plan.send(written)
    except StopIteration:
        return None


def _samples(thoughts: Sequence[Thought], decoding: Decoding, samples: int) -> list[ThoughtRequest]:
    """`samples` asks over the thoughts in turn: each thought greedily once, then sampled with seeds of their own."""
    asks = []
    for number in range(samples):
        thought = thoughts[number % len(thoughts)]
        asked = decoding.asking(thought)
        if number < len(thoughts):
            asks.append(ThoughtRequest(thought, replace(asked, temperature=0.0)))
        else:
            temperature = decoding.temperature or SAMPLING_TEMPERATURE
            asks.append(
                ThoughtRequest(thought, replace(asked, temperature=temperature, seed=decoding.seed + number))
            )
    return asks
