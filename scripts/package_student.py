"""Put a student that `edgethought model get` made into the package: what answers straight after an installation.

python -m scripts.package_student nano

Its numbers are there once, in the GGUF: the ONNX artifact goes without its weights file, which is made from the GGUF's
blocks when it is first loaded.
"""

import json
import shutil
import sys
from pathlib import Path

from export.students.get import artifacts_here
from export.students.table import find_student
from runtime.answering.default_model import STUDENT_FILE
from runtime.engines.onnx.weights import PLAN_FILE, WEIGHTS_FILE
from runtime.values.environment import packaged_folder
from runtime.values.errors import InputError
from runtime.values.files import whole_folder, write_json


def package(name: str) -> Path:
    """Replace the package's folder of a student by what is at home; raises InputError where that student is not there."""
    student = find_student(name)
    artifacts = artifacts_here(name, student)
    if not artifacts or artifacts[0].is_relative_to(packaged_folder()):
        raise InputError(f"{name} is not here; expected: `edgethought model get {name}` first")
    out = packaged_folder() / name
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(out) as partial:
        for artifact in artifacts:
            left_out = [WEIGHTS_FILE] if (artifact / PLAN_FILE).is_file() else []
            shutil.copytree(artifact, partial / artifact.name, ignore=shutil.ignore_patterns(*left_out))
        noted = json.loads((artifacts[0].parent / STUDENT_FILE).read_text(encoding="utf-8"))
        # Its figures may have come after it was made.
        write_json(partial / STUDENT_FILE, {**noted, "rank": student.rank})
    return out


if __name__ == "__main__":
    folder = package(sys.argv[1])
    print(f"{folder}: {sum(file.stat().st_size for file in folder.rglob('*')) / 1e6:.0f} MB")
