"""The bare `llama_decode` loop with llama.cpp's own greedy sampler: no text until the end, nothing else in the loop."""

import ctypes
import sys
from time import perf_counter

import llama_cpp
from llama_cpp import llama_cpp as library

from scripts.speed.peers.serving import Request, serve


def main(model_file: str, threads: int) -> None:
    """Answer until standard input closes."""
    library.llama_backend_init()
    model = library.llama_model_load_from_file(model_file.encode(), library.llama_model_default_params())
    vocab = library.llama_model_get_vocab(model)
    settings = library.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_ubatch = 1024, 512, 512
    settings.n_threads = settings.n_threads_batch = threads
    settings.no_perf = True
    context = library.llama_init_from_model(model, settings)
    memory = library.llama_get_memory(context)
    sampler = library.llama_sampler_chain_init(library.llama_sampler_chain_default_params())
    library.llama_sampler_chain_add(sampler, library.llama_sampler_init_greedy())
    one = (library.llama_token * 1)()
    piece = ctypes.create_string_buffer(64)

    def answer(request: Request) -> tuple[str, int, float | None]:
        library.llama_memory_clear(memory, False)
        prompt = (library.llama_token * len(request.ids))(*request.ids)
        library.llama_decode(context, library.llama_batch_get_one(prompt, len(prompt)))
        ids: list[int] = []
        first = None
        while len(ids) < request.max_tokens:
            token = library.llama_sampler_sample(sampler, context, -1)
            first = first or perf_counter()
            if token in request.end:
                break
            ids.append(token)
            one[0] = token
            library.llama_decode(context, library.llama_batch_get_one(one, 1))
        return b"".join(map(text, ids)).decode("utf-8", "replace"), len(ids), first

    def text(token: int) -> bytes:
        size = library.llama_token_to_piece(vocab, token, piece, 64, 0, False)
        return piece.raw[:size]

    serve(f"llama-cpp-python {llama_cpp.__version__}", answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
