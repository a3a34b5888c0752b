"""What mostly follows in a student's texts, put beside its GGUF: the engine guesses next tokens by it."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from runtime.engines.drafts import followers_of, write_followers
from runtime.engines.opening import open_engine
from runtime.values.manifest import read_manifest


def add_drafts(artifact: Path, texts: Sequence[str]) -> int:
    """Put a table of what follows in these thoughts into a GGUF artifact; returns its size. Answers stay as they are."""
    end = read_manifest(artifact).end_tokens[0]
    with closing(open_engine(artifact, 1)) as engine:
        table = followers_of([*engine.encode(text), end] for text in texts)
    write_followers(artifact, table)
    return len(table)
