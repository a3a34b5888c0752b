"""What `edgethought solve` does: one question, a file of them, or a prompt to type them at."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgethought.cli.terminal import bold, dim, printable
from runtime.answering.confidence import abstained
from runtime.answering.modes import (
    DEFAULT_SAMPLES,
    MAX_SAMPLES,
    MAX_STREAMS,
    SAMPLING,
    AnswerOptions,
    Mode,
)
from runtime.answering.questions.text import plain_question
from runtime.values.errors import INTERRUPTED, EdgethoughtError, InputError
from runtime.values.prompt import Thought, checked_question

if TYPE_CHECKING:
    from runtime.answering.completion import Watch
    from runtime.answering.pipeline import Model
    from runtime.answering.questions.files import AnswerBatch, Row
    from runtime.values.solution import Solution

EXIT_SOLVED = 0
EXIT_UNSOLVED = 1
ONE_STREAM = 1
# Read no more than this from a pipe: a question is at most 4,000 characters.
_MAX_STDIN = 200_000
# Of a line of the working, so that it fits 80 columns with its margin.
WIDTH = 76


@dataclass(frozen=True, slots=True)
class Asking:
    """How to answer: which artifact, and how it writes. None means the artifact's own default.

    Raises InputError, or MissingExtra for a grammar without its library, for what can be seen to be wrong at once.
    """

    model: Path | None = None
    adapter: Path | None = None
    threads: int | None = None
    thought: Thought | None = None
    mode: Mode | None = None
    max_tokens: int | None = None
    temperature: float = 0.0
    seed: int = 0
    grammar: bool = False
    deadline_ms: float | None = None
    samples: int | None = None
    streams: int | None = None
    logprobs: bool = False
    explain: bool = False
    min_confidence: float | None = None

    def __post_init__(self) -> None:
        checked_samples(self.samples, self.mode or "single")
        checked_grammar(self.grammar)
        if self.deadline_ms is not None and not 0 < self.deadline_ms < float("inf"):
            raise InputError(f"the deadline is {self.deadline_ms:g} ms; expected: more than 0")
        if self.min_confidence is not None and not 0 < self.min_confidence <= 1:
            raise InputError(f"min-confidence is {self.min_confidence:g}; expected: above 0, up to 1")
        if self.streams is not None and not 1 <= self.streams <= MAX_STREAMS:
            raise InputError(f"streams is {self.streams}; expected: 1 to {MAX_STREAMS}")

    def load(self) -> "Model":
        """Load the artifact; raises InputError when there is none."""
        from runtime.answering.pipeline import load

        return load(self.model, threads=self.threads, adapter=self.adapter)

    def on(self, model: "Model") -> "Asking":
        """With a mode where none was given: the one that `tune --latency-ms` found for the model, else one thought.

        A thought, a confidence or a deadline that is asked for asks for one thought: samples cut short are no answer.
        """
        if self.mode is not None:
            return self
        if self.thought or self.min_confidence or self.deadline_ms or model.way[0] not in SAMPLING:
            return replace(self, mode="single")
        mode, samples = model.way
        return replace(self, mode=mode, samples=samples)

    def answerer(self, model: "Model", watch: "Watch | None" = None) -> Callable[[str], "Solution"]:
        """A function that answers a question in this way; `watch` is told the lines as they are written."""
        options = self.on(model)._checked(model)

        def answer(question: str) -> "Solution":
            solution = model.answer(question, **options, logprobs=self.logprobs, watch=watch)
            return self._told(model, solution)

        return answer

    def batch_answerer(self, model: "Model") -> "AnswerBatch":
        """A function that answers many questions in this way, several at a time unless each has a deadline."""
        options = self.on(model)._checked(model)
        streams = self.streams or (ONE_STREAM if self.deadline_ms else model.streams)

        def answer_batch(questions: Iterable[str]) -> Iterator["Solution"]:
            if streams == ONE_STREAM:
                return map(self.answerer(model), questions)
            solutions = model.answer_batch(questions, streams=streams, **options)
            return (self._told(model, solution) for solution in solutions)

        return answer_batch

    def _told(self, model: "Model", solution: "Solution") -> "Solution":
        """What is told of a solution: how probable its text is, and its steps, only where that was asked for."""
        known = solution if self.logprobs else replace(solution, logprob=None)
        if self.explain:
            known = model.working(known)
        return known if self.min_confidence is None else abstained(known, self.min_confidence)

    def _checked(self, model: "Model") -> AnswerOptions:
        """The options; raises InputError where a confidence is wanted that the artifact does not give in this way."""
        options = self._options(model)
        if self.min_confidence is not None and not model.tells_confidence(options["mode"], self.thought):
            raise InputError(
                f"--min-confidence: {model.manifest.name} says nothing of how sure it is in this way; expected: one that "
                "`edgethought distill confidence` has calibrated for it"
            )
        return options

    def _options(self, model: "Model") -> AnswerOptions:
        return {
            "thought": self.thought,
            "decoding": model.decoding(
                max_tokens=self.max_tokens,
                temperature=self.temperature,
                seed=self.seed,
                grammar=self.grammar,
            ),
            "deadline_ms": self.deadline_ms,
            "mode": self.mode or "single",
            "samples": self.samples or DEFAULT_SAMPLES,
        }


def solve_command(
    question: str | None,
    asking: Asking,
    *,
    file: Path | None = None,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """Answer one question, a file of them (`file` and `out`), or what is typed; returns the exit status.

    0 solved (or the file done, or the prompt left), 1 no answer found, 130 interrupted. Raises InputError for wrong
    input, before any artifact is loaded where that can be seen.
    """
    if asking.streams is not None and file is None:
        raise InputError(
            "--streams without --file; expected: with --file, how many questions are written at a time"
        )
    if asking.logprobs and not as_json and file is None:
        raise InputError("--logprobs without --json; expected: with --json or --file, which say it")
    if (file is None) != (out is None):
        given, missing = ("--file", "--out") if out is None else ("--out", "--file")
        raise InputError(f"{given} without {missing}; expected: --file IN.jsonl --out OUT.jsonl")
    if file is not None and out is not None:
        if question is not None:
            raise InputError("a question and --file; expected: one of them")
        return solve_file(file, out, asking)
    if question is None:
        return solve_prompt(asking, as_json=as_json)
    return solve_question(question, asking, as_json=as_json)


def checked_grammar(grammar: bool) -> bool:
    """Whether grammars are wanted; raises MissingExtra when they are and llguidance is not installed."""
    if grammar:
        from runtime.engines.grammar import llguidance

        llguidance()
    return grammar


def checked_samples(samples: int | None, mode: Mode) -> int | None:
    """How many thoughts are written; raises InputError for too many or too few, or where none do."""
    if samples is None:
        return None
    if mode not in SAMPLING:
        raise InputError(
            f"--samples with --mode {mode}; expected: with --mode {', '.join(SAMPLING[:-1])} or {SAMPLING[-1]}"
        )
    if not 2 <= samples <= MAX_SAMPLES:
        raise InputError(f"samples is {samples}; expected: 2 to {MAX_SAMPLES}")
    return samples


def solve_question(question: str, asking: Asking, *, as_json: bool = False) -> int:
    """Answer one question (`-` reads it from standard input) and print the solution; returns the exit status."""
    question = checked_question(plain_question(_read_stdin() if question == "-" else question))
    with asking.load() as model:
        solution = _answered_aloud(asking, model, as_json=as_json)(question)
    return EXIT_SOLVED if solution.outcome.solved else EXIT_UNSOLVED


def solve_file(file: Path, out: Path, asking: Asking) -> int:
    """Answer every question of a file into another; finished ones are skipped. Returns the exit status.

    A question that stays unsolved is a row with its status, not a failure of the run.
    """
    from edgethought.stages.progress import progress_bar, say
    from runtime.answering.questions.files import answer_rows, read_rows

    if out.resolve() == file.resolve():
        raise InputError(f"--file and --out are both {file}; expected: two different files")
    rows = read_rows(file)
    done = solved = 0
    skipped = len(rows)
    try:
        with asking.load() as model, progress_bar("solve") as step:
            answer_batch = asking.batch_answerer(model)
            _check_lengths(rows, asking, model, file)
            for progress in answer_rows(rows, out, answer_batch):
                done, skipped = progress.done, progress.skipped
                solved += progress.solution.outcome.solved
                step(done, progress.total, f"{solved} solved")
    except KeyboardInterrupt:
        say(f"stopped after {done} of {len(rows)}; the finished rows are in {out}, the same command goes on")
        return INTERRUPTED
    say(_summary(len(rows), skipped, solved, out))
    return EXIT_SOLVED


def solve_prompt(asking: Asking, *, as_json: bool = False) -> int:
    """Answer questions typed one a line until `exit` or Ctrl-D; a wrong one does not end the loop.

    Returns the exit status: a person's is 0; a pipe's is 2 after a wrong question, 1 after one without an answer.
    """
    from edgethought.cli.terminal import questions

    worst = EXIT_SOLVED
    with asking.load() as model:
        answer = _answered_aloud(asking, model, as_json=as_json)
        for question in questions(f"{model.manifest.name}: type a problem, or exit"):
            try:
                solved = answer(plain_question(question)).outcome.solved
                worst = max(worst, EXIT_SOLVED if solved else EXIT_UNSOLVED)
            except EdgethoughtError as error:
                print(f"error: {error}", file=sys.stderr)
                worst = max(worst, error.exit_status)
            except KeyboardInterrupt:
                print("stopped", file=sys.stderr)
    return EXIT_SOLVED if sys.stdin.isatty() else worst


def _read_stdin() -> str:
    """Standard input as text; raises InputError when it is no UTF-8."""
    data = sys.stdin.buffer.read(_MAX_STDIN)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "standard input is not UTF-8 text; expected: a word problem in plain text"
        ) from error


def _check_lengths(rows: "Sequence[Row]", asking: Asking, model: "Model", file: Path) -> None:
    """Raise InputError for the first question that does not fit the artifact, before any is answered."""
    decoding = model.decoding(max_tokens=asking.max_tokens, temperature=asking.temperature)
    for row in rows:
        try:
            model.check(row.question, asking.thought, decoding)
        except InputError as error:
            raise InputError(f"{file} row {row.number}: {error}") from error


def _summary(total: int, skipped: int, solved: int, out: Path) -> str:
    fresh = total - skipped
    if fresh == 0:
        return f"all {total} were finished before; {out} is unchanged"
    before = f" ({skipped} were finished before)" if skipped else ""
    return f"{solved} of {fresh} solved{before}, written to {out}"


def _answered_aloud(asking: Asking, model: "Model", *, as_json: bool) -> Callable[[str], "Solution"]:
    """A function that answers a question and prints the solution: lines as they are written, where one thought is.

    Nothing is printed early of what is shown as JSON, with its steps' values, or after a choice among samples.
    """
    asking = asking.on(model)
    early = not (as_json or asking.explain or asking.mode in SAMPLING)
    answer = asking.answerer(model, printed_early() if early else None)

    def answered(question: str) -> "Solution":
        solution = answer(question)
        if as_json:
            print(json.dumps(solution.to_row(), ensure_ascii=True), flush=True)
        else:
            print("\n".join([*([] if early else thought_lines(solution)), *conclusion(solution)]), flush=True)
        return solution

    return answered


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a width that a narrow terminal has, the rest of a longer one indented."""
    for line in lines:
        yield from textwrap.wrap(line, WIDTH, subsequent_indent="    ") or [""]


