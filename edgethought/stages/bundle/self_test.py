"""Install what this folder holds, with no network, and ask the student what it was asked where the bundle was made.

    python3 self_test.py          checks every file, installs into ./venv, asks, and says whether the answers are the same

It is copied into bundles as it is, so it imports nothing but the standard library before it has installed the rest.
"""

import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Rounding differs between processors: it may turn one answer of these few, not more.
MAY_DIFFER = 1


def main() -> int:
    """Check, install, ask; 0 when the student answers as it should."""
    bundle = json.loads((HERE / "bundle.json").read_text(encoding="utf-8"))
    if "--ask" in sys.argv:
        return ask(bundle)
    if damaged := [name for name, sha256 in bundle["files"].items() if digest(HERE / name) != sha256]:
        print(f"damaged or missing: {', '.join(damaged)}; expected: the files of the bundle, copied whole")
        return 1
    print(f"{len(bundle['files'])} files are whole")
    python = install(bundle)
    if python is None:
        return 1
    return subprocess.run([str(python), str(HERE / "self_test.py"), "--ask"], check=False).returncode


def digest(file: Path) -> str:
    """The sha256 of a file, empty where there is none."""
    if not file.is_file():
        return ""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def install(bundle: dict[str, list[str]]) -> Path | None:
    """Make ./venv with the wheels that are here, once; gives its Python, None after saying what is missing."""
    python = HERE / "venv/bin/python"
    if not python.is_file():
        venv.create(HERE / "venv", with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check"]
    command += ["--find-links", str(HERE / "wheels"), *bundle["requirements"]]
    if subprocess.run(command, check=False).returncode == 0:
        return python
    for name in bundle["to_compile"]:
        print(
            f"{name} has no wheel in the bundle: compile it for this machine, put its wheel into {HERE / 'wheels'}"
        )
    print(
        f"the wheels are for Python {bundle['python']} on {bundle['platform']}; this is {sys.version.split()[0]}"
    )
    return None


def ask(bundle: dict[str, str]) -> int:
    """Ask the student every question of vectors.jsonl; 1 when more than one answer is another."""
    from edgethought import load

    lines = (HERE / "vectors.jsonl").read_text(encoding="utf-8").splitlines()
    vectors = [json.loads(line) for line in lines]
    same = 0
    with load(HERE / "artifact") as model:
        for vector in vectors:
            found = model.answer(vector["question"]).answer
            same += found == vector["answer"]
            print(f"{'same ' if found == vector['answer'] else 'OTHER'}  {found}  {vector['question'][:80]}")
    right = same >= len(vectors) - MAY_DIFFER
    print(
        f"{bundle['name']}: {same} of {len(vectors)} answers as expected: {'it works' if right else 'it does NOT work'}"
    )
    if right:
        print(f'{HERE}/venv/bin/edgethought solve --model {HERE}/artifact "YOUR QUESTION"')
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
