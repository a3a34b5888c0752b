"""The student's own samples, to be scored by a white-box teacher: on-policy distillation (GKD, arXiv 2306.13649)."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from distill.training.examples import Example
from distill.training.losses.forward import padded
from distill.training.student import without_adapters
from export.checkpoint_engine.decoder import Cache, CachedDecoder
from export.checkpoint_engine.rows import KEYS_AT_ONCE

# Families whose blocks the engine of checkpoints computes.
FAMILIES = ("llama", "qwen2", "qwen3", "gemma3_text")


def sample_rollouts(
    model: Any,
    micro: Sequence[Example],
    *,
    end_token: int,
    max_tokens: int,
    temperature: float,
    seed: int,
    device: Any,
) -> list[Example]:
    """The micro-batch's prompts with what the student itself writes after them, end token included where it came.

    Drawn from the student's whole distribution at `temperature`, the same at every call with the same seed and
    weights; no gradient flows through the drawing, as in GKD. Decoders write as the engine of checkpoints does, adapters
    merged, rows given up as they end.
    """
    prompts = [example.ids[: example.prompt_len] for example in micro]
    student = without_adapters(model)
    if student.config.model_type in FAMILIES:
        with torch.no_grad():
            decoder = CachedDecoder(student, keeps=True)
            written = _written(decoder, prompts, end_token, max_tokens, temperature, seed)
    else:
        written = _generated(model, prompts, end_token, max_tokens, temperature, seed, device)
    return [
        Example((*prompt, *thought), len(prompt)) for prompt, thought in zip(prompts, written, strict=True)
    ]


def _written(
    decoder: CachedDecoder,
    prompts: Sequence[Sequence[int]],
    end_token: int,
    max_tokens: int,
    temperature: float,
    seed: int,
) -> list[list[int]]:
    """What is written after each prompt. Rows stand side by side; the last one takes the place of one that ended."""
    device = decoder.weight.device
    draw = torch.Generator(device=device).manual_seed(seed)
    room = -(-(max(map(len, prompts)) + max_tokens) // KEYS_AT_ONCE) * KEYS_AT_ONCE
    cache = decoder.cache(len(prompts), room)
    logits = _read(decoder, cache, prompts)
    written: list[list[int]] = [[] for _ in prompts]
    rows, lengths = list(range(len(prompts))), [len(prompt) for prompt in prompts]
    while True:
        shares = torch.softmax(logits.float() / temperature, dim=-1)
        tokens = torch.multinomial(shares, 1, generator=draw)[:, 0].tolist()
        for place, token in enumerate(tokens):
            written[rows[place]].append(token)
        for place in reversed(range(len(rows))):
            if tokens[place] != end_token and len(written[rows[place]]) < max_tokens:
                continue
            last = len(rows) - 1
            if place < last:
                cache.copy(last, place, lengths[last])
                rows[place], lengths[place], tokens[place] = rows[last], lengths[last], tokens[last]
            del rows[last], lengths[last], tokens[last]
        if not rows:
            return written
        end = min(room, -(-(max(lengths) + 1) // KEYS_AT_ONCE) * KEYS_AT_ONCE)
        ids, positions = (torch.tensor(each, device=device) for each in (tokens, lengths))
        logits = decoder.step(cache, ids, positions, end)
        lengths = [length + 1 for length in lengths]


def _read(decoder: CachedDecoder, cache: Cache, prompts: Sequence[Sequence[int]]) -> Tensor:
    """Logits (row, vocabulary) after each prompt; one that is there already is not read again."""
    first: dict[tuple[int, ...], int] = {}
    logits: list[Tensor] = []
    for row, prompt in enumerate(prompts):
        there = first.setdefault(tuple(prompt), row)
        if there < row:
            cache.copy(there, row, len(prompt))
            logits.append(logits[there])
        else:
            ids = torch.tensor(prompt, device=decoder.weight.device)
            logits.append(decoder.read(cache, row, ids, 0, 1)[0])
    return torch.stack(logits)


def _generated(
    model: Any,
    prompts: Sequence[Sequence[int]],
    end_token: int,
    max_tokens: int,
    temperature: float,
    seed: int,
    device: Any,
) -> list[list[int]]:
    """The same by transformers, for encoder-decoders."""
    # Generation goes on at the right end, so padding stands on the left.
    ids = padded(prompts, "left")
    mask = padded(([1] * len(prompt) for prompt in prompts), "left")
    training = model.training
    model.eval()
    cuda = [device] if str(device).startswith("cuda") else []
    with torch.random.fork_rng(devices=cuda), torch.no_grad():
        torch.manual_seed(seed)
        written = model.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            do_sample=True,
            temperature=temperature,
            top_k=0,
            top_p=1.0,
            max_new_tokens=max_tokens,
            eos_token_id=end_token,
            pad_token_id=end_token,
            use_cache=True,
        )
    model.train(training)
    # An encoder-decoder's output begins with its start token, a decoder's with the prompt.
    begin = 1 if model.config.is_encoder_decoder else ids.shape[1]
    return [_up_to_end(row, end_token) for row in written[:, begin:].tolist()]


def _up_to_end(written: list[int], end_token: int) -> list[int]:
    return written[: written.index(end_token) + 1] if end_token in written else written
