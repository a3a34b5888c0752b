"""Base models: a name of the table, or any folder in the Hugging Face layout, as a checkpoint folder.

A base is converted once, into `EDGETHOUGHT_HOME/bases`, and reused. Nothing is fetched here, see `get_base`.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from export.bases.fetch import fetch_base, files_here
from export.bases.gguf_import import convert_gguf
from export.bases.hugging_face import WEIGHTS, check_folder, convert_folder, folder_license
from export.bases.parts import Progress
from export.bases.table import Base, known_bases
from export.checkpoint import CARD_FILE, CheckpointCard, read_card, save_card
from export.gguf.architectures import find_architecture
from runtime.values.environment import home_folder
from runtime.values.errors import InputError, MissingExtra
from runtime.values.files import whole_folder
from runtime.values.manifest import file_sha256

DEFAULT_BASE = "smollm2-135m"


def find_base(name: str) -> Base:
    """A base of the table; raises InputError for a name that is not there."""
    if name not in known_bases():
        raise InputError(f"base {name!r}; expected: {', '.join(known_bases())} or a folder with a model")
    return known_bases()[name]


def is_folder(name: str) -> bool:
    """Whether a base is given as a folder, not by a name of the table."""
    return name not in known_bases() and Path(name).is_dir()


def base_files(name: str) -> Path:
    """The folder with a named base's files; raises InputError for an unknown name, MissingExtra when not here."""
    folder = files_here(name, find_base(name))
    if folder is None:
        raise MissingExtra(f"base {name} is not here: edgethought base get {name}")
    return folder


def check_base(name: str) -> str:
    """A base's license. Raises InputError or MissingExtra when `base_checkpoint` could not give it; converts nothing."""
    if is_folder(name):
        folder = Path(name)
        if not _is_plain(folder):
            return _read_own(folder).license
        if (converted := _converted(folder)).is_dir():
            return read_card(converted).license
        check_folder(folder)
        return _license(folder, None)
    base = find_base(name)
    find_architecture(base.architecture, f"base {name}")
    if not (checkpoint_folder(name) / CARD_FILE).is_file():
        base_files(name)
    return base.license


def base_checkpoint(name: str) -> Path:
    """The checkpoint folder of a base: a named one or a Hugging Face folder, converted on first use, or one of ours."""
    if is_folder(name):
        return _folder_checkpoint(Path(name), None)
    check_base(name)
    folder = checkpoint_folder(name)
    if not (folder / CARD_FILE).is_file():
        # It is here, so this fetches nothing; it holds the files against their hashes.
        files, _ = fetch_base(name, find_base(name))
        _convert(name, files, folder)
    return folder


def get_base(
    name: str,
    *,
    source: str | None = None,
    license: str | None = None,
    progress: Progress = lambda *step: None,
) -> tuple[Path, list[str]]:
    """Fetch a named base, or take a folder in, and give its checkpoint folder, with what is to be told about its files.

    `source` as in `fetch_base`; `license` is for a folder whose README.md names none, and corrects one that was given
    before. Raises InputError for a license of a base whose own is known.
    """
    if is_folder(name):
        return _folder_checkpoint(Path(name), license), []
    base = find_base(name)
    if license and license != base.license:
        raise InputError(
            f"--license {license} for {name}, which is under {base.license}; expected: no --license"
        )
    find_architecture(base.architecture, f"base {name}")
    _, notes = fetch_base(name, base, source=source, progress=progress)
    return base_checkpoint(name), notes


def checkpoint_folder(name: str) -> Path:
    """Where a named base's checkpoint is, once it is converted."""
    return home_folder() / "bases" / name


def _convert(name: str, files: Path, folder: Path) -> None:
    base = find_base(name)
    card = CheckpointCard(base=name, license=base.license)
    with whole_folder(folder) as partial:
        if base.files[0].name.endswith(".gguf"):
            convert_gguf(files / base.files[0].name, partial, card)
        else:
            convert_folder(files, partial, card)


def _is_plain(folder: Path) -> bool:
    """Whether a folder has a model but no card of ours."""
    return not (folder / CARD_FILE).is_file() and (folder / "config.json").is_file()


def _folder_checkpoint(folder: Path, license: str | None) -> Path:
    if not _is_plain(folder):
        card = _read_own(folder)
        if license and license != card.license:
            raise InputError(
                f"--license {license} for {folder}, a checkpoint whose {CARD_FILE} says {card.license}; expected: "
                "no --license"
            )
        return folder
    converted = _converted(folder)
    if not converted.is_dir():
        check_folder(folder)
        card = CheckpointCard(base=folder.resolve().name, license=_license(folder, license))
        with whole_folder(converted) as partial:
            convert_folder(folder, partial, card)
    elif license and license != (card := read_card(converted)).license:
        # A wrong one was given before; what is made from now on says the right one.
        save_card(replace(card, license=license), converted)
    return converted


def _read_own(folder: Path) -> CheckpointCard:
    """The card of a checkpoint of ours; raises InputError for a folder that holds no model at all."""
    if not (folder / CARD_FILE).is_file():
        raise InputError(
            f"{folder} holds no model (no config.json); expected: a base's name ({', '.join(known_bases())}), a model in "
            "the Hugging Face layout, or a checkpoint that training wrote"
        )
    return read_card(folder)


def _license(folder: Path, license: str | None) -> str:
    found = license or folder_license(folder)
    if not found:
        raise InputError(
            f"{folder} has no README.md that names its license; expected: that it is said once, "
            f"edgethought base get {folder} --license NAME"
        )
    return found


def _converted(folder: Path) -> Path:
    """Where a plain folder's checkpoint is, by the hash of what it holds."""
    names = ("config.json", "tokenizer.json", "tokenizer_config.json")
    files = [path for path in map(folder.joinpath, names) if path.is_file()] + sorted(folder.glob(WEIGHTS))
    whole = hashlib.sha256("".join(file_sha256(path) for path in files).encode()).hexdigest()
    return checkpoint_folder(f"{folder.resolve().name}-{whole[:12]}")
