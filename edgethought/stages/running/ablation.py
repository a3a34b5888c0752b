"""Ablations: one recipe with one thing changed at a time, every arm with the same seeds and on as many tokens.

`OUT/ARM/rationales` is what an arm learns from, and `OUT/ARM/seed-N` a run without artifacts: its checkpoint answers,
and `OUT/samples.jsonl` has the answers of all. Every arm has its turn before the next seed's, so that there is
something to compare early.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.bench import run as run_job
from benchmarks.report.entries import entries_of
from benchmarks.report.rendering import markdown_table
from benchmarks.scoring.job import BenchSettings, Job
from benchmarks.scoring.statistics import SeedGain, compare_seeds
from benchmarks.tasks.table import Table
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.running.pipeline import stages_of
from edgethought.stages.running.rounds import student_folder
from edgethought.stages.running.run_folder import RATIONALES, SAMPLES, Run, differences
from edgethought.stages.running.score import run_tasks
from runtime.answering.modes import MAX_STREAMS
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import locked, write_json
from runtime.values.pace import hours_told

REPORT = "ablation"
SETTINGS = f"{REPORT}.settings.json"
# Stages of a run that an arm has no use for: its checkpoint answers by itself, beside the others'.
LEFT_OUT = {"export", "score", "report"}
# Epochs enough for any number of tokens, so that these alone end the training.
EPOCHS = 100


@dataclass(frozen=True, slots=True)
class Ablation:
    """What is compared: recipes by the names of their arms, the first being the one that others are compared with.

    `tokens` end a training; `hours` are for everything together, 0 for no limit.
    """

    name: str
    arms: Mapping[str, Recipe]
    seeds: int
    tokens: int
    hours: float
    out: Path

    def runs(self) -> Iterator[tuple[str, int, Run]]:
        """Arm, seed and run of everything that is trained, seed by seed."""
        for seed in range(self.seeds):
            for arm, recipe in self.arms.items():
                yield (
                    arm,
                    seed,
                    Run(arm, self._seeded(recipe, seed), self.folder(arm) / f"seed-{seed}", self.name),
                )

    def folder(self, arm: str) -> Path:
        """An arm's folder."""
        return self.out / arm

    def _seeded(self, recipe: Recipe, seed: int) -> Recipe:
        train = recipe.train.model_copy(update={"seed": seed, "max_tokens": self.tokens, "epochs": EPOCHS})
        return recipe.model_copy(update={"train": train})


@dataclass(frozen=True, slots=True)
class Trained:
    """One run: rationales it had, tokens it was trained on, hours of all its stages, and each answer, right or wrong.

    The answers are the tasks' in turn; `tasks` counts each one's.
    """

    seed: int
    rationales: int
    tokens: int
    hours: float
    right: tuple[bool, ...]
    tasks: dict[str, int]

    @property
    def accuracy(self) -> float:
        """The share of answers that are right."""
        return sum(self.right) / len(self.right)

    def of(self, task: str) -> "Trained":
        """The same run with its answers to one task alone."""
        before = sum(self.tasks[name] for name in list(self.tasks)[: list(self.tasks).index(task)])
        count = self.tasks[task]
        return replace(self, right=self.right[before : before + count], tasks={task: count})


def run_ablation(ablation: Ablation) -> list[Table]:
    """Train and score every arm with every seed, and write `ablation.md` and `.json`; what is finished is not done again.

    Raises WorkFailed, after writing what there is, when the hours are spent; InputError for a folder of other settings.
    """
    with locked(ablation.out):
        _begin(ablation)
        runs = list(ablation.runs())
        for number, (arm, seed, run) in enumerate(runs, start=1):
            if not _done(run) and (left := _hours_missing(ablation)) is not None:
                write_report(ablation)
                done = f"{sum(_done(one) for _, _, one in runs)} of {len(runs)} trainings are done"
                raise WorkFailed(
                    f"{hours_told(_used(ablation))} are spent, {done}, the others take some {hours_told(left)} more; "
                    "expected: the same call with more --hours"
                )
            say(f"[{number}/{len(runs)}] {arm}, seed {seed}")
            _carry_out(ablation, arm, run)
            _answer(ablation, arm, seed, run)
        return write_report(ablation)


def _begin(ablation: Ablation) -> None:
    """Note what is compared, or raise InputError when the folder is another ablation's; seeds and hours may grow."""
    file = ablation.out / SETTINGS
    settings = {
        "tokens": ablation.tokens,
        "arms": {arm: one.deciding() for arm, one in ablation.arms.items()},
    }
    if not file.is_file():
        write_json(file, settings)
        return
    there, now = json.loads(file.read_text(encoding="utf-8")), json.loads(json.dumps(settings))
    if changed := ", ".join(differences(there, now)):
        raise InputError(
            f"{ablation.out} holds an ablation with other settings ({changed}); expected: the same settings, or another "
            "--out"
        )


