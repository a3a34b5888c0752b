"""The file of a local teacher: a base of the table that is here, or any GGUF file; and how its template asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.scoring.external.baselines import ChatPrompt
from benchmarks.scoring.external.gguf_models import chat_prompt, external_manifest, read_header
from distill.teachers.chat.prompts import Message, Prompt
from distill.teachers.local.settings import LocalSettings
from export.bases.base import find_base
from export.bases.fetch import files_here
from export.bases.table import known_bases
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest, artifact_key

GGUF = ".gguf"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file that can be asked. `license` is the one stated for its texts, `says` what the file has of itself."""

    path: Path
    license: str
    says: str = ""

    @property
    def name(self) -> str:
        """What rationale sets call the model."""
        return self.path.stem

    @property
    def named(self) -> str:
        """Its name, and what the file calls itself: words that may say whose model it is."""
        return f"{self.name} {read_header(self.path).name}"

    @property
    def manifest(self) -> Manifest:
        """What the engine wants to know; reading it hashes the file once."""
        return replace(external_manifest(self.path), end_tokens=read_header(self.path).end_ids)

    @property
    def sha256(self) -> str:
        """The hash of the file."""
        return artifact_key(external_manifest(self.path))


def find_model(settings: LocalSettings) -> ModelFile:
    """The file that the settings name; raises InputError where there is none, or it is no chat model in GGUF."""
    name = settings.model
    if not name:
        raise InputError(
            f"teacher local without a model; expected: --set local.model=FILE{GGUF}, or a base ({_gguf_bases()})"
        )
    found = _of_table(settings) if name in known_bases() else _own_file(settings)
    if not read_header(found.path).template:
        raise InputError(f"{found.path} has no chat template; expected: the GGUF file of a chat model")
    return found


def _of_table(settings: LocalSettings) -> ModelFile:
    name = settings.model
    base = find_base(name)
    file = base.files[0].name
    if not file.endswith(GGUF):
        raise InputError(f"base {name} comes as {file}; expected: a GGUF file, or a base ({_gguf_bases()})")
    if settings.license not in ("", base.license):
        raise InputError(
            f"local.license={settings.license} for {name}, which is under {base.license}; expected: no local.license"
        )
    folder = files_here(name, base)
    if folder is None:
        raise InputError(f"base {name} is not here; expected: edgethought base get {name}")
    return ModelFile(folder / file, base.license)


def _own_file(settings: LocalSettings) -> ModelFile:
    path = Path(settings.model).expanduser()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise InputError(
            f"local.model={settings.model} {what}; expected: a GGUF file, or a base ({_gguf_bases()})"
        )
    return ModelFile(path.resolve(), settings.license, read_header(path.resolve()).license)


def _gguf_bases() -> str:
    return ", ".join(name for name, base in known_bases().items() if base.files[0].name.endswith(GGUF))


def asking(file: Path, prompt: Prompt) -> ChatPrompt:
    """What stands before a question and after it, in ids: the prompt in the file's own chat template.

    Where the template knows no system message, the first user's message begins with what it says.
    """
    try:
        return chat_prompt(file, prompt.head)
    except InputError:
        if not any(message["role"] == "system" for message in prompt.head):
            raise
        return chat_prompt(file, _folded(prompt.head))


def _folded(head: Sequence[Message]) -> list[Message]:
    system, first, *others = head
    return [{**first, "content": f"{system['content']}\n\n{first['content']}"}, *others]
