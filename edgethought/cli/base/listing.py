"""The table of bases as tables to print."""

from collections.abc import Iterator

from benchmarks.tasks.table import Table
from export.bases.base import checkpoint_folder, find_base
from export.bases.fetch import files_here
from export.bases.table import Base, known_bases
from export.checkpoint import CARD_FILE
from export.gguf.architectures import ARCHITECTURES


def list_bases() -> Table:
    """One row a base."""
    rows = tuple(
        (name, base.architecture, base.license, _state(name, base), f"{base.parameters / 1e6:,.0f}")
        for name, base in known_bases().items()
    )
    note = (
        "unverified: no file's sha256 is known here yet, the first download records it; "
        "any folder in the Hugging Face layout is a base too"
    )
    return Table("Bases", ("base", "architecture", "license", "state", "M parameters"), rows, note, texts=4)


def _state(name: str, base: Base) -> str:
    """Whether it can be used, in a few words."""
    if base.architecture not in ARCHITECTURES:
        return "architecture not supported yet"
    if (checkpoint_folder(name) / CARD_FILE).is_file():
        return "ready"
    if files_here(name, base):
        return "here"
    return "to get" if base.verified else "to get, unverified"


def show_base(name: str) -> Iterator[Table]:
    """What is known of one base: its facts, its files, its sources."""
    base = find_base(name)
    rates = ", ".join(f"{method} {rate:g}" for method, rate in base.learning_rates.items())
    facts = {
        "architecture": base.architecture,
        "parameters": f"{base.parameters:,}",
        "license": base.license,
        "chat template": base.chat_template,
        "learning rates": rates or "not measured",
        "state": _state(name, base),
        "checkpoint": str(checkpoint_folder(name)),
    }
    yield Table(name, ("fact", "value"), tuple(facts.items()), texts=2)
    files = tuple(
        (file.name, file.sha256 or "unverified", f"{file.bytes:,}" if file.bytes else "")
        for file in base.files
    )
    yield Table("Files", ("file", "sha256", "bytes"), files, texts=2)
    sources = tuple((str(number), str(source)) for number, source in enumerate(base.sources, start=1))
    yield Table("Sources, in order", ("place", "source"), sources, texts=2)
