"""Does an aarch64 machine answer? Tried under qemu-user: `python -m scripts.device.qemu_answer FOLDER ARTIFACT`.

FOLDER gets all that is made, is kept, and may be deleted: an arm64 Python, wheels, this project. ARTIFACT is an ONNX one.
The solver solves two thoughts alone, onnxruntime is imported, and the artifact answers, or answers a third word given;
it is asked the same here.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from runtime.answering.pipeline import load
from runtime.values.errors import EdgethoughtError, InputError, WorkFailed
from runtime.values.manifest import read_manifest
from scripts.device.aarch64 import Aarch64, last_line, make_aarch64

QUESTION = "A pen costs $3. How much do 7 pens cost?"
# Thoughts with their values; the second goes to the worker with sympy.
THOUGHTS = {"ans = 20% * 50 + 2 1/2": "12.5", "x^3 + y = 10; x * y = 4; x^2 + y = 6; ans = x": "2"}
_ENGINE = "import onnxruntime, platform; print(platform.machine(), 'onnxruntime', onnxruntime.__version__)"


@dataclass(frozen=True, slots=True)
class Run:
    """What a command printed, its seconds by the clock, and those of processor time with its children's."""

    output: str
    clock_s: float
    processor_s: float

    @property
    def row(self) -> dict[str, object]:
        """The output as JSON."""
        row: dict[str, object] = json.loads(self.output)
        return row


def main(words: list[str]) -> int:
    """Make the machine, ask, and say what was seen; 0 when all of it answered as it does here."""
    if len(words) not in (2, 3):
        print(f"{len(words)} words; expected: FOLDER ARTIFACT, and a QUESTION if you like", file=sys.stderr)
        return InputError.exit_status
    folder, artifact = (Path(word).resolve() for word in words[:2])
    try:
        return ask_all(folder, artifact, words[2] if len(words) == 3 else QUESTION)
    except EdgethoughtError as error:
        print(error, file=sys.stderr)
        return error.exit_status


def ask_all(folder: Path, artifact: Path, question: str) -> int:
    """Ask the emulated machine for everything; raises InputError for what is no ONNX artifact."""
    if (manifest := read_manifest(artifact)).format != "onnx":
        raise InputError(
            f"{artifact} is {manifest.format}; expected: an ONNX artifact, which wheels alone can run"
        )
    folder.mkdir(parents=True, exist_ok=True)
    machine = make_aarch64(folder)
    right = True
    for thought, value in THOUGHTS.items():
        solved = run(machine, "-m", "edgethought", "check", "eot", "--json", "-", given=thought)
        say(f"echo '{thought}' | edgethought check eot --json -", solved)
        right = right and solved.row["answer"] == value
    say(f'python -c "{_ENGINE}"', run(machine, "-c", _ENGINE))
    with load(artifact) as model:
        here = model.answer(question).answer
    answered = run(machine, "-m", "edgethought", "solve", "--json", "--model", str(artifact), question)
    say(f"edgethought solve --json --model {artifact.name} '{question}'", answered)
    there = answered.row["answer"]
    print(f"the answer there: {there}; here: {here}")
    return 0 if right and there == here and here is not None else WorkFailed.exit_status


def run(machine: Aarch64, *words: str, given: str = "") -> Run:
    """Start the emulated Python; raises WorkFailed with its last line where it printed nothing."""
    started, before = monotonic(), os.times()
    done = subprocess.run(
        [str(machine.python), *words],
        env=machine.environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    if not done.stdout:
        raise WorkFailed(f"exit status {done.returncode} of {' '.join(words[:3])}: {last_line(done.stderr)}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(done.stdout.strip(), monotonic() - started, spent)


def say(command: str, seen: Run) -> None:
    """Print one command with what came of it."""
    print(
        f"$ {command}\n{seen.output}\n({seen.clock_s:.0f} s, {seen.processor_s:.0f} s of processor time)\n",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
