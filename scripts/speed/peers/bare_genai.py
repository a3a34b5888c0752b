"""onnxruntime-genai's own loop on its own artifact: a generator a question, greedy, `generate_next_token`."""

import json
import sys
from time import perf_counter

import numpy as np
import onnxruntime_genai as library

from scripts.speed.peers.serving import Request, serve


def main(folder: str, threads: int) -> None:
    """Answer until standard input closes."""
    settings = library.Config(folder)
    session = {"intra_op_num_threads": threads}
    settings.overlay(json.dumps({"model": {"decoder": {"session_options": session}}}))
    model = library.Model(settings)
    tokenizer = library.Tokenizer(model)

    def answer(request: Request) -> tuple[str, int, float | None]:
        options = library.GeneratorParams(model)
        options.set_search_options(
            max_length=len(request.ids) + request.max_tokens, do_sample=False, batch_size=1
        )
        generator = library.Generator(model, options)
        generator.append_tokens(np.array(request.ids, np.int32))
        ids: list[int] = []
        first = None
        while not generator.is_done():
            generator.generate_next_token()
            first = first or perf_counter()
            token = int(generator.get_next_tokens()[0])
            if token in request.end:
                break
            ids.append(token)
        return str(tokenizer.decode(np.array(ids, np.int32))), len(ids), first

    serve(f"onnxruntime-genai {library.__version__}", answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
