"""Where a single answer's time goes: `python -m scripts.speed.answer_profile ARTIFACT [--problems 40]`.

The same steps as `Model.answer` takes for one thought, with a clock around each: the prompt's tokens, the pass that reads
it, the passes that write, what we do with each token, the solver. Problems are GSM8K's dev split.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.report.rendering import markdown_table
from benchmarks.scoring.scoring_job import subsample
from benchmarks.tasks.loading import load_scoring
from benchmarks.tasks.splits import DEV
from benchmarks.tasks.table import Table
from runtime.answering.completion import Generator
from runtime.answering.solutions import solution_of
from runtime.engines.engine import Decoding
from runtime.engines.opening import open_engine
from runtime.solver.solver import Solver
from runtime.values.manifest import read_manifest
from runtime.values.prompt import Thought

WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds of one answer by stage."""

    tokenize: float
    prefill: float
    decode: float
    each_token: float
    solve: float


SAID = {
    "tokenize": "the prompt to tokens",
    "prefill": "the pass that reads it, and the first token",
    "decode": "the passes that write, tokens chosen",
    "each_token": "text, deadline, whether the answer is complete",
    "solve": "the solver",
}


def main() -> None:
    """Measure, and print a table or one JSON row."""
    parser = argparse.ArgumentParser(description="Where a single answer's time goes.")
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object of medians in milliseconds"
    )
    options = parser.parse_args()
    manifest = read_manifest(options.artifact)
    engine = open_engine(options.artifact, options.threads)
    problems = subsample(list(load_scoring("gsm8k", DEV)), options.problems + WARM_UP, 0)
    questions = [problem.question for problem in problems]
    decoding = Decoding(manifest.max_tokens)
    with Solver(workers=1) as solver:
        answers = list(profiled(Generator(engine), solver, questions, manifest.default_thought, decoding))
    engine.close()
    answers = answers[WARM_UP:]
    print(json.dumps(medians(answers)) if options.json else markdown_table(profile_table(answers)))


def profiled(
    generator: Generator, solver: Solver, questions: Iterable[str], thought: Thought, decoding: Decoding
) -> Iterator[Answer]:
    """Answer questions one after the other, each with a clock around its stages."""
    for question in questions:
        started = perf_counter()
        writing = generator.begin(question, thought, decoding, None)
        tokenised = perf_counter()
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
        solution_of(generator.completion(writing), solver, "")
        ended = perf_counter()
        stages = (tokenised - started, first - tokenised, written - first - each, each, ended - written)
        yield Answer(*(seconds * 1e3 for seconds in stages))


def medians(answers: Sequence[Answer]) -> dict[str, float]:
    """The median of each stage and of the whole, in milliseconds."""
    by_stage = zip(*map(astuple, answers), strict=True)
    rows = {
        field.name: round(median(values), 3) for field, values in zip(fields(Answer), by_stage, strict=True)
    }
    return {**rows, "whole": round(median(sum(astuple(answer)) for answer in answers), 3)}


def profile_table(answers: Sequence[Answer]) -> Table:
    """A row a stage: its median and its share of all the time."""
    middle = medians(answers)
    total = sum(sum(astuple(answer)) for answer in answers)
    rows = [
        (
            SAID[field.name],
            f"{middle[field.name]:.2f}",
            f"{sum(getattr(a, field.name) for a in answers) / total:.1%}",
        )
        for field in fields(Answer)
    ]
    rows.append(("the whole answer", f"{middle['whole']:.2f}", "100.0%"))
    note = f"{len(answers)} answers one after the other; medians, so they do not add up."
    return Table("Where an answer's time goes", ("stage", "ms", "share"), tuple(rows), note)


if __name__ == "__main__":
    main()
