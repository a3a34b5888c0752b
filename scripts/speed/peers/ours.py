"""edgethought as a user has it: `load(artifact).answer(question)`, stopping as soon as the thought is solvable."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from runtime.answering.pipeline import load
from scripts.speed.peers.serving import Request, serve


def main(artifact: str, threads: int) -> None:
    """Answer until standard input closes: one thought, `samples` of a question, or all of `questions`."""
    with load(Path(artifact), threads=threads) as model:

        def answer(request: Request) -> tuple[str, int, float | None]:
            thought, decoding = model.manifest.default_thought, model.decoding(max_tokens=request.max_tokens)
            if request.questions:
                many = list(model.answer_batch(request.questions, thought=thought, decoding=decoding))
                texts = json.dumps([solution.text for solution in many])
                return texts, sum(solution.generated_tokens for solution in many), None
            if request.samples > 1:
                solution = model.answer(
                    request.question, thought=thought, decoding=decoding, mode="vote", samples=request.samples
                )
            else:
                solution = model.answer(request.question, thought=thought, decoding=decoding)
            return solution.text, solution.generated_tokens, None

        serve(f"edgethought {version('edgethought')}", answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
