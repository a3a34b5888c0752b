"""Whether lm-evaluation-harness, running our task with our model, scores every item as `edgethought bench` does.

`python -m scripts.lm_eval_scores --limit 20` runs `edgethought lm-eval --model edgethought` and a bench of the same
artifact on the same problems, and compares for each: lm-eval's hashes, the prompt's bytes, the reply, what was read out
of it, and whether that is right. Exit status 1 when anything differs. Needs `pip install lm-eval`; takes two answers a
problem.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.bench import parse_tasks, run
from benchmarks.interop.harness.tasks import CUT_OFF
from benchmarks.interop.lm_eval_log import sample_rows
from benchmarks.interop.scored import scored_tasks, task_name
from benchmarks.report.build import SAMPLES_FILE
from benchmarks.scoring.job import BenchSettings, Job
from runtime.answering.default_model import artifact_folder
from runtime.values.errors import EdgethoughtError, WorkFailed
from runtime.values.files import read_jsonl
from runtime.values.prompt import THOUGHTS, Thought
from scripts.speed.harness import arguments, show

COMPARED = ("hashes", "prompt", "reply", "answer", "right")


@dataclass(frozen=True, slots=True)
class Asked:
    """What both sides are asked."""

    artifact: Path
    task: str
    thought: Thought
    limit: int


def items(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[str | bool, ...]]:
    """What is compared of each problem, by its id, out of rows in lm-eval's log format; a cut reply without its mark."""
    return {
        row["doc"]["id"]: (
            "".join(row[f"{part}_hash"] for part in ("doc", "prompt", "target")),
            row["arguments"]["gen_args_0"]["arg_0"],
            row["resps"][0][0].removesuffix(CUT_OFF),
            row["filtered_resps"][0],
            bool(row["exact_match"]),
        )
        for row in rows
    }


def their_rows(asked: Asked, folder: Path) -> list[dict[str, Any]]:
    """Run lm-eval; its samples."""
    command = [sys.executable, "-m", "edgethought", "lm-eval", "--model", "edgethought"]
    command += ["--model_args", f"artifact={asked.artifact}", "--limit", str(asked.limit)]
    (task,) = parse_tasks(asked.task)
    command += ["--tasks", f"{task_name(task.label)}_{asked.thought}"]
    command += ["--log_samples", "--output_path", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    files = list(folder.rglob("samples_*.jsonl"))
    if done.returncode or not files:
        raise WorkFailed(
            f"lm-eval ended with {done.returncode}: {(done.stderr.strip().splitlines() or [''])[-1]}"
        )
    return list(read_jsonl(files[0]))


def our_rows(asked: Asked, folder: Path) -> list[dict[str, Any]]:
    """Run a bench; its samples as we export them."""
    settings = BenchSettings(limit=asked.limit, thought=asked.thought)
    run(Job(asked.artifact, asked.artifact.name, parse_tasks(asked.task), folder / SAMPLES_FILE, settings))
    (task,) = scored_tasks(folder)
    return list(sample_rows(task))


def comparison(theirs: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """How many items agree in each thing that is compared, and which do not."""
    first, second = items(theirs), items(ours)
    for place, name in enumerate(COMPARED):
        differ = [id for id in first if id not in second or first[id][place] != second[id][place]]
        yield {
            "compared": name,
            "lm-eval": len(first),
            "bench": len(second),
            "same": len(first) - len(differ),
            "differ": " ".join(differ),
        }
    right = [sum(bool(item[-1]) for item in side.values()) for side in (first, second)]
    yield {"compared": "items right", "lm-eval": right[0], "bench": right[1], "same": "", "differ": ""}


def main() -> int:
    """Ask both, and compare."""
    parser = arguments(__doc__)
    parser.add_argument(
        "--artifact", type=Path, help="artifact folder or student; the default model unless given"
    )
    parser.add_argument("--task", default="gsm8k:dev", help="one task, as bench takes it")
    parser.add_argument("--thought", choices=THOUGHTS, default="pot")
    parser.add_argument("--limit", type=int, default=20)
    given = parser.parse_args()
    try:
        asked = Asked(artifact_folder(given.artifact).resolve(), given.task, given.thought, given.limit)
        with TemporaryDirectory() as folder:
            theirs = their_rows(asked, Path(folder) / "theirs")
            ours = our_rows(asked, Path(folder) / "ours")
    except EdgethoughtError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    found = list(comparison(theirs, ours))
    show(found, given.json)
    whole = len(theirs) == len(ours) and not any(row["differ"] for row in found)
    return 0 if whole and found[-1]["lm-eval"] == found[-1]["bench"] else 1


if __name__ == "__main__":
    sys.exit(main())
