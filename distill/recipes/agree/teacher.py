"""The teacher that agreement makes: it gives the rationales that reach what most samples reach, or says why not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from distill.recipes.agree.poll import Poll, refusal
from runtime.values.answers import format_value, matches_gold
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale


class AgreeingTeacher:
    """Polls become problems with an answer, as `problems` gives them out; each is annotated after that, once.

    `told` is called with the number of polls and of answers so far.
    """

    def __init__(
        self,
        polls: Iterable[Poll],
        name: str,
        share: float,
        *,
        every_thought: bool,
        told: Callable[[int, int], None] = lambda polls, answers: None,
    ) -> None:
        self.name = name
        self._polls, self._share, self._every_thought = polls, share, every_thought
        self._told = told
        self._open: dict[tuple[str, str], tuple[Poll, Declined | None]] = {}

    def problems(self) -> Iterator[Problem]:
        """The problems of the polls, each with the answer that its samples agree on, if they do."""
        answers, seen = 0, set[tuple[str, str]]()
        for count, poll in enumerate(self._polls, start=1):
            if _place(poll.problem) in seen:
                continue
            seen.add(_place(poll.problem))
            declined = self._refusal(poll)
            problem = poll.problem
            if declined is None and poll.majority is not None:
                answers += 1
                problem = replace(problem, answer=problem.answer or format_value(poll.majority))
            self._open[_place(problem)] = poll, declined
            self._told(count, answers)
            yield problem

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """The samples that agree, each with the vote in its provenance; of the others, why they are none."""
        poll, declined = self._open.pop(_place(problem))
        if declined is not None:
            yield declined
            return
        vote = {"share": round(poll.share, 4), "votes": poll.agreeing, "samples": len(poll.votes)}
        for one in poll.votes:
            if isinstance(one.sample, Declined):
                yield one.sample
            elif one.value is None:
                yield Declined(one.reason, "", one.sample.thought)
            elif one.value != poll.majority:
                detail = f"{one.value}, where {poll.agreeing} of {len(poll.votes)} say {poll.majority}"
                yield Declined("outvoted", detail, one.sample.thought)
            else:
                provenance = {**one.sample.provenance, "agreed": vote}
                yield replace(one.sample, problem=problem, provenance=provenance)

    def declined(self, problem: Problem) -> str:
        """Of a poll without votes, which is never asked."""
        return "no_votes"

    def _refusal(self, poll: Poll) -> Declined | None:
        declined = refusal(poll, self._share, every_thought=self._every_thought)
        gold = poll.problem.answer
        if declined is None and gold is not None and not matches_gold(poll.majority, gold):
            return Declined("wrong_answer", f"{poll.majority} for {gold}")
        return declined


def _place(problem: Problem) -> tuple[str, str]:
    return problem.id, problem.question
