"""What the checkpoint itself answers on the probes: the measure that every artifact is held against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from export.checkpoint import (
    CheckpointCard,
    is_encoder_decoder,
    load_student,
    load_tokenizer,
    padded,
    quick_bfloat16,
)
from export.tokenizer import end_token
from runtime.values.pace import paced, watched
from runtime.values.problem import Problem
from runtime.values.prompt import render_prompt

# Rows that decode together: one step costs little more for many rows than for one.
ROWS = 32
# Rows that are read at once: some thousand tokens are quickest, and all their logits have to fit.
CHECKED_ROWS = 8
# Far more than a good thought needs; a model that rambles is compared on this much of it.
PROBE_TOKENS = 64
Say = Callable[[str], None]


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


def checkpoint_reference(
    checkpoint: Path,
    card: CheckpointCard,
    problems: Sequence[Problem],
    say: Say = lambda line: None,
) -> Reference:
    """Run the checkpoint greedily over the probes with transformers, `ROWS` at a time.

    Where this processor multiplies bfloat16 quicker, the answers are drafted in it and every token is then checked in
    float32: the answers are float32's own, in a fraction of the time (Leviathan et al., arXiv 2211.17192, greedy).
    `say` is told now and then how far that is.
    """
    tokenizer, end = load_tokenizer(checkpoint), end_token(checkpoint)
    limit = probe_tokens(card)
    prompts = [_prompt_ids(tokenizer, problem, card) for problem in problems]
    drafts = None
    if quick_bfloat16() and not is_encoder_decoder(checkpoint):
        drafts = _drafted(checkpoint, prompts, limit, end, say)
    # The drafter's memory is free by now.
    model = load_student(checkpoint)
    answers: list[Answer] = []
    for start in range(0, len(problems), ROWS):
        rows = slice(start, start + ROWS)
        answers += (
            _checked(model, prompts[rows], drafts[rows], limit, end, say)
            if drafts
            else _plain(model, prompts[rows], limit, end, say)
        )
    probes, scores = [], []
    for problem, prompt, (full, score) in zip(problems, prompts, answers, strict=True):
        completion = _before_end(full, end)
        text = tokenizer.decode(completion, skip_special_tokens=True)
        probes.append(Probe(problem, tuple(prompt), tuple(completion), end in full, text))
        scores.append(score[: len(completion)])
    return Reference(tuple(probes), tuple(scores))


def probe_tokens(card: CheckpointCard) -> int:
    """How many tokens a probe's answer may have."""
    return min(card.max_tokens, PROBE_TOKENS)


def _prompt_ids(tokenizer: Any, problem: Problem, card: CheckpointCard) -> list[int]:
    text = render_prompt(problem.question, card.default_thought)
    return list(tokenizer.encode(text, add_special_tokens=False))


# A completion with its end token, and the log-probabilities along it.
Answer = tuple[list[int], Any]


def _plain(model: Any, prompts: Sequence[Sequence[int]], limit: int, end: int, say: Say) -> list[Answer]:
    rows = _greedy(model, prompts, limit, end, say)
    answers = [_to_end(row, end) for row in rows]
    return list(zip(answers, _log_probabilities(model, prompts, answers, say), strict=True))


def _to_end(ids: list[int], end: int) -> list[int]:
    """Tokens up to the first end token, which stays."""
    return ids[: ids.index(end) + 1] if end in ids else ids


def _before_end(ids: list[int], end: int) -> list[int]:
    """Tokens before the first end token."""
    return ids[: ids.index(end)] if end in ids else ids


def _drafted(
    checkpoint: Path, prompts: Sequence[Sequence[int]], limit: int, end: int, say: Say
) -> list[list[int]]:
    """Up to `limit` greedy tokens of each prompt in bfloat16, end token included."""
    import torch

    from export.checkpoint_engine.decoder import CachedDecoder
    from export.checkpoint_engine.rows import CheckpointRows
    from runtime.engines.engine import Decoding
    from runtime.engines.row_streams import RowStreams
    from runtime.engines.sampling import chooser

    rows = CheckpointRows(
        CachedDecoder(load_student(checkpoint, dtype=torch.bfloat16)),
        ROWS,
        max(map(len, prompts)) + limit,
    )
    streams = RowStreams(rows, end.__eq__, chooser, ROWS)
    waiting, of_slot = list(enumerate(prompts)), dict[int, int]()
    drafts: list[list[int]] = [[] for _ in prompts]
    step, most = paced("answers are written, token", say), 0
    while waiting or of_slot:
        some, waiting = waiting[: streams.free()], waiting[streams.free() :]
        slots = streams.start((), [(prompt, Decoding(limit)) for _, prompt in some])
        of_slot |= {slot: number for slot, (number, _) in zip(slots, some, strict=True)}
        for token in streams.step():
            draft = drafts[of_slot[token.slot]]
            draft.append(end if token.id is None else token.id)
            most = max(most, len(draft))
            if token.left:
                del of_slot[token.slot]
        step(most, limit, "")
    streams.close()
    return drafts


