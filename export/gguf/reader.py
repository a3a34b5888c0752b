"""A GGUF file as the `gguf` package reads it, which takes seconds where there are many tokens."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from export.checkpoint import require_build


def read_gguf(path: Path) -> Any:
    """The file's `gguf.GGUFReader`; the last one is kept for as long as the file stays as it is."""
    found = path.stat()
    return _read(path, found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, inode: int, size: int, mtime_ns: int) -> Any:
    require_build()
    import gguf

    return gguf.GGUFReader(path)


def gguf_field(reader: Any, key: str, default: Any = None) -> Any:
    """The value of a metadata key."""
    field = reader.get_field(key)
    return default if field is None else field.contents()
