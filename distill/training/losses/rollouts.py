"""The student's own samples, to be scored by a white-box teacher: on-policy distillation (GKD, arXiv 2306.13649)."""

from collections.abc import Sequence
from typing import Any

import torch

from distill.training.examples import Example
from distill.training.losses.forward import padded


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
    weights; no gradient flows through the drawing, as in GKD.
    """
    prompts = [example.ids[: example.prompt_len] for example in micro]
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
    return [
        Example((*prompt, *_up_to_end(row, end_token)), len(prompt))
        for prompt, row in zip(prompts, written[:, begin:].tolist(), strict=True)
    ]


def _up_to_end(written: list[int], end_token: int) -> list[int]:
    return written[: written.index(end_token) + 1] if end_token in written else written
