"""Us and the rivals, each a short loop at its best settings: `python -m scripts.speed.peers.rivals NAME MODEL THREADS`.

Everybody is asked the same questions, one at a time, greedy, with the same limit and the same end tokens.
"""

import ctypes
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from runtime.values.errors import WorkFailed
from scripts.speed.harness import Channel

# `python -m llama_cpp.server`, with what some builds need, see `runtime.engines.llama.amx`.
LLAMA_SERVER = (
    "import runpy, runtime.engines.llama.library; "
    "runpy.run_module('llama_cpp.server', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One question, its prompt's ids, the end tokens, the limit.

    `samples` above 1 and `questions` (many at once, instead of the one) are for us only.
    """

    question: str
    ids: tuple[int, ...]
    end: tuple[int, ...]
    max_tokens: int
    samples: int = 1
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `first_ms` is the time to the first token, 0 where the library does not tell."""

    text: str
    tokens: int
    total_ms: float
    first_ms: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        """How fast it was written after the first token, 0 where there is none after it."""
        return (self.tokens - 1) / (self.total_ms - self.first_ms) * 1e3 if self.tokens > 1 else 0.0


# One request answered: the text, its number of tokens, and when (`perf_counter`) the first token was there, or None.
Answer = Callable[[Request], tuple[str, int, float | None]]


def serve(library: str, answer: Answer) -> None:
    """Say that the peer is ready, then answer until standard input closes."""
    channel = Channel(f"{library} {version(library)}")
    while row := channel.receive():
        request = Request(**{**row, "ids": tuple(row["ids"]), "end": tuple(row["end"])})
        started = perf_counter()
        text, tokens, first = answer(request)
        ended = perf_counter()
        first_ms = 0.0 if first is None else (first - started) * 1e3
        channel.send(asdict(Reply(text, tokens, (ended - started) * 1e3, first_ms)))


def ours(artifact: str, threads: int) -> None:
    """edgethought as a user has it: `load(artifact).answer(question)`, stopping as soon as the thought is solvable."""
    from runtime.answering.pipeline import load

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

        serve("edgethought", answer)


def ours_loop(artifact: str, threads: int) -> None:
    """Our engine alone, without the solver and without stopping early: what the bare loops are compared with."""
    from runtime.engines.engine import Decoding
    from runtime.engines.opening import open_engine

    engine = open_engine(Path(artifact), threads)

    def answer(request: Request) -> tuple[str, int, float | None]:
        ids: list[int] = []
        first = None
        for token in engine.generate(request.ids, Decoding(request.max_tokens)):
            first = first or perf_counter()
            ids.append(token)
        return engine.decode(ids), len(ids), first

    serve("edgethought", answer)


def create_completion(model_file: str, threads: int, *, chat: bool = False) -> None:
    """llama-cpp-python's `Llama.create_completion`, prompt as ids, flash attention on, which is its quicker way.

    With `chat` its `create_chat_completion`, rendering the GGUF's own template.
    """
    import llama_cpp

    # Some builds need what our own engine does for them, see `runtime.engines.llama.amx`.
    import runtime.engines.llama.library  # noqa: F401

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
        limits = {"max_tokens": request.max_tokens, "temperature": 0.0}
        # It would keep what this prompt shares with the last one, and where a prompt is cut moves logits.
        llama.reset()
        if chat:
            reply = llama.create_chat_completion([{"role": "user", "content": request.question}], **limits)
            text = reply["choices"][0]["message"]["content"]
        else:
            reply = llama.create_completion(list(request.ids), **limits)
            text = reply["choices"][0]["text"]
        return text, reply["usage"]["completion_tokens"], None

    serve("llama-cpp-python", answer)


def create_chat_completion(model_file: str, threads: int) -> None:
    """The same library's chat."""
    create_completion(model_file, threads, chat=True)


def llama_server(model_file: str, threads: int) -> None:
    """Its OpenAI-compatible server in a process of its own, asked by chat alone."""
    import socket
    import subprocess

    import httpx

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", LLAMA_SERVER, "--model", model_file, "--n_ctx", "1024"]
    command += ["--n_threads", str(threads), "--n_threads_batch", str(threads), "--flash_attn", "true"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--verbose", "false"]
    with (
        subprocess.Popen(command, stdout=sys.stderr) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as client,
    ):

        def answer(request: Request) -> tuple[str, int, float | None]:
            # It would keep what this prompt shares with the last one (see above); with this one it shares nothing.
            unlike = {"prompt": "0", "max_tokens": 1}
            client.post("/v1/completions", json=unlike).raise_for_status()
            body = {
                "messages": [{"role": "user", "content": request.question}],
                "max_tokens": request.max_tokens,
                "temperature": 0.0,
                # Its default penalises repeats.
                "repeat_penalty": 1.0,
            }
            reply = client.post("/v1/chat/completions", json=body).raise_for_status().json()
            return reply["choices"][0]["message"]["content"], reply["usage"]["completion_tokens"], None

        try:
            _wait_until_up(client, process)
            serve("llama-cpp-python", answer)
        finally:
            process.terminate()


def _wait_until_up(client: Any, process: Any) -> None:
    """Raises WorkFailed when the server ends before it answers."""
    import httpx

    while process.poll() is None:
        try:
            client.get("/v1/models").raise_for_status()
            return
        except httpx.TransportError:
            sleep(0.2)
    raise WorkFailed("llama_cpp.server ended before it answered")


def bare_llama(model_file: str, threads: int) -> None:
    """The bare `llama_decode` loop with llama.cpp's own greedy sampler: no text until the end, nothing else in it."""
    from runtime.engines.llama.library import library

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

    serve("llama-cpp-python", answer)


def bare_genai(folder: str, threads: int) -> None:
    """onnxruntime-genai's own loop on its own artifact: a generator a question, greedy, `generate_next_token`."""
    import numpy as np
    import onnxruntime_genai as library

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

    serve("onnxruntime-genai", answer)


def transformers_generate(checkpoint: str, threads: int, *, dtype: str = "bfloat16") -> None:
    """transformers' `generate` on the checkpoint itself, bfloat16, greedy: what people have before any export."""
    import torch
    import transformers

    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(checkpoint, dtype=dtype).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)

    def answer(request: Request) -> tuple[str, int, float | None]:
        prompt = torch.tensor([request.ids])
        with torch.inference_mode():
            written = model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=request.max_tokens,
                do_sample=False,
                eos_token_id=list(request.end),
                pad_token_id=request.end[0],
            )
        ids = [token for token in written[0, len(request.ids) :].tolist() if token not in request.end]
        return tokenizer.decode(ids), len(ids), None

    serve("transformers", answer)


def transformers_float32(checkpoint: str, threads: int) -> None:
    """The same in float32, where a sum's order changes no token but by chance."""
    transformers_generate(checkpoint, threads, dtype="float32")


PEERS = {
    peer.__name__: peer
    for peer in (
        ours,
        ours_loop,
        create_completion,
        create_chat_completion,
        llama_server,
        bare_llama,
        bare_genai,
        transformers_generate,
        transformers_float32,
    )
}


if __name__ == "__main__":
    PEERS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
