"""A poll: what the samples about one question come to. Only exact values are compared."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from runtime.values.problem import Problem
from runtime.values.rationale import Declined, Rationale


@dataclass(frozen=True, slots=True)
class Vote:
    """One sample: a rationale and the value that the solver brought it to, or why it has none."""

    sample: Rationale | Declined
    value: Fraction | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """All votes about a problem. `thoughts` are those that were asked for."""

    problem: Problem
    votes: tuple[Vote, ...]
    thoughts: tuple[str, ...]

    @property
    def majority(self) -> Fraction | None:
        """The value that most samples reach; None where there is none, or two are reached equally often."""
        tally = Counter(vote.value for vote in self.votes if vote.value is not None).most_common(2)
        if not tally or (len(tally) == 2 and tally[0][1] == tally[1][1]):
            return None
        return tally[0][0]

    @property
    def agreeing(self) -> int:
        """How many samples reach the majority's value."""
        value = self.majority
        return 0 if value is None else sum(vote.value == value for vote in self.votes)

    @property
    def share(self) -> float:
        """The part of all samples that reach it; those that failed count as others."""
        return self.agreeing / len(self.votes) if self.votes else 0.0

    def of_every_thought(self) -> bool:
        """Whether a sample of each thought reaches it."""
        value = self.majority
        reached = {vote.sample.thought for vote in self.votes if value is not None and vote.value == value}
        return reached >= set(self.thoughts)

    def told(self) -> str:
        """What was voted, for people: `12: 5, 14: 2, failed: 1`."""
        tally = Counter("failed" if vote.value is None else str(vote.value) for vote in self.votes)
        return ", ".join(f"{value[:40]}: {count}" for value, count in tally.most_common(5))


def refusal(poll: Poll, share: float, *, every_thought: bool) -> Declined | None:
    """Why a poll gives no answer, None where it does."""
    if not any(vote.value is not None for vote in poll.votes):
        return Declined("no_votes", poll.told())
    if poll.majority is None or poll.share < share:
        return Declined("disagree", poll.told())
    if every_thought and not poll.of_every_thought():
        return Declined("one_thought_only", poll.told())
    return None
