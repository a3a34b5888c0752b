"""Many samples from a checkpoint, and from its GGUF: `python -m scripts.speed.generator_speed CHECKPOINT ARTIFACT`.

Each draws the same number of programs of the same questions in a process of its own, with every number of streams, in
turn; the tokens of a second are those that were written.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from scripts.speed.harness import Channel, Worker, arguments, dev_questions, orders, ratio, show, workers

MODULE = "scripts.speed.generator_speed"
TEMPERATURE = 0.8


def main() -> None:
    """Measure, and print a row for each model and number of streams."""
    parser = arguments(__doc__)
    parser.add_argument(
        "models", type=Path, nargs=2, help="a checkpoint's folder, and an artifact's of the same"
    )
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--streams", default="16,32,64,128", help="numbers of streams to try")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    streams = [int(number) for number in options.streams.split(",")]
    asked = {"questions": dev_questions(options.questions), "samples": options.samples}
    commands = {
        str(model): (MODULE, "--worker", str(model), str(options.threads)) for model in options.models
    }
    with workers(commands, options.threads) as running:
        rows = compare(running, streams, asked, options.rounds)
    show(rows, options.json)


def compare(
    running: dict[str, Worker], streams: list[int], asked: dict[str, Any], rounds: int
) -> list[dict[str, Any]]:
    """A row for each worker and number of streams; ratios are to the best number of the second worker's."""
    rates: dict[tuple[str, int], list[float]] = {(name, number): [] for name in running for number in streams}
    for worker in running.values():
        worker.ask({**asked, "questions": asked["questions"][:2], "streams": streams[0]})
    labels = {f"{name} {number}": (name, number) for name, number in rates}
    for _, order in zip(range(rounds), orders(labels), strict=False):
        for label in order:
            name, number = labels[label]
            reply = running[name].ask({**asked, "streams": number})
            rates[name, number].append(reply["tokens"] / reply["seconds"])
    _, second = running
    best = max(streams, key=lambda number: median(rates[second, number]))
    return [
        {
            "model": name,
            "streams": number,
            "tok/s": round(median(each)),
            "ratio to the second's best": round(ratio(each, rates[second, best]), 2),
            "questions": len(asked["questions"]),
            "samples": asked["samples"],
            "rounds": rounds,
        }
        for (name, number), each in rates.items()
    ]


def serve(folder: str, threads: str) -> None:
    """Draw what is asked for until standard input closes."""
    from export.checkpoint_engine.opening import load_model

    with load_model(Path(folder), threads=int(threads)) as model:
        decoding = model.decoding(temperature=TEMPERATURE)
        channel = Channel("edgethought")
        while row := channel.receive():
            started = perf_counter()
            drawn = model.sample_batch(
                row["questions"],
                thought="pot",
                decoding=decoding,
                samples=row["samples"],
                streams=row["streams"],
            )
            tokens = sum(solution.generated_tokens for solutions in drawn for solution in solutions)
            channel.send({"tokens": tokens, "seconds": perf_counter() - started})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        serve(*sys.argv[2:])
    else:
        main()
