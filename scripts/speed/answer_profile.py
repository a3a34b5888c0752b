"""Where a single answer's time goes: `python -m scripts.speed.answer_profile ARTIFACT [--problems 40]`.

The same steps as `Model.answer` takes for one thought, with a clock around each: the prompt's tokens, the pass that reads
it, the passes that write, what we do with each token, the solver. Problems are GSM8K's dev split.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from runtime.answering.completion import Generator
from runtime.answering.votes import solution_of
from runtime.engines.engine import Decoding
from runtime.engines.opening import open_engine
from runtime.solver.solver import Solver
from runtime.values.manifest import read_manifest
from runtime.values.prompt import Thought
from scripts.speed.harness import arguments, dev_questions, show

WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds of one answer by stage."""

    tokenize: float
    prefill: float
    decode: float
    each_token: float
    solve: float


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
    with Solver(workers=1) as solver:
        answers = list(profiled(Generator(engine), solver, questions, manifest.default_thought, decoding))
    engine.close()
    show(profile(answers[WARM_UP:]), options.json)


def profiled(
    generator: Generator, solver: Solver, questions: Iterable[str], thought: Thought, decoding: Decoding
) -> Iterator[Answer]:
    """Answer questions one after the other, each with a clock around its stages."""
    for question in questions:
        started = perf_counter()
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
        solution_of(question, generator.completion(writing), solver, "")
        ended = perf_counter()
        stages = (tokenized - started, first - tokenized, written - first - each, each, ended - written)
        yield Answer(*(seconds * 1e3 for seconds in stages))


def profile(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """A row a stage and one of the whole: the median (so they do not add up), and the share of all the time."""
    stages = list(zip(*map(astuple, answers), strict=True))
    wholes = [sum(astuple(answer)) for answer in answers]
    rows = zip((*SAID, "the whole answer"), (*stages, wholes), strict=True)
    return [
        {"stage": name, "ms": round(median(values), 3), "share": f"{sum(values) / sum(wholes):.1%}"}
        for name, values in rows
    ]


if __name__ == "__main__":
    main()
