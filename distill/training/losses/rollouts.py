"""The student's own samples, to be scored by a white-box teacher: on-policy distillation (GKD, arXiv 2306.13649)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from distill.training.examples import Example

if TYPE_CHECKING:
    from torch import Tensor


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
    import torch

    encoder_decoder = model.config.is_encoder_decoder
    prompts = [example.ids[: example.prompt_len] for example in micro]
    ids, mask = _padded_left(prompts)
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
    begin = 1 if encoder_decoder else ids.shape[1]
    return [
        Example((*prompt, *_up_to_end(row, end_token)), len(prompt))
        for prompt, row in zip(prompts, written[:, begin:].tolist(), strict=True)
    ]


def _padded_left(prompts: Sequence[tuple[int, ...]]) -> tuple["Tensor", "Tensor"]:
    """Ids and mask (batch, position): generation goes on at the right end, so padding stands on the left."""
    import torch

    width = max(map(len, prompts))
    ids, mask = (torch.zeros(len(prompts), width, dtype=torch.long) for _ in range(2))
    for row, prompt in enumerate(prompts):
        ids[row, width - len(prompt) :] = torch.tensor(prompt)
        mask[row, width - len(prompt) :] = 1
    return ids, mask


def _up_to_end(written: list[int], end_token: int) -> list[int]:
    return written[: written.index(end_token) + 1] if end_token in written else written
