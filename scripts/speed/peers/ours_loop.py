"""Our engine alone, without the solver and without stopping early: what the bare loops are compared with."""

import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from runtime.engines.engine import Decoding
from runtime.engines.opening import open_engine
from scripts.speed.peers.serving import Request, serve


def main(artifact: str, threads: int) -> None:
    """Answer until standard input closes."""
    engine = open_engine(Path(artifact), threads)

    def answer(request: Request) -> tuple[str, int, float | None]:
        ids: list[int] = []
        first = None
        for token in engine.generate(request.ids, Decoding(request.max_tokens)):
            first = first or perf_counter()
            ids.append(token)
        return engine.decode(ids), len(ids), first

    serve(f"edgethought {version('edgethought')}", answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
