"""What lm-evaluation-harness calls for our tasks: their problems, their prompts, and the judgement of replies.

The YAML files of `task_files` name these functions. What a model wrote is only ever read: by the solver, in its worker,
where the prompt asks for a thought, else by the extractor that `bench --prompt-mode chat` uses.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.bench import parse_tasks
from benchmarks.scoring.external.extraction import Reading, extract_answer
from benchmarks.scoring.scoring_job import by_rank
from benchmarks.tasks.fields import parse_fields
from benchmarks.tasks.loading import load_scoring
from runtime.answering.questions.expected import expected_of
from runtime.solver.solver import Solver
from runtime.values.answers import MAX_DIGITS, format_value, matches_gold, parse_answer
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.prompt import render_prompt, tidy_question

if TYPE_CHECKING:
    from datasets import Dataset

# What our model adds to a thought that came to no end: half a number reads like a number, so it is not solved.
CUT_OFF = "\n[cut off before its end]"
Row = dict[str, Any]


def problems(
    bench_task: str, bench_fields: str | None = None, bench_thought: str | None = None, **_: object
) -> dict[str, "Dataset"]:
    """A task's problems as lm-eval's `custom_dataset`, in the order in which `bench --limit` takes them.

    lm-eval gives the arguments of the model too, which are no concern of a task's. Raises InputError for an unknown
    task, or one without problems.
    """
    from datasets import Dataset

    (task,) = parse_tasks(bench_task, parse_fields(bench_fields) if bench_fields else None)
    found = by_rank(load_scoring(task.name, task.split, task.fields), seed=0)
    if not found:
        raise InputError(f"{task.label} has no problems; expected: one or more")
    rows = [
        {
            "id": problem.id,
            "question": problem.question,
            "answer": problem.answer,
            "thought": bench_thought or "",
            "task": task.label,
        }
        for problem in found
    ]
    return {"test": Dataset.from_list(rows)}


def thought_prompt(doc: Row) -> str:
    """The prompt that students are trained on, to the byte."""
    return render_prompt(doc["question"], doc["thought"])


def plain_prompt(doc: Row) -> str:
    """The question alone: what a model's own chat template is applied to."""
    return tidy_question(doc["question"])


def solved(replies: Sequence[Sequence[str]], docs: Sequence[Row]) -> list[list[str]]:
    """What the solver makes of each thought, as printed; its status in brackets where that is no answer."""
    with Solver() as solver:
        return [
            [_solved(solver, text, doc) for text in texts] for texts, doc in zip(replies, docs, strict=True)
        ]


def _solved(solver: Solver, text: str, doc: Row) -> str:
    outcome = Outcome("truncated") if text.endswith(CUT_OFF) else solver.solve(doc["thought"], text.rstrip())
    if outcome.value is None:
        return f"[{outcome.status}]"
    return format_value(expected_of(doc["question"]).read(outcome.value))


def stated(replies: Sequence[Sequence[str]], docs: Sequence[Row]) -> list[list[str]]:
    """Strict reading: the answer that each reply states as such."""
    return [[_printed(extract_answer(text).strict) for text in texts] for texts in replies]


def extracted(replies: Sequence[Sequence[str]], docs: Sequence[Row]) -> list[list[str]]:
    """Flexible reading: a stated answer, else the best candidate."""
    return [[_printed(extract_answer(text).flexible) for text in texts] for texts in replies]


def _printed(reading: Reading | None) -> str:
    if reading is None:
        return "[no_thought]"
    return f"[{reading.status}]" if reading.value is None else format_value(reading.value)


def score(doc: Row, answers: Sequence[str]) -> dict[str, float]:
    """Whether what a filter read is the gold answer, by the rule that `bench` has."""
    (answer,) = answers
    right = (
        not answer.startswith("[")
        and len(answer) <= MAX_DIGITS
        and matches_gold(parse_answer(answer), doc["answer"])
    )
    return {"exact_match": float(right)}
