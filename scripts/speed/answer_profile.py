"""Where a single answer's time goes: `python -m scripts.speed.answer_profile ARTIFACT [--problems 40]`.

The same steps as `Model.answer` takes for one thought, with a clock around each: the prompt's tokens, the pass that reads
it, the passes that write, what we do with each token, the solver. Problems are GSM8K's dev split. Every question is
answered twice, in turn with guesses of next tokens (see `runtime.engines.drafts`) and without; the texts are compared.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

from runtime.answering.completion import Generator
from runtime.answering.votes import solution_of
from runtime.engines.drafts import Pace
from runtime.engines.engine import Decoding
from runtime.engines.opening import open_engine
from runtime.solver.solver import Solver
from runtime.values.manifest import read_manifest
from runtime.values.prompt import Thought
from scripts.speed.harness import arguments, dev_questions, show

WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds of one answer by stage, those until its first line was there, and its text."""

    tokenize: float
    prefill: float
    decode: float
    each_token: float
    solve: float
    first_line: float
    text: str


SAID = (
    "the prompt to tokens",
    "the pass that reads it, and the first token",
    "the passes that write, tokens chosen",
    "text, deadline, whether the answer is complete",
    "the solver",
)


def main() -> None:
    """Measure, and print a table or one JSON row a stage."""
    parser = arguments(__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--threads", type=int, default=None)
    options = parser.parse_args()
    manifest = read_manifest(options.artifact)
    engine = open_engine(options.artifact, options.threads)
    questions = dev_questions(options.problems + WARM_UP)
    decoding = Decoding(manifest.max_tokens)
    guessed: list[Answer] = []
    alone: list[Answer] = []
    with Solver(workers=1) as solver:
        for number, question in enumerate(questions):
            for guesses in (number % 2 == 0, number % 2 == 1):
                with nullcontext() if guesses else patch.object(Pace, "most", return_value=0):
                    one = profiled(Generator(engine), solver, question, manifest.default_thought, decoding)
                (guessed if guesses else alone).append(one)
    engine.close()
    show(profile(guessed[WARM_UP:], alone[WARM_UP:]), options.json)
    same = sum(one.text == other.text for one, other in zip(guessed, alone, strict=True))
    print(f"{same} of {len(guessed)} texts the same with guesses and without")


def profiled(
    generator: Generator, solver: Solver, question: str, thought: Thought, decoding: Decoding
) -> Answer:
    """Answer a question with a clock around each stage."""
    started = perf_counter()
    lines: list[float] = []
    generator.watch = lambda thought, line: lines.append(perf_counter())
    writing = generator.begin(question, thought, decoding, None)
    tokenized = perf_counter()
    stream = generator.engine.generate(writing.prompt.ids, decoding)
    token = next(stream, None)
    first = perf_counter()
    each = 0.0
    while token is not None:
        taking = perf_counter()
        done = generator.take(writing, token)
        each += perf_counter() - taking
        token = None if done else next(stream, None)
    written = perf_counter()
    solution = solution_of(question, generator.completion(writing), solver, "")
    ended = perf_counter()
    return Answer(
        tokenize=(tokenized - started) * 1e3,
        prefill=(first - tokenized) * 1e3,
        decode=(written - first - each) * 1e3,
        each_token=each * 1e3,
        solve=(ended - written) * 1e3,
        first_line=((lines or [ended])[0] - started) * 1e3,
        text=solution.text,
    )


def profile(guessed: Sequence[Answer], alone: Sequence[Answer]) -> list[dict[str, Any]]:
    """A row a stage and one of the whole: the medians (so they do not add up), and the share of all the time."""
    stages, others = (list(zip(*map(_stages, answers), strict=True)) for answers in (guessed, alone))
    wholes, slower = ([sum(_stages(answer)) for answer in answers] for answers in (guessed, alone))
    firsts, firsts_alone = ([answer.first_line for answer in answers] for answers in (guessed, alone))
    said = (*SAID, "the whole answer", "of it, until the first line of the working is there")
    rows = zip(said, (*stages, wholes, firsts), (*others, slower, firsts_alone), strict=True)
    return [
        {
            "stage": name,
            "ms": round(median(values), 3),
            "share": f"{sum(values) / sum(wholes):.1%}",
            "ms without guesses": round(median(without), 3),
        }
        for name, values, without in rows
    ]


def _stages(answer: Answer) -> tuple[float, ...]:
    return answer.tokenize, answer.prefill, answer.decode, answer.each_token, answer.solve


if __name__ == "__main__":
    main()