def _carry_out(ablation: Ablation, arm: str, run: Run) -> None:
    """The stages of one run; the rationales are those of the arm's first seed."""
    run.path.mkdir(parents=True, exist_ok=True)
    run.begin()
    for stage, (_, work) in stages_of(run.recipe).items():
        if stage in LEFT_OUT or stage in run.finished():
            continue
        run.carry_out(stage, _label_once(ablation, arm) if stage == "label" else work)


def _label_once(ablation: Ablation, arm: str) -> Any:
    """The label stage of an arm: what its first seed learned from is shared by the others."""
    first = Run(arm, ablation.arms[arm], ablation.folder(arm), ablation.name)

    def work(run: Run) -> dict[str, Any]:
        first.begin()
        _, label = stages_of(first.recipe)["label"]
        if "label" not in first.finished():
            first.carry_out("label", label)
        link = run.path / RATIONALES
        if not link.is_dir():
            link.unlink(missing_ok=True)
            link.symlink_to(Path("..") / RATIONALES, target_is_directory=True)
        noted = first.finished()["label"]
        return {key: value for key, value in noted.items() if key not in ("seconds", "finished")}

    return work


def _job(ablation: Ablation, arm: str, seed: int, run: Run) -> Job:
    score = run.recipe.score
    settings = BenchSettings(
        limit=score.limit or None, seed=run.recipe.seed, mode=score.mode, streams=MAX_STREAMS
    )
    checkpoint = student_folder(run, len(run.recipe.rounds)) / "checkpoint"
    return Job(checkpoint, f"{arm} seed {seed}", tuple(run_tasks(run)), ablation.out / SAMPLES, settings)


def _answer(ablation: Ablation, arm: str, seed: int, run: Run) -> None:
    """Let a run's checkpoint answer, and note each answer; an adapter can be merged again, so its checkpoint goes."""

    def work(run: Run) -> dict[str, Any]:
        job = _job(ablation, arm, seed, run)
        with progress_bar("answers") as bar:
            run_job(job, lambda now: bar(now.done, now.total, f"{now.correct} right"))
        entries = list(entries_of(job, frozenset()))
        right = "".join(str(int(sample.correct)) for entry in entries for sample in entry.samples)
        return {"right": right, "tasks": {entry.task: len(entry.samples) for entry in entries}}

    if not _done(run):
        run.carry_out("answers", work)
    if run.recipe.train.method == "lora":
        shutil.rmtree(student_folder(run, len(run.recipe.rounds)) / "checkpoint", ignore_errors=True)


def _done(run: Run) -> bool:
    return "answers" in run.finished()


def _used(ablation: Ablation) -> float:
    runs = [run for _, _, run in ablation.runs()]
    labeled = [Run(arm, recipe, ablation.folder(arm), "") for arm, recipe in ablation.arms.items()]
    return sum(map(hours_of, (*runs, *labeled)))


def hours_of(run: Run) -> float:
    """Hours of a run's finished stages."""
    return sum(float(stage["seconds"]) for stage in run.finished().values()) / 3600


def _hours_missing(ablation: Ablation) -> float | None:
    """Hours that what is left will take, when the next training no longer fits; None when it does, or nothing limits."""
    runs = [run for _, _, run in ablation.runs()]
    done = [hours_of(run) for run in runs if _done(run)]
    if not ablation.hours or not done or len(done) == len(runs):
        return None
    longest = max(done)
    return (len(runs) - len(done)) * longest if _used(ablation) + longest > ablation.hours else None


def trained_runs(ablation: Ablation) -> dict[str, list[Trained]]:
    """What is finished, by arm, in the order of the seeds."""
    found: dict[str, list[Trained]] = {arm: [] for arm in ablation.arms}
    for arm, seed, run in ablation.runs():
        stages = run.finished()
        if "answers" in stages:
            right = tuple(answer == "1" for answer in stages["answers"]["right"])
            trainings = [
                stage for name, stage in stages.items() if name == "train" or name.startswith("learn")
            ]
            tokens = sum(int(stage.get("tokens", 0)) for stage in trainings)
            rationales = int(stages["label"]["rationales"])
            counts = stages["answers"]["tasks"]
            found[arm].append(Trained(seed, rationales, tokens, hours_of(run), right, counts))
    return found