def printed_early() -> "Watch":
    """What prints each line as it is written, and an empty one before another thought."""
    last: Thought | None = None

    def watch(thought: Thought, line: str) -> None:
        nonlocal last
        if last not in (None, thought):
            print()
        last = thought
        print(shown(line), flush=True)

    return watch


def shown(line: str) -> str:
    """A line of a thought as a terminal may show it."""
    return f"  {printable(line)}"


def thought_lines(solution: "Solution") -> list[str]:
    """What was written, or its steps with their values. Safe to print."""
    from runtime.answering.working import told

    written = solution.text.split("\n") if solution.steps is None else wrapped(told(solution.steps))
    return [shown(line) for line in written]


def conclusion(solution: "Solution") -> list[str]:
    """What stands below a thought: the answer, why it is none, and what it cost. Safe to print."""
    if solution.outcome.solved:
        answer = bold(f"Answer: {solution.amount}")
    else:
        answer = bold(f"No answer: {solution.outcome.status.replace('_', ' ')}")
    if len(solution.votes) > 1 or sum(solution.votes.values()) > 1:
        answer += "  (" + ", ".join(f"{value}: {count}" for value, count in solution.votes.items()) + ")"
    if solution.confidence is not None:
        answer += f"  confidence {solution.confidence:.2f}"
    elif solution.score is not None:
        answer += f"  score {solution.score:.2f}"
    reason = [printable(f"({solution.reason})")] if solution.reason else []
    seconds = solution.timings.total / 1e3
    tokens = f"{solution.prompt_tokens} + {solution.generated_tokens} tokens"
    cost = dim(printable(f"{solution.model} · {solution.thought} · {tokens} · {seconds:.2f} s"))
    return ["", answer, *reason, "", cost]
