"""Make a published student on this machine: base and adapter, merged, trimmed, quantized, past the gate.

Each step leaves a whole folder or none in `EDGETHOUGHT_HOME/students/NAME`, so a run that was killed goes on at the step
where it was. What only later steps needed is removed at the end.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from export.adapters.adapter import CONFIG_FILE
from export.adapters.adapter import WEIGHTS_FILE as ADAPTER_FILE
from export.adapters.merge import merge_adapter
from export.bases.base import checkpoint_folder, find_base, get_base
from export.bases.fetch import CHECKPOINT_BYTES
from export.bases.parts import Progress
from export.building.build import export_checkpoint
from export.checkpoint import CARD_FILE, read_card
from export.scorer import add_scorer
from export.students.table import Student, WeightsFile, find_student
from export.targets import parse_targets
from export.trim.kept import read_kept, trim_like
from runtime.answering.default_model import STUDENT_FILE, students_folder
from runtime.engines.onnx.weights import WEIGHTS_FILE
from runtime.values.environment import packaged_folder, students_setting
from runtime.values.errors import InputError
from runtime.values.files import locked, whole_file, write_json
from runtime.values.manifest import MANIFEST_FILE, SCORER_FILE, broken_files, file_sha256, read_manifest

MERGED, TRIMMED = "merged", "trimmed"
# The repository's own folder of students, which is in no wheel.
CHECKOUT = Path(__file__).parents[2] / "students"
# Merged and trimmed checkpoint, and the exact GGUF that is quantized, in units of the base's checkpoint.
_ROOM = 2.5


def student_folder(name: str) -> Path:
    """Where a student is made and kept."""
    return students_folder() / name


def artifacts_here(name: str, student: Student) -> list[Path]:
    """The artifacts' folders of this very student, the best first, none where it is not here; files are not read."""
    return next((folders for folders, sha256 in _made_before(name) if sha256 == student.sha256), [])


def is_older_here(name: str, student: Student) -> bool:
    """Whether artifacts of this name are here, but of what the student was before: they answer until it is got again."""
    return bool(_made_before(name)) and not artifacts_here(name, student)


