"""How fast students are trained, beside TRL and transformers: `python -m scripts.speed.training_speed SET [--json]`.

SET is a folder of `edgethought distill label`. Every trainer runs in a process of its own on the same steps;
first alone, to find the micro-batch that suits it, then all in turn, round by round, after a round that is not
counted (it sees every shape). Figures are medians; `times_best_rival` is against the better of TRL and transformers.
"""

import os
import random
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

from distill.labeling.rationale_set import read_rationales
from distill.training.batches import pack
from distill.training.calibration import CANDIDATES, product_gflops
from distill.training.examples import Example, tokenize
from distill.training.settings import ComputeType
from export.bases.base import base_checkpoint
from export.checkpoint import load_tokenizer
from export.tokenizer import end_token
from runtime.values.errors import InputError
from runtime.values.rationale import Rationale
from scripts.speed.harness import Worker, arguments, orders, show, workers
from scripts.speed.training_contenders import CONTENDERS, Task

STEP = 16
# Steps are drawn from windows of this many, sorted by length: what Trainer's group_by_length does.
WINDOW = 32
RATES = {"full": 3e-4, "lora": 1e-3}
MICRO = {"ours": (1024, 2048, 4096), "trainer": (4, 8, 12, 16), "trl": (4, 8, 12, 16)}
RIVALS = ("trainer", "trl")


Round = dict[str, Any]


@contextmanager
def contenders(task: Task, micros: Mapping[str, int]) -> Iterator[dict[str, Worker]]:
    """A process for each name that knows the task at its micro-batch and waits to train a round."""
    module = "scripts.speed.training_contenders"
    with workers({name: (module, name) for name in micros}, task.threads) as running:
        for name, worker in running.items():
            worker.ask(asdict(replace(task, micro=micros[name])))
        yield running


