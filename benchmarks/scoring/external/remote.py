"""Models behind an endpoint, asked as the baselines on this machine are: worked examples, or their own chat.

What comes back is read as there: worked examples by the solver, a chat reply by what it says its answer is.
"""

from dataclasses import dataclass

from benchmarks.scoring.external.baselines import (
    BETWEEN,
    NEXT_QUESTION,
    Exemplar,
    own_answer,
    shown_text,
)
from benchmarks.scoring.external.endpoint import Completes, Completions, EndpointReply
from benchmarks.scoring.external.replies import (
    ExternalSolution,
    chat_outcomes,
    reply_solution,
    thought_outcomes,
)
from runtime.answering.completion import FINISHED
from runtime.solver.solver import Solver
from runtime.values.outcome import Outcome
from runtime.values.prompt import Thought, render_prompt, tidy_question


@dataclass(frozen=True, slots=True)
class RemoteFewShot:
    """A model shown worked examples in our format through `/completions`; the solver reads what it writes."""

    completions: Completes
    solver: Solver
    exemplars: tuple[Exemplar, ...]
    thought: Thought = "eot"
    max_tokens: int = 128

    def answer(self, question: str) -> ExternalSolution:
        """Answer one question; raises WorkFailed when the server does not."""
        prompt = shown_text(self.exemplars, self.thought) + render_prompt(question, self.thought)
        reply = self.completions.complete(prompt, stop=(BETWEEN, NEXT_QUESTION), max_tokens=self.max_tokens)
        text = own_answer(reply.text)
        outcomes = thought_outcomes(text, self._outcome(text, reply))
        return reply_solution(reply, self.completions.model, self.thought, text, outcomes)

    def _outcome(self, text: str, reply: EndpointReply) -> Outcome:
        if reply.cut and not FINISHED[self.thought](text):
            return Outcome("truncated", reason=reply.cut)
        return self.solver.solve(self.thought, text)


@dataclass(frozen=True, slots=True)
class RemoteChat:
    """A model asked through `/chat/completions`, in the chat template that its server knows."""

    completions: Completions
    max_tokens: int = 256

    def answer(self, question: str) -> ExternalSolution:
        """Answer one question by what the reply says; raises WorkFailed when the server does not answer."""
        reply = self.completions.chat(tidy_question(question), max_tokens=self.max_tokens)
        outcomes = chat_outcomes(reply.text, reply.cut)
        return reply_solution(reply, self.completions.model, "cot", reply.text, outcomes)
