"""Prefixes on disk: keys and values of a prompt's first tokens, read once and used by every later start.

Worked examples are hundreds of tokens that stand in front of every question; reading them again costs a second at every
start. A file is named by all that decides its bytes, is checked before use, and only the newest few are kept.
"""

import contextlib
import hashlib
import importlib.metadata
import os
from collections.abc import Sequence
from pathlib import Path

from runtime.values.environment import home_folder
from runtime.values.manifest import Manifest, artifact_key

FOLDER = "prefixes"
# Shorter ones are read as quickly as a file.
MIN_TOKENS = 64
MAX_BYTES = 256 << 20
_CHECK_BYTES = hashlib.sha256().digest_size


class PrefixStore:
    """The prefixes of one artifact as one library computes them, by one `graph` where the artifact has several.

    A file that cannot be read or written is no error.
    """

    def __init__(self, manifest: Manifest, package: str, graph: str = "") -> None:
        version = importlib.metadata.version(package)
        self._artifact = f"{artifact_key(manifest)} {package} {version} {graph}".rstrip()

    def load(self, prefix: Sequence[int]) -> bytes | None:
        """What was saved for exactly this prefix, None when there is nothing or it is damaged."""
        if len(prefix) < MIN_TOKENS:
            return None
        try:
            data = self._file(prefix).read_bytes()
        except OSError:
            return None
        check, state = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        return state if hashlib.sha256(state).digest() == check else None

    def save(self, prefix: Sequence[int], state: bytes) -> None:
        """Keep a prefix's state, whole or not at all, and let go of the oldest beyond `MAX_BYTES`."""
        if len(prefix) < MIN_TOKENS or len(state) > MAX_BYTES:
            return
        file = self._file(prefix)
        # Not `whole_file`: processes may write one prefix at once, and what is checked when it is read waits for no disk.
        partial = file.with_name(f"{file.name}.{os.getpid()}.part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(hashlib.sha256(state).digest() + state)
            partial.replace(file)
            self._let_go(file.parent)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink()

    def _file(self, prefix: Sequence[int]) -> Path:
        name = hashlib.sha256(f"{self._artifact} {list(prefix)}".encode()).hexdigest()
        return home_folder() / FOLDER / f"{name}.kv"

    @staticmethod
    def _let_go(folder: Path) -> None:
        total = 0
        for file in sorted(folder.glob("*.kv"), key=lambda one: one.stat().st_mtime, reverse=True):
            total += file.stat().st_size
            if total > MAX_BYTES:
                file.unlink(missing_ok=True)
