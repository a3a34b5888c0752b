"""llama-cpp-python's `Llama.create_completion`: greedy, prompt as ids, flash attention on, which is its quicker way."""

import sys

import llama_cpp

from scripts.speed.peers.serving import Request, serve


def main(model_file: str, threads: int) -> None:
    """Answer until standard input closes."""
    llama = llama_cpp.Llama(
        model_path=model_file,
        n_ctx=1024,
        n_batch=512,
        n_threads=threads,
        n_threads_batch=threads,
        verbose=False,
        flash_attn=True,
    )

    def answer(request: Request) -> tuple[str, int, float | None]:
        # It would keep what this prompt shares with the last one (two tokens), and where a prompt is cut moves logits.
        llama.reset()
        reply = llama.create_completion(list(request.ids), max_tokens=request.max_tokens, temperature=0.0)
        return reply["choices"][0]["text"], reply["usage"]["completion_tokens"], None

    serve(f"llama-cpp-python {llama_cpp.__version__}", answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
