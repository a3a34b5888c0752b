"""The agree stage: questions without an answer become verified rationales where enough samples of teachers agree."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.tasks.licenses import permitted
from benchmarks.tasks.loading import load_questions
from benchmarks.tasks.splits import TRAIN
from distill.labeling.filters import Decontamination, HeldOut
from distill.recipes.agree.calibration import Calibration, calibrate
from distill.recipes.agree.poll import Poll
from distill.recipes.agree.polling import Voter, polls
from distill.recipes.agree.samples_file import SamplesFile
from distill.recipes.agree.teacher import AgreeingTeacher
from edgethought.stages.problems import held_out
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.tasks import draw
from edgethought.stages.teachers import CHAT_TEACHERS, asked, remote_teacher
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.files import write_json
from runtime.values.pace import Step
from runtime.values.problem import Problem

if TYPE_CHECKING:
    from distill.labeling.annotate import LabelReport
    from distill.teachers.chat.model import StoredModel

CALIBRATION_FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class AgreeReport:
    """What became of the questions, the share that was asked for, and what it rests on, if it was calibrated."""

    labeled: "LabelReport"
    share: float
    calibration: Calibration | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is asked of whom: questions of a file, teachers by name, a student, a task with answers to calibrate on."""

    questions: Path
    teachers: Sequence[str] = ()
    student: Path | None = None
    calibrate: str = ""
    limit: int = 0


def agree_stage(wanted: Agreement, recipe: Recipe, out: Path) -> AgreeReport:
    """Poll teachers about questions and write the rationale set of those that they agree on; a stopped run goes on.

    Raises InputError where nobody is asked, or the settings need a calibration that is not wanted.
    """
    _check(wanted, recipe)
    questions = _limited(load_questions(wanted.questions), recipe.limit)
    known = _calibration_problems(wanted, recipe)
    against = held_out(recipe, scored=False)
    with ExitStack() as stack:
        solver = stack.enter_context(Solver())
        people = _Voters(wanted, recipe, out, [*known, *questions], stack)
        vote = partial(polls, voters=people.voters, thoughts=recipe.agree.thoughts, solver=solver)
        calibration = None
        if known:
            with progress_bar("calibration") as bar:
                people.show(bar, len(known))
                counted = people.counted(vote(known))
                calibration = calibrate(counted, every_thought=recipe.agree.every_thought)
        share = recipe.agree.share
        if calibration is not None and recipe.agree.precision:
            share = calibration.least_share(recipe.agree.precision)
        clean = Decontamination(against, recipe.near_duplicates)
        taken = vote(questions, admits=lambda problem: _admits(problem, clean, recipe))
        with progress_bar("questions") as bar:
            people.show(bar, len(questions))
            teacher = AgreeingTeacher(
                taken, people.name, share, every_thought=recipe.agree.every_thought, told=people.told
            )
            report = _labeled(
                teacher, recipe, out, against, people.terms | _terms(wanted, recipe, share), solver
            )
        people.say()
    if calibration is not None:
        chosen = {"task": wanted.calibrate, "teachers": people.name, "share": share}
        write_json(out / CALIBRATION_FILE, {**chosen, **calibration.as_json()})
    return AgreeReport(report, share, calibration)


def _check(wanted: Agreement, recipe: Recipe) -> None:
    if not wanted.teachers and wanted.student is None:
        raise InputError(f"nobody to ask; expected: --teacher {' or '.join(CHAT_TEACHERS)}, or --student")
    for name in wanted.teachers:
        if name not in CHAT_TEACHERS:
            raise InputError(f"--teacher {name} draws no samples; expected: {' or '.join(CHAT_TEACHERS)}")
    if recipe.agree.precision and not wanted.calibrate:
        raise InputError(
            "agree.precision without a calibration; expected: --calibrate TASK, such as gsm8k:train"
        )


def _limited(problems: Iterator[Problem], limit: int) -> list[Problem]:
    return list(islice(problems, limit or None))


def _calibration_problems(wanted: Agreement, recipe: Recipe) -> list[Problem]:
    """Training problems with their answers: what is scored on must not choose anything."""
    if not wanted.calibrate:
        return []
    task, _, split = wanted.calibrate.partition(":")
    if split not in ("", TRAIN.value):
        raise InputError(
            f"--calibrate {wanted.calibrate}; expected: {task} or {task}:{TRAIN.value}, no scoring split"
        )
    return list(draw(task, TRAIN, wanted.limit, recipe.seed)[0])