def make_steps(
    folder: Path, base: Path, count: int, size: int = STEP, seed: int = 0
) -> tuple[tuple[Example, ...], ...]:
    """`count` steps of `size` examples of nearly equal length, from all lengths; a question's stand side by side.

    Questions with fewer rationales than the usual number are left out. Raises InputError where there are too few of
    the others, or `size` is no multiple of that number.
    """
    by_question: dict[str, list[Rationale]] = {}
    for rationale in read_rationales(folder):
        by_question.setdefault(rationale.problem.question, []).append(rationale)
    usual = statistics.mode([len(rows) for rows in by_question.values()] or [1])
    questions = [rows for rows in by_question.values() if len(rows) == usual]
    if size % usual or len(questions) * usual < count * size:
        raise InputError(
            f"{count} steps of {size} examples; expected: {len(questions) * usual} examples in all, "
            f"steps of a multiple of {usual}, as many as most questions in {folder} have"
        )
    chance = random.Random(seed)
    chosen = chance.sample(questions, count * size // usual)
    tokenizer, end = load_tokenizer(base), end_token(base)
    units = [list(tokenize(rows, tokenizer, end)) for rows in chosen]
    steps: list[tuple[Example, ...]] = []
    for start in range(0, len(units), WINDOW * size // usual):
        window = sorted(units[start : start + WINDOW * size // usual], key=_longest)
        steps += [
            tuple(chain.from_iterable(window[cut : cut + size // usual]))
            for cut in range(0, len(window), size // usual)
        ]
    return tuple(chance.sample(steps, len(steps)))


def _longest(examples: Sequence[Example]) -> int:
    return max(len(example.ids) for example in examples)


def best_micro(name: str, task: Task, sizes: Sequence[int], clock: str) -> int:
    """The contender's fastest of these micro-batches, each warmed up, alone."""
    if len(sizes) == 1:
        return sizes[0]
    taken = {}
    for size in sizes:
        with contenders(task, {name: size}) as running:
            running[name].ask({})
            taken[size] = running[name].ask({})[clock]
        _tell(f"{task.method} {name} at {size}: {taken[size]:.1f} s")
    return min(taken, key=lambda size: taken[size])


def measure(task: Task, micros: Mapping[str, int], rounds: int, clock: str) -> list[dict[str, Any]]:
    """One row a contender, all interleaved; figures by name, their unit at the end."""
    found: dict[str, list[Round]] = {name: [] for name in micros}
    with contenders(task, micros) as running:
        for number, order in zip(range(rounds + 1), orders(running), strict=False):
            for name in order:
                found[name].append(running[name].ask({}))
                _tell(f"round {number} {name} {found[name][-1][clock]:.1f} s")
    rows = [_row(task, name, micros[name], kept, clock) for name, kept in found.items()]
    rivals = [row["examples_per_s"] for row in rows if row["trainer"] in RIVALS]
    for row in rows:
        row["times_best_rival"] = round(row["examples_per_s"] / max(rivals), 2) if rivals else None
    return rows


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _row(task: Task, name: str, micro: int, rounds: Sequence[Round], clock: str) -> dict[str, Any]:
    examples = [example for step in task.steps for example in step]
    tokens = sum(len(example.ids) for example in examples)
    labels = sum(example.labels for example in examples)
    # What was computed: we read a question once for all its rationales.
    rows = sum(len(pack(step).ids) for step in task.steps) if name == "ours" else tokens
    seconds = [row[clock] for row in rounds[1:] or rounds]
    middle = statistics.median(seconds)
    peak = max(row["peaks"][clock] for row in rounds)
    return {
        "method": task.method,
        "trainer": name,
        "micro": micro,
        "examples_per_s": round(len(examples) / middle, 2),
        "tokens_per_s": round(tokens / middle, 1),
        "slowest_round_tokens_per_s": round(tokens / max(seconds), 1),
        "peak_memory_mb": rounds[-1]["memory_mb"],
        "peak_gflops": round(peak / 1e9),
        "share_of_peak": round(useful_operations(task, rows, labels) / middle / peak, 3),
        "threads": task.threads,
        "compute": task.compute,
        "steps": len(task.steps),
        "clock": clock,
        "losses": [round(loss, 4) for row in rounds for loss in row["losses"]],
    }


def useful_operations(task: Task, tokens: int, labels: int) -> float:
    """Floating-point operations that a step needs at least: products with weights, over real tokens, without attention.

    A trained weight takes part in three products a token, a frozen one in two (forward, and the input's gradient);
    the head only where there is a label.
    """
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(base_checkpoint(task.base))
    width, inner = config.hidden_size, config.intermediate_size
    share = config.num_key_value_heads / config.num_attention_heads
    pairs = [(width, round(width * (1 + 2 * share))), (width, width), (width, 2 * inner), (inner, width)]
    # Queries, keys and values have an adapter each, and so have gate and up.
    downs = [3 * width, width, 2 * width, inner]
    block = sum(before * after for before, after in pairs)
    adapters = task.rank * (sum(downs) + sum(after for _, after in pairs))
    head = width * config.vocab_size
    per_token = 6 * block if task.method == "full" else 4 * block + 6 * adapters
    per_label = (6 if task.method == "full" else 4) * head
    return float(config.num_hidden_layers * per_token * tokens + per_label * labels)


def fastest_type(threads: int) -> ComputeType:
    """The type in which everybody computes: what training would take here with so many threads."""
    import torch

    torch.set_num_threads(threads)
    rates = product_gflops(CANDIDATES)
    _tell(f"products, GFLOP/s: {rates}")
    return max(CANDIDATES, key=lambda name: rates[name])


def main() -> None:
    """Measure, and print a table or one JSON row a trainer and method."""
    words = arguments(__doc__)
    words.add_argument("rationales", type=Path, help="folder that `edgethought distill label` wrote")
    words.add_argument("--base", default="smollm2-135m", help="of `edgethought base list`, or a folder")
    words.add_argument("--trainers", default=",".join(CONTENDERS), help=f"of {', '.join(CONTENDERS)}")
    words.add_argument("--methods", default="full,lora", help="full, lora or both")
    words.add_argument("--steps", type=int, default=6, help="steps a round")
    words.add_argument("--examples", type=int, default=STEP, help="examples a step")
    words.add_argument(
        "--rounds", type=int, default=3, help="rounds that count; 0: the first does, for its losses"
    )
    words.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    words.add_argument("--micro", default="", help="no search: trainer=size,...")
    words.add_argument("--compute", default="auto", choices=["auto", "bfloat16", "float32"])
    words.add_argument(
        "--processor-time", action="store_true", help="count processor time; true for one thread only"
    )
    options = words.parse_args()
    if options.processor_time and options.threads != 1:
        words.error("--processor-time counts waiting threads as work; expected: with --threads 1")
    names = options.trainers.split(",")
    if set(names) - set(CONTENDERS):
        words.error(f"trainers {options.trainers}; expected: {', '.join(CONTENDERS)}")
    # What to try: for a rival only what divides a step.
    sizes = {
        name: tuple(size for size in MICRO[name] if name not in RIVALS or options.examples % size == 0)
        for name in names
    }
    sizes |= {
        name: (int(size),) for name, size in (pair.split("=") for pair in options.micro.split(",") if pair)
    }
    compute = fastest_type(options.threads) if options.compute == "auto" else options.compute
    clock = "processor_s" if options.processor_time else "seconds"
    steps = make_steps(options.rationales, base_checkpoint(options.base), options.steps, options.examples)
    rows: list[dict[str, Any]] = []
    for method in options.methods.split(","):
        task = Task(options.base, method, RATES[method], 32, options.threads, 0, compute, steps)
        micros = {name: best_micro(name, task, sizes[name], clock) for name in names}
        rows += measure(task, micros, options.rounds, clock)
    show(rows, options.json)


if __name__ == "__main__":
    main()