def _checked(
    model: Any,
    prompts: Sequence[Sequence[int]],
    drafts: Sequence[list[int]],
    limit: int,
    end: int,
    say: Say,
) -> list[Answer]:
    """The greedy answers of `model`: the drafts, up to where it writes otherwise, and from there on its own."""
    answers: list[Answer] = []
    others: dict[int, list[int]] = {}
    for row, (draft, score) in enumerate(
        zip(drafts, _log_probabilities(model, prompts, drafts, say), strict=True)
    ):
        own = score.argmax(axis=-1).tolist()
        same = next((place for place, token in enumerate(draft) if own[place] != token), len(draft))
        kept = [*draft[:same], *own[same : same + 1]]
        answers.append((kept, score[: len(kept)]))
        if same < len(draft) and own[same] != end and len(kept) < limit:
            others[row] = kept
    if not others:
        return answers
    starts = [[*prompts[row], *kept] for row, kept in others.items()]
    written = _greedy(model, starts, limit - min(map(len, others.values())), end, say)
    full = [_to_end([*kept, *more][:limit], end) for kept, more in zip(others.values(), written, strict=True)]
    scores = _log_probabilities(model, [prompts[row] for row in others], full, say)
    for row, ids, score in zip(others, full, scores, strict=True):
        answers[row] = ids, score
    return answers


def _greedy(model: Any, prompts: Sequence[Sequence[int]], room: int, end: int, say: Say) -> list[list[int]]:
    """Up to `room` greedy tokens of each prompt, padded on the left (an encoder-decoder's on the right)."""
    import torch

    width = max(len(prompt) for prompt in prompts)
    ids = torch.full((len(prompts), width), end)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    encoder_decoder = model.config.is_encoder_decoder
    for row, prompt in enumerate(prompts):
        start = 0 if encoder_decoder else width - len(prompt)
        ids[row, start : start + len(prompt)] = torch.tensor(prompt)
        mask[row, start : start + len(prompt)] = 1
    step, start = paced("answers are written, token", say), 1 if encoder_decoder else width

    def told(written: Any, scores: Any, **_: Any) -> Any:
        step(written.shape[1] - start, room, "")
        return torch.zeros(len(prompts), dtype=torch.bool)

    with torch.inference_mode():
        out = model.generate(
            ids,
            attention_mask=mask,
            max_new_tokens=room,
            do_sample=False,
            pad_token_id=end,
            stopping_criteria=[told],
        )
    # An encoder-decoder gives back its start token and then its answer, a decoder the whole sequence.
    return [row[start:].tolist() for row in out]


def _log_probabilities(
    model: Any, prompts: Sequence[Sequence[int]], completions: Sequence[Sequence[int]], say: Say
) -> list[Any]:
    """Natural log-probabilities (completion position, vocabulary) of what follows each prompt, teacher-forced."""
    step = paced("answers are checked, batch", say)
    if model.config.is_encoder_decoder:
        pairs = watched(zip(prompts, completions, strict=True), len(prompts), step)
        return [_seq2seq_log_probabilities(model, prompt, completion) for prompt, completion in pairs]
    import torch

    found = []
    whole = [[*prompt, *completion] for prompt, completion in zip(prompts, completions, strict=True)]
    ends = iter(zip(prompts, whole, strict=True))
    with torch.inference_mode():
        for ids, _ in watched(padded(whole, CHECKED_ROWS), ceil(len(whole) / CHECKED_ROWS), step):
            # No prompt ends before this position, so nothing before it is asked for.
            first = min(map(len, prompts)) - 1
            logits = model(ids, use_cache=False, logits_to_keep=ids.shape[1] - first).logits
            for row, (prompt, sequence) in zip(logits, ends, strict=False):
                found.append(_log_softmax(row[len(prompt) - 1 - first : len(sequence) - 1 - first]))
    return found


def _seq2seq_log_probabilities(model: Any, prompt: Sequence[int], completion: Sequence[int]) -> Any:
    import torch

    written = torch.tensor([[model.config.decoder_start_token_id, *completion]])
    with torch.inference_mode():
        return _log_softmax(model(torch.tensor([prompt]), decoder_input_ids=written).logits[0, :-1])


def _log_softmax(logits: Any) -> Any:
    import torch

    return torch.log_softmax(logits.float(), dim=-1).numpy()