def _admits(problem: Problem, clean: Decontamination, recipe: Recipe) -> bool:
    return permitted(problem.license, recipe.policy) and isinstance(clean.judge(problem.question, ""), str)


def _terms(wanted: Agreement, recipe: Recipe, share: float) -> dict[str, Any]:
    """What decides the answers, beside the teachers."""
    settings = recipe.agree.model_dump(mode="json")
    calibrated = {"calibrate": wanted.calibrate, "limit": wanted.limit} if wanted.calibrate else {}
    return {"agree": {**settings, "share": share, **calibrated}}


def _labeled(
    teacher: AgreeingTeacher,
    recipe: Recipe,
    out: Path,
    against: Sequence[HeldOut],
    terms: dict[str, Any],
    solver: Solver,
) -> "LabelReport":
    from distill.labeling.annotate import label

    return label(
        teacher.problems(),
        teacher,
        recipe.agree.thoughts,
        out,
        against=against,
        policy=recipe.policy,
        near_duplicates=recipe.near_duplicates,
        solver=solver,
        asked=terms,
    )


class _Voters:
    """Whoever votes, opened for as long as the stack is, and what is told of them."""

    def __init__(
        self, wanted: Agreement, recipe: Recipe, out: Path, problems: Sequence[Problem], stack: ExitStack
    ) -> None:
        self.voters: list[Voter] = []
        self.terms: dict[str, Any] = {}
        self._models: list[StoredModel] = []
        self._bar: Step = lambda done, total, note: None
        self._total = 0
        self._shown = (0, "")
        if wanted.student is not None:
            self._add_student(wanted.student, recipe, out, problems)
        for name in wanted.teachers:
            self._add_teacher(name, recipe, out, stack)
        self.name = "+".join(voter.name for voter in self.voters)

    def _add_teacher(self, name: str, recipe: Recipe, out: Path, stack: ExitStack) -> None:
        settings = getattr(recipe, name).model_copy(update={"samples": recipe.agree.samples})
        own = recipe.model_copy(
            update={"teacher": name, name: settings, "thoughts": recipe.agree.thoughts, "mixture": "every"}
        )
        teacher, model = stack.enter_context(remote_teacher(own, out, self._tick))
        self.voters.append(teacher)
        self._models.append(model)
        self.terms[name] = asked(own)

    def _add_student(self, student: Path, recipe: Recipe, out: Path, problems: Sequence[Problem]) -> None:
        """Its samples are drawn first, into a file beside `out`, which the same call goes on with."""
        from distill.recipes.sampling import draw_samples
        from runtime.answering.pipeline import load
        from runtime.values.manifest import artifact_key

        samples = recipe.agree.samples
        with load(student) as model, progress_bar(model.manifest.name) as bar:
            manifest = model.manifest
            file = out.with_name(f"{out.name}.samples") / f"{manifest.name}.jsonl"
            drawn = samples * len(manifest.thoughts)
            draw_samples(model, problems, file, samples=drawn, seed=recipe.seed, progress=bar)
        self.voters.append(SamplesFile(file, manifest.name, manifest.license, samples))
        self.terms["student"] = {"name": manifest.name, "sha256": artifact_key(manifest)}

    def show(self, bar: Step, total: int) -> None:
        """Where to show how far the polls are."""
        self._bar, self._total, self._shown = bar, total, (0, "")

    def told(self, done: int, answers: int) -> None:
        """Show how many polls there are, and how many have an answer."""
        self._shown = done, f"{answers} agreed"
        self._tick()

    def counted(self, polled: Iterable[Poll]) -> Iterator[Poll]:
        """The same polls, shown as they come."""
        for done, poll in enumerate(polled, start=1):
            self._shown = done, ""
            self._tick()
            yield poll

    def say(self) -> None:
        """What asking took."""
        for model in self._models:
            say(f"{model.name}: {model.told()}")

    def _tick(self) -> None:
        done, note = self._shown
        told = [note, *(model.told() for model in self._models)]
        self._bar(done, self._total, "; ".join(filter(None, told)))
