"""GSM8K as lm-evaluation-harness asks it (task `gsm8k`, version 3.0), so that figures stand beside published ones.

Five worked examples a question, drawn anew for every question from the whole training part with one generator; the
reply ends at `Question:`; the answer is read by the strict and by the flexible filter and compared as text. Thinking
is no part of that task and is not taken out.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.scoring.external.endpoint import Completes
from benchmarks.scoring.external.lm_eval_filters import filtered_outcome, flexible, same_as_gold, strict, tidy
from benchmarks.scoring.external.replies import ExternalSolution, Outcomes, reply_solution
from benchmarks.scoring.samples import Sample
from benchmarks.tasks.loading import load_scoring, load_training
from benchmarks.tasks.splits import DEV
from runtime.values.errors import InputError
from runtime.values.problem import Problem

SHOTS = 5
SEED = 1234
STOP = ("Question:", "</s>", "<|im_end|>")
MAX_TOKENS = 256


def training_part() -> list[Problem]:
    """All 7,473 problems of GSM8K's training part in their published order: examples are drawn from these."""
    problems = [*load_training("gsm8k"), *load_scoring("gsm8k", DEV)]
    return sorted(problems, key=lambda problem: problem.id)


def prompts(
    questions: Iterable[str], examples: Sequence[Problem], *, shots: int = SHOTS, seed: int = SEED
) -> Iterator[str]:
    """The prompt of each question. Draws depend on the place in the order, so give the questions from the first on."""
    if len(examples) < shots:
        raise InputError(f"{len(examples)} examples; expected: {shots} or more")
    generator = random.Random(seed)
    for question in questions:
        drawn = generator.sample(examples, shots)
        yield "".join(f"{_asked(e.question)} {e.solution}\n\n" for e in drawn) + _asked(question)


def _asked(question: str) -> str:
    return f"Question: {question}\nAnswer:"


@dataclass(frozen=True, slots=True)
class LmEvalModel:
    """A model asked with lm-eval's prompts. `prompts` maps each question to its prompt."""

    completions: Completes
    prompts: dict[str, str]
    max_tokens: int = MAX_TOKENS

    def answer(self, question: str) -> ExternalSolution:
        """Answer one question, by the flexible filter and by the strict one."""
        if question not in self.prompts:
            raise InputError(f"question {question[:60]!r} has no prompt; expected: those given to `prompts`")
        reply = self.completions.complete(self.prompts[question], stop=STOP, max_tokens=self.max_tokens)
        outcomes = Outcomes(filtered_outcome(strict(reply.text)), filtered_outcome(flexible(reply.text)))
        return reply_solution(reply, self.completions.model, "cot", reply.text, outcomes)


def lm_eval_model(
    completions: Completes, problems: Sequence[Problem], max_tokens: int = MAX_TOKENS
) -> LmEvalModel:
    """A model for these problems, which must be the test part from its first problem on."""
    questions = [problem.question for problem in problems]
    asked = dict(zip(questions, prompts(questions, training_part()), strict=True))
    return LmEvalModel(completions, asked, max_tokens)


def is_right(sample: Sample, *, strictly: bool) -> bool:
    """lm-eval's verdict on a logged reply, by its strict or its flexible filter."""
    return same_as_gold((strict if strictly else flexible)(sample.text), sample.gold)


def as_filtered(sample: Sample) -> Sample:
    """The sample with what lm-eval's flexible filter makes of its text, and beside it what the strict one does."""
    written, stated = flexible(sample.text), strict(sample.text)
    return replace(
        sample,
        correct=same_as_gold(written, sample.gold),
        value=None if written is None else tidy(written),
        status="no_thought" if written is None else "solved",
        reason="no number in the reply" if written is None else "",
        strict_correct=same_as_gold(stated, sample.gold),
        strict_value=None if stated is None else tidy(stated),
    )