def gains(found: Mapping[str, list[Trained]]) -> dict[str, SeedGain]:
    """What each arm gains over the first, over the seeds that both have; those without any are left out."""
    (first, *others) = found
    return {
        arm: compare_seeds(
            [one.right for one in found[first][:seeds]], [one.right for one in found[arm][:seeds]]
        )
        for arm in others
        if (seeds := min(len(found[first]), len(found[arm])))
    }


def write_report(ablation: Ablation) -> list[Table]:
    """Write `ablation.md` and `ablation.json` over what is finished, and give the tables."""
    found = trained_runs(ablation)
    gained = gains(found)
    tasks = list(dict.fromkeys(task for runs in found.values() for run in runs for task in run.tasks))
    by_task = {
        task: {arm: [run.of(task) for run in runs] for arm, runs in found.items()}
        for task in tasks
        if len(tasks) > 1
    }
    gained_by_task = {task: gains(runs) for task, runs in by_task.items()}
    tables = [
        ablation_table(ablation, found, gained),
        *(task_table(task, runs, gained_by_task[task]) for task, runs in by_task.items()),
    ]
    sections = "\n".join(f"## {table.title}\n\n{markdown_table(table)}\n" for table in tables)
    (ablation.out / f"{REPORT}.md").write_text(f"# Ablation\n\n{sections}", encoding="utf-8")
    row = {
        "arms": {arm: [asdict(one) for one in runs] for arm, runs in found.items()},
        "gains": {arm: asdict(gain) for arm, gain in gained.items()},
        "tasks": {
            task: {arm: asdict(gain) for arm, gain in those.items()} for task, those in gained_by_task.items()
        },
    }
    write_json(ablation.out / f"{REPORT}.json", row)
    return tables


def task_table(task: str, found: Mapping[str, list[Trained]], gained: Mapping[str, SeedGain]) -> Table:
    """A row an arm: its accuracy on one task by seed, and what it gains over the first."""
    first, problems = next(iter(found)), max(len(run.right) for runs in found.values() for run in runs)
    header = ("arm", "right, %", "mean", f"over {first}", "95 % interval", "p")
    rows = (
        (arm, *_accuracy(runs), *_gain(gained.get(arm))) if runs else (arm, *[""] * 5)
        for arm, runs in found.items()
    )
    return Table(f"{task}, {problems:,} problems", header, tuple(rows))


def ablation_table(
    ablation: Ablation, found: Mapping[str, list[Trained]], gained: Mapping[str, SeedGain]
) -> Table:
    """A row an arm: what it learned from, its accuracy by seed, and what it gains over the first."""
    first = next(iter(found))
    recipe = ablation.arms[first]
    tasks = ", ".join(f"{task} {recipe.score.split}" for task in recipe.score.tasks)
    questions = max((len(one.right) for runs in found.values() for one in runs), default=0)
    header = (
        "arm",
        "rationales",
        "tokens",
        "hours",
        "seeds",
        "right, %",
        "mean",
        f"over {first}",
        "95 % interval",
        "p",
    )
    note = (
        f"Greedy answers of the checkpoints to {questions:,} problems of {tasks}. Gains are over the seeds that both "
        "have; intervals and p (sign flips) are over problems, not over seeds. Hours are this machine's, of all stages."
    )
    rows = (_row(arm, runs, gained.get(arm)) for arm, runs in found.items())
    title = f"{ablation.name}: {ablation.tokens:,} tokens a training"
    return Table(title, header, tuple(rows), note)


def _row(arm: str, runs: list[Trained], gain: SeedGain | None) -> tuple[str, ...]:
    if not runs:
        return (arm, *[""] * 9)
    tokens = sum(one.tokens for one in runs) // len(runs)
    hours = sum(one.hours for one in runs)
    spent = (f"{runs[0].rationales:,}", f"{tokens:,}", f"{hours:.1f}", str(len(runs)))
    return (arm, *spent, *_accuracy(runs), *_gain(gain))


def _accuracy(runs: Sequence[Trained]) -> tuple[str, str]:
    mean = sum(one.accuracy for one in runs) / len(runs)
    return " ".join(f"{100 * one.accuracy:.1f}" for one in runs), f"{100 * mean:.1f}"


def _gain(gain: SeedGain | None) -> tuple[str, str, str]:
    if gain is None:
        return "", "", ""
    low, high = 100 * gain.interval.low, 100 * gain.interval.high
    return f"{100 * gain.gain:+.1f}", f"{low:+.1f} to {high:+.1f}", f"{gain.p:.3f}"
