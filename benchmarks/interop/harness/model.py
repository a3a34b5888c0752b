"""Our artifacts as a model of lm-evaluation-harness: `edgethought lm-eval --model edgethought --model_args artifact=…`.

Imported by lm-eval alone, so its own module may stand at the top.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from lm_eval.api.model import LM

from benchmarks.interop.harness.tasks import CUT_OFF
from benchmarks.scoring.external.baselines import EngineText
from benchmarks.scoring.prompt_modes import load_model
from runtime.answering.default_model import artifact_folder
from runtime.engines.opening import open_engine
from runtime.values.errors import InputError
from runtime.values.prompt import TAGS, Thought, render_prompt
from runtime.values.solution import Solution

Request = Any
_OF_TAG: dict[str, Thought] = {tag: thought for thought, tag in TAGS.items()}
_PROMPT = re.compile(r"Question: ([^\n]+)\n([A-Z][a-z]+:)\n")
_DEFAULT_TOKENS = 256


class EdgethoughtLM(LM):  # type: ignore[misc]
    """An artifact that answers lm-eval's `generate_until`.

    A prompt of ours is answered as `bench` answers it: greedy, up to the manifest's limit, ended where the solver has
    what it needs. Any other is continued as text. `batch_size` problems are answered at a time. Raises InputError for
    tasks that ask how probable a text is, and for sampling.
    """

    def __init__(
        self,
        artifact: str | None = None,
        threads: int | None = None,
        batch_size: int | str = 1,
        max_batch_size: int | None = None,
        device: str | None = None,
    ) -> None:
        """`artifact` is a folder or a published student's name; lm-eval gives the last three to every model."""
        super().__init__()
        if not str(batch_size).isdigit() or int(batch_size) < 1:
            raise InputError(f"batch size {batch_size!r}; expected: 1 or more problems at a time")
        self.artifact = artifact_folder(None if artifact is None else Path(artifact))
        self.threads, self.streams = threads, int(batch_size)

    def generate_until(self, requests: Sequence[Request]) -> list[str]:
        """The replies, in the order of the requests."""
        asked = [parse_prompt(request.args[0]) for request in requests]
        for request in requests:
            _check_greedy(request.args[1])
        replies: dict[int, str] = {}
        for index, text in chain(self._thoughts(asked), self._texts(requests, asked)):
            replies[index] = text
            self.cache_hook.add_partial("generate_until", requests[index].args, text)
        return [replies[index] for index in range(len(requests))]

    def _thoughts(self, asked: Sequence[tuple[str, Thought] | None]) -> Iterator[tuple[int, str]]:
        by_thought: dict[Thought, list[tuple[int, str]]] = {}
        for index, one in enumerate(asked):
            if one is not None:
                by_thought.setdefault(one[1], []).append((index, one[0]))
        if not by_thought:
            return
        from tqdm import tqdm

        with (
            load_model(self.artifact, self.threads) as model,
            tqdm(total=sum(map(len, by_thought.values()))) as bar,
        ):
            for thought, numbered in by_thought.items():
                questions = [question for _, question in numbered]
                if self.streams > 1:
                    answers: Iterator[Solution] = model.answer_batch(  # type: ignore[attr-defined]
                        questions, thought=thought, streams=self.streams
                    )
                else:
                    answers = (model.answer(question, thought=thought) for question in questions)
                for (index, _), solution in zip(numbered, answers, strict=True):
                    bar.update()
                    yield index, reply_text(solution)

    def _texts(
        self, requests: Sequence[Request], asked: Sequence[tuple[str, Thought] | None]
    ) -> Iterator[tuple[int, str]]:
        others = [index for index, one in enumerate(asked) if one is None]
        if not others:
            return
        engine = open_engine(self.artifact, self.threads)
        try:
            text = EngineText(engine)
            for index in others:
                context, options = requests[index].args
                until = options.get("until") or []
                reply = text.complete(
                    context,
                    stop=[until] if isinstance(until, str) else until,
                    max_tokens=options.get("max_gen_toks", _DEFAULT_TOKENS),
                )
                yield index, reply.text
        finally:
            engine.close()

    def loglikelihood(self, requests: Sequence[Request]) -> list[tuple[float, bool]]:
        """Raises InputError: an artifact says nothing of texts that it did not write."""
        raise InputError(
            "a task that asks how probable a text is; expected: one of output_type generate_until"
        )

    def loglikelihood_rolling(self, requests: Sequence[Request]) -> list[float]:
        """Raises InputError, as `loglikelihood`."""
        raise InputError(
            "a task that asks how probable a text is; expected: one of output_type generate_until"
        )


def parse_prompt(context: str) -> tuple[str, Thought] | None:
    """Question and thought of a prompt of ours, to the byte; None for any other text."""
    match = _PROMPT.fullmatch(context)
    if match is None or match[2] not in _OF_TAG:
        return None
    question, thought = match[1], _OF_TAG[match[2]]
    return (question, thought) if render_prompt(question, thought) == context else None


def reply_text(solution: Solution) -> str:
    """What a solution wrote, marked where it came to no end: text is all that lm-eval keeps of a reply."""
    return solution.text + CUT_OFF if solution.outcome.status == "truncated" else solution.text


def _check_greedy(options: dict[str, Any]) -> None:
    if options.get("do_sample") or options.get("temperature", 0) > 0:
        raise InputError(
            f"sampling at temperature {options.get('temperature')}; expected: do_sample=false, temperature=0"
        )