def _made_before(name: str) -> list[tuple[list[Path], str]]:
    """Artifacts of students of this name, at home and in the package, each with the hash of that student."""
    found = []
    for place in (students_folder(), packaged_folder()):
        try:
            row = json.loads((place / name / STUDENT_FILE).read_text(encoding="utf-8"))
            folders, sha256 = (
                [place / name / str(one) for one in row["artifacts"]],
                str(row["student_sha256"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if all((folder / MANIFEST_FILE).is_file() for folder in folders):
            found.append((folders, sha256))
    return found


def find_adapter(name: str, student: Student, source: Path | None = None) -> Path:
    """The folder with a student's adapter, by its sha256: in `source`, `EDGETHOUGHT_STUDENTS`, or the checkout.

    A place may be the adapter's folder or hold it under any name. Raises InputError, naming the places, when none has it.
    """
    places = _places(source)
    for folder in _candidates(places, name):
        if _is(folder / ADAPTER_FILE, student.adapter):
            return folder
    raise InputError(
        f"no adapter of {name} (sha256 {student.adapter.sha256[:12]}…) in {', '.join(map(str, places))}; expected: "
        "--from FOLDER, or EDGETHOUGHT_STUDENTS"
    )


def _find_scorer(name: str, student: Student, source: Path | None) -> Path | None:
    """A student's scorer, by its sha256, beside an adapter in the places of `find_adapter`; None where it has none."""
    if student.scorer is None:
        return None
    files = (folder / SCORER_FILE for folder in _candidates(_places(source), name))
    return next((file for file in files if _is(file, student.scorer)), None)


def _places(source: Path | None) -> list[Path]:
    return [source] if source else [place for place in (students_setting(), CHECKOUT) if place]


def _is(file: Path, expected: WeightsFile) -> bool:
    there = file.is_file() and file.stat().st_size == expected.bytes
    return there and file_sha256(file) == expected.sha256


def _candidates(places: list[Path], name: str) -> Iterator[Path]:
    for place in places:
        inside = sorted(place.iterdir(), key=lambda path: path.name != name) if place.is_dir() else []
        for folder in (place, *inside):
            if (folder / ADAPTER_FILE).is_file() and (folder / CONFIG_FILE).is_file():
                yield folder


def get_student(
    name: str,
    *,
    source: Path | None = None,
    progress: Progress = lambda *step: None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Make a student of the table, and give its best artifact's folder; what is here already is checked and kept.

    `source` is where its adapter is, see `find_adapter`. Raises InputError when something is missing or there is no room,
    GateRefused when the artifact does not answer as its checkpoint does.
    """
    student = find_student(name)
    folder = student_folder(name)
    if (there := artifacts_here(name, student)) and not any(map(_is_broken, there)):
        for artifact in there:
            _have_scorer(artifact, name, student, source, say)
        _have_files(there[0], student)
        return there[0]
    with locked(folder, "wait for it; it makes the same student"):
        _check_room(folder, student)
        targets = parse_targets(",".join(student.targets))
        if not _is_trimmed(folder / TRIMMED, student):
            adapter = find_adapter(name, student, source)
            say(f"base {student.base}")
            base = _base(student, progress, say)
            say("merge")
            merge_adapter(
                adapter,
                base,
                folder / MERGED,
                thoughts=student.thoughts,
                default_thought=student.default_thought,
                name=name,
                replace_earlier=True,
            )
            say("trim")
            shutil.rmtree(folder / TRIMMED, ignore_errors=True)
            trim_like(folder / MERGED, read_kept(student.vocabulary_file), folder / TRIMMED)
        shutil.rmtree(folder / MERGED, ignore_errors=True)
        artifacts = [folder / target.folder_name for target in targets]
        export_checkpoint(
            folder / TRIMMED,
            targets,
            folder,
            calibration=student.read_calibration(),
            progress=lambda note: say(f"export: {note}"),
        )
        row = {"name": name, "artifacts": [one.name for one in artifacts], "rank": student.rank}
        write_json(folder / STUDENT_FILE, {**row, "student_sha256": student.sha256})
        _remove_others(artifacts)
    for artifact in artifacts:
        _have_scorer(artifact, name, student, source, say)
    _have_files(artifacts[0], student)
    return artifacts[0]


def _is_broken(artifact: Path) -> bool:
    """Whether a file is missing or another one; a scorer is put in later, weights of the package when they are needed."""
    later = {SCORER_FILE, WEIGHTS_FILE} if artifact.is_relative_to(packaged_folder()) else {SCORER_FILE}
    return not set(broken_files(artifact)) <= later


def _have_scorer(
    artifact: Path, name: str, student: Student, source: Path | None, say: Callable[[str], None]
) -> None:
    """Put the student's scorer into its artifact; where it is not found the artifact answers without."""
    if student.scorer is None:
        return
    named = read_manifest(artifact).files.get(SCORER_FILE) == student.scorer.sha256
    if named and _is(artifact / SCORER_FILE, student.scorer):
        return
    file = _find_scorer(name, student, source)
    if file is None:
        say(f"no scorer (sha256 {student.scorer.sha256[:12]}…) beside an adapter: no mode best_of")
        return
    say("scorer")
    add_scorer(artifact, file)


def _have_files(artifact: Path, student: Student) -> None:
    """Put the student's calibrations and drafts into its artifact, unless it has some, of the table or the user's own."""
    for name, file in student.beside.items():
        if not (artifact / name).is_file():
            with whole_file(artifact / name) as partial:
                shutil.copyfile(file, partial)


def _base(student: Student, progress: Progress, say: Callable[[str], None]) -> Path:
    """The base's checkpoint; one that is here is taken as it is, its files may be gone."""
    folder = checkpoint_folder(student.base)
    if not (folder / CARD_FILE).is_file():
        folder, notes = get_base(student.base, progress=progress)
        for note in notes:
            say(note)
    return folder


def _remove_others(artifacts: list[Path]) -> None:
    """Remove the trimmed checkpoint, and artifacts of what this student was before."""
    for folder in artifacts[0].parent.iterdir():
        if folder.is_dir() and folder not in artifacts:
            shutil.rmtree(folder)


def _is_trimmed(folder: Path, student: Student) -> bool:
    """Whether an earlier run has come past trimming, for this very student."""
    if not (folder / CARD_FILE).is_file():
        return False
    card, kept = read_card(folder), read_kept(student.vocabulary_file)
    return (
        card.merged is not None
        and card.merged.adapter_sha256 == student.adapter.sha256
        and (set(card.thoughts), card.default_thought) == (set(student.thoughts), student.default_thought)
        and card.trimmed is not None
        and card.trimmed.corpus_sha256 == kept.corpus_sha256
    )


def _check_room(folder: Path, student: Student) -> None:
    """Raise InputError when the disk has no room for what is made on the way."""
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    needed = max(0.0, find_base(student.base).parameters * CHECKPOINT_BYTES * _ROOM - there)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{folder} has {free / 1e9:.1f} GB free; expected: {needed / 1e9:.1f} GB, or another EDGETHOUGHT_HOME"
        )
