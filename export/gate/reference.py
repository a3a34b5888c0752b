"""What the checkpoint itself answers on the probes: the measure that every artifact is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.checkpoint import CheckpointCard, load_student, load_tokenizer
from export.tokenizer import end_token
from runtime.values.problem import Problem
from runtime.values.prompt import render_prompt

# Rows that decode together: one step costs little more for many rows than for one.
ROWS = 32
# Far more than a good thought needs; a model that rambles is compared on this much of it.
PROBE_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe: the prompt's ids, the checkpoint's greedy completion (end token excluded), and whether it ended."""

    problem: Problem
    prompt: tuple[int, ...]
    completion: tuple[int, ...]
    ended: bool
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The checkpoint's greedy answers in float32, and the log-probabilities along them.

    `log_probabilities[i]` is a float32 array (completion position, vocabulary), natural logarithm.
    """

    probes: tuple[Probe, ...]
    log_probabilities: tuple[Any, ...]


def checkpoint_reference(checkpoint: Path, card: CheckpointCard, problems: Sequence[Problem]) -> Reference:
    """Run the checkpoint greedily over the probes with transformers, `ROWS` at a time."""
    model, tokenizer = load_student(checkpoint), load_tokenizer(checkpoint)
    end = end_token(checkpoint)
    probes: list[Probe] = []
    scores: list[Any] = []
    for start in range(0, len(problems), ROWS):
        some = problems[start : start + ROWS]
        prompts = [_prompt_ids(tokenizer, problem, card) for problem in some]
        for problem, prompt, full in zip(some, prompts, _greedy(model, prompts, card, end), strict=True):
            completion = full[: full.index(end)] if end in full else full
            text = tokenizer.decode(completion, skip_special_tokens=True)
            probes.append(Probe(problem, tuple(prompt), tuple(completion), end in full, text))
            scores.append(_log_probabilities(model, prompt, completion))
    return Reference(tuple(probes), tuple(scores))


def probe_tokens(card: CheckpointCard) -> int:
    """How many tokens a probe's answer may have."""
    return min(card.max_tokens, PROBE_TOKENS)


def _prompt_ids(tokenizer: Any, problem: Problem, card: CheckpointCard) -> list[int]:
    text = render_prompt(problem.question, card.default_thought)
    return list(tokenizer.encode(text, add_special_tokens=False))


def _greedy(model: Any, prompts: Sequence[Sequence[int]], card: CheckpointCard, end: int) -> list[list[int]]:
    """Greedy completions of a batch of prompts, padded on the left (an encoder-decoder's on the right)."""
    import torch

    width = max(len(prompt) for prompt in prompts)
    ids = torch.full((len(prompts), width), end)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    encoder_decoder = model.config.is_encoder_decoder
    for row, prompt in enumerate(prompts):
        start = 0 if encoder_decoder else width - len(prompt)
        ids[row, start : start + len(prompt)] = torch.tensor(prompt)
        mask[row, start : start + len(prompt)] = 1
    with torch.inference_mode():
        out = model.generate(
            ids, attention_mask=mask, max_new_tokens=probe_tokens(card), do_sample=False, pad_token_id=end
        )
    # An encoder-decoder gives back its start token and then its answer, a decoder the whole sequence.
    return [row[1 if encoder_decoder else width :].tolist() for row in out]


def _log_probabilities(model: Any, prompt: Sequence[int], completion: Sequence[int]) -> Any:
    """Natural log-probabilities (completion position, vocabulary) of what follows, teacher-forced."""
    import torch

    with torch.inference_mode():
        if model.config.is_encoder_decoder:
            written = torch.tensor([[model.config.decoder_start_token_id, *completion]])
            logits = model(torch.tensor([prompt]), decoder_input_ids=written).logits[0, :-1]
        else:
            ids = torch.tensor([[*prompt, *completion]])
            logits = model(ids, logits_to_keep=len(completion) + 1).logits[0, :-1]
    return torch.log_softmax(logits.float(), dim=-1).numpy()
