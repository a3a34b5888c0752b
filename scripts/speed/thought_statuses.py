"""What the solver makes of every training annotation and stored rationale: `python -m scripts.speed.thought_statuses`.

Formulas are read as equations, programs as programs, chains as chains, each through `Solver.solve_batch`. Prints a table
of data set by status; `--samples 3` adds a few texts of every status that is not `right`, to be read by a person.
Needs EDGETHOUGHT_DATA; test and dev files are never touched.
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.report.rendering import fenced, markdown_table
from benchmarks.tasks.table import Table
from runtime.solver.solver import Solver
from runtime.values.answers import format_value, matches_gold
from runtime.values.environment import data_folder
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from runtime.values.outcome import STATUSES, Outcome
from runtime.values.prompt import Thought

RIGHT, OTHER, NOTHING = "right", "other value", "no annotation"
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a data set: the texts that may give its answer (one for each unknown where none is asked for)."""

    id: str
    gold: str
    thought: Thought
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one item: `right`, `other value`, `no annotation` or the solver's status."""

    item: Item
    name: str
    text: str = ""
    reason: str = ""


def annotated_steps(row: dict[str, Any]) -> tuple[str, ...]:
    """GSM8K's `<<48/2=24>>` as a system whose last line is the answer."""
    steps = [part.partition(">>")[0] for part in row["solution"].split("<<")[1:]]
    return ("\n".join([*steps[:-1], f"ans = {steps[-1]}"]),) if steps else ()


def formula(row: dict[str, Any]) -> tuple[str, ...]:
    """A formula that is the answer itself."""
    return (f"ans = {row['equation']}",) if row["equation"] else ()


def system(row: dict[str, Any]) -> tuple[str, ...]:
    """A system that does not say which of its unknowns is asked for: each of them in turn."""
    if not row["equation"]:
        return ()
    names = dict.fromkeys(_NAME.findall(row["equation"]))
    return tuple(f"{row['equation']}\nans = {name}" for name in names)


def program(row: dict[str, Any]) -> tuple[str, ...]:
    """A program that prints its answer."""
    return (row["solution"],) if row["solution"] else ()


def rationale(row: dict[str, Any]) -> tuple[str, ...]:
    """What a teacher wrote."""
    return (row["rationale"],)


Reader = Callable[[dict[str, Any]], tuple[str, ...]]
ANNOTATIONS: dict[str, tuple[Thought, Reader]] = {
    "gsm8k_train.jsonl.gz": ("eot", annotated_steps),
    "svamp_train.jsonl": ("eot", formula),
    "mawps_train.jsonl": ("eot", system),
    "mawps_asdiv_a_train.jsonl": ("eot", formula),
    "draw_train.jsonl": ("eot", system),
    "dolphin1878_train.jsonl": ("eot", system),
    "mathqa_gain_train.jsonl": ("pot", program),
}


def sources(folder: Path) -> Iterator[tuple[str, Iterator[Item]]]:
    """Every annotated training file that is there, then every file of rationales."""
    for name, (thought, read) in ANNOTATIONS.items():
        if (folder / name).exists():
            yield _stem(name), _items(folder / name, read, thought)
    for path in sorted((folder / "rationales").glob("*.jsonl*")):
        yield f"rationales/{_stem(path.name)}", _items(path, rationale)


def _items(path: Path, read: Reader, thought: Thought | None = None) -> Iterator[Item]:
    for row in read_jsonl(path):
        yield Item(str(row["id"]), str(row["answer"]), thought or row["thought"], read(row))


def _stem(name: str) -> str:
    return name.partition(".")[0]


def verdicts(items: Iterable[Item], solver: Solver) -> Iterator[Verdict]:
    """What becomes of each item, in order."""
    listed = list(items)
    requests = ((item.thought, text) for item in listed for text in item.texts)
    outcomes = solver.solve_batch(requests)
    for item in listed:
        yield judge(item, list(islice(outcomes, len(item.texts))))


def judge(item: Item, outcomes: list[Outcome]) -> Verdict:
    """Right if one of the outcomes is the gold answer, else another value if there is one, else the first failure."""
    if not outcomes:
        return Verdict(item, NOTHING)
    pairs = list(zip(item.texts, outcomes, strict=True))
    for text, outcome in pairs:
        if matches_gold(outcome.value, item.gold):
            return Verdict(item, RIGHT, text, outcome.reason)
    for text, outcome in pairs:
        if outcome.value is not None:
            return Verdict(
                item, OTHER, text, f"{format_value(outcome.value)}, and the gold answer is {item.gold}"
            )
    text, outcome = pairs[0]
    return Verdict(item, outcome.status, text, outcome.reason)


def status_table(found: dict[str, list[Verdict]]) -> Table:
    """Data set by status; columns that are empty everywhere are left out."""
    counts = {name: Counter(verdict.name for verdict in rows) for name, rows in found.items()}
    columns = [
        column
        for column in (RIGHT, OTHER, NOTHING, *STATUSES)
        if any(count[column] for count in counts.values())
    ]
    rows = tuple(
        (
            name,
            found[name][0].item.thought,
            f"{len(found[name]):,}",
            *(f"{count[column]:,}" for column in columns),
        )
        for name, count in counts.items()
        if found[name]
    )
    return Table("Thoughts by status", ("data set", "thought", "rows", *columns), rows, texts=2)


def samples(found: dict[str, list[Verdict]], each: int, seed: int) -> Iterator[str]:
    """A few texts of every data set and status that is not right, with what the solver says."""
    for name, rows in found.items():
        by_name: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in rows:
            if verdict.name not in (RIGHT, NOTHING):
                by_name[verdict.name].append(verdict)
        for status, kind in sorted(by_name.items()):
            chosen = random.Random(seed).sample(kind, min(each, len(kind)))
            for verdict in chosen:
                yield f"### {name}, {status}: {verdict.item.id}\n\n{verdict.reason}\n\n{fenced(verdict.text)}"


def main() -> None:
    """Solve everything, print the table and the samples asked for."""
    arguments = argparse.ArgumentParser(description="Statuses of every training annotation and rationale.")
    arguments.add_argument("--samples", type=int, default=0, help="texts to show of every failure status")
    arguments.add_argument("--only", default="", help="only data sets whose name contains this")
    arguments.add_argument("--seed", type=int, default=0, help="which samples are shown")
    options = arguments.parse_args()
    folder = data_folder()
    if folder is None:
        raise InputError("EDGETHOUGHT_DATA is not set; expected: the folder of data sets")
    with Solver() as solver:
        found = {
            name: list(verdicts(items, solver)) for name, items in sources(folder) if options.only in name
        }
    print(markdown_table(status_table(found)))
    for sample in samples(found, options.samples, options.seed):
        print(f"\n{sample}")


if __name__ == "__main__":
    main()
