"""What a labelling run by a local teacher keeps of the engine's own batch rate on the same prompts.

    python -m scripts.speed.local_speed qwen2.5-coder-1.5b

Whole labelling runs (queue, store, solver, filters, rationale set) and a bare loop over the engine's streams write the
same answers in turn, in one process, each with the worked examples in memory. Training problems of GSM8K; the first round
of each is not counted.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.tasks.splits import TRAIN
from distill.labeling.annotate import label
from distill.teachers.chat.model import ChatRequest
from distill.teachers.chat.prompts import annotation_prompt
from distill.teachers.chat.teacher import ChatTeacher
from distill.teachers.local.batch import CONTEXTS, ROOM, Job
from distill.teachers.local.model import LocalModel
from distill.teachers.local.settings import LocalSettings
from edgethought.stages.tasks import draw
from runtime.engines.engine import Streams
from runtime.solver.solver import Solver
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from scripts.speed.harness import arguments, orders, ratio, show

THOUGHT: Thought = "pot"


def main() -> None:
    """Measure, and print a row for the engine and one for the labelling run."""
    parser = arguments(__doc__)
    parser.add_argument("model", help="a GGUF file, or a base that is here")
    parser.add_argument("--problems", type=int, default=8, help="in each round")
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--streams", type=int, default=16)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Solver() as solver:
        settings = LocalSettings(
            model=given.model,
            samples=given.samples,
            streams=given.streams,
            threads=given.threads,
            store=folder,
        )
        with LocalModel(settings) as model:
            show(rows(model, solver, Path(folder), given.problems, given.rounds), given.json)


def rows(model: LocalModel, solver: Solver, folder: Path, count: int, rounds: int) -> list[dict[str, Any]]:
    """One row a contender: answers and tokens a second, and the share of the engine's rate."""
    problems = list(draw("gsm8k", TRAIN, count * (rounds + 1), 0)[0])
    seen: dict[str, list[tuple[float, int]]] = {"engine": [], "label": []}
    bare = Bare(model)
    order = orders(seen)
    for number in range(rounds + 1):
        part = problems[number * count : (number + 1) * count]
        for name in next(order):
            began, before = perf_counter(), model.stats.tokens
            if name == "engine":
                tokens = bare.write(part)
            else:
                labeled(model, solver, part, folder / f"set{number}")
                tokens = model.stats.tokens - before
            if number:
                seen[name].append((perf_counter() - began, tokens))
    bare.close()
    answers = count * model.settings.samples
    rates = {name: [answers / seconds for seconds, _ in found] for name, found in seen.items()}
    return [
        {
            "contender": name,
            "answers": answers,
            "s_per_answer": round(median(1 / rate for rate in rates[name]), 3),
            "tokens_per_s": round(median(tokens / seconds for seconds, tokens in found), 1),
            "share_of_engine": round(ratio(rates[name], rates["engine"]), 3),
        }
        for name, found in seen.items()
    ]


def labeled(model: LocalModel, solver: Solver, problems: Sequence[Problem], out: Path) -> None:
    """A labelling run of these problems."""
    teacher = ChatTeacher(model, "Apache-2.0", model.settings.samples)
    label(problems, teacher, (THOUGHT,), out, against=(), policy="research", solver=solver)


class Bare:
    """The engine's streams and nothing else: samples of a question start together once there are slots for them."""

    def __init__(self, model: LocalModel) -> None:
        self._model = model
        self._streams: Streams | None = None

    def write(self, problems: Sequence[Problem]) -> int:
        """Write every sample of these problems; how many tokens that took."""
        prompt, samples = annotation_prompt(THOUGHT), self._model.settings.samples
        groups = [
            [self._model.job(ChatRequest(prompt, problem.question, sample)) for sample in range(samples)]
            for problem in problems
        ]
        streams = self._slots(groups, samples)
        running: dict[int, Job] = {}
        tokens = 0
        while groups or running:
            while groups and len(running) < self._model.streams:
                group = groups.pop(0)
                slots = streams.start(group[0].head, [(job.tail, job.decoding) for job in group])
                running |= zip(slots, group, strict=True)
            for token in streams.step():
                job = running[token.slot]
                if token.id is not None:
                    job.ids.append(token.id)
                    tokens += 1
                if token.left:
                    del running[token.slot]
                elif job.stop(self._model.engine.decode(job.ids)):
                    streams.stop(token.slot)
                    del running[token.slot]
        return tokens

    def close(self) -> None:
        """Free the slots."""
        if self._streams is not None:
            self._streams.close()

    def _slots(self, groups: Sequence[Sequence[Job]], samples: int) -> Streams:
        if self._streams is None:
            length = max(job.length for group in groups for job in group) + 2 * ROOM
            slots = self._model.streams + samples - 1
            self._streams = self._model.engine.streams(slots, length, CONTEXTS, kept=[groups[0][0].head])
        return self._streams


if __name__ == "__main__":
    main()
