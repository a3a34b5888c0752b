"""What the checkpoint itself answers on the probes: the measure that every artifact is held against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from pathlib import Path
from typing import Any

from export.checkpoint import CheckpointCard, load_student, load_tokenizer, padded, quick_bfloat16
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
# A draft that is wrong is written anew from there so many times; a trained student's needs one or two.
DRAFT_ROUNDS = 4


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
    model, tokenizer = load_student(checkpoint), load_tokenizer(checkpoint)
    drafter = _drafter(checkpoint, model)
    end = end_token(checkpoint)
    probes: list[Probe] = []
    scores: list[Any] = []
    for start in range(0, len(problems), ROWS):
        some = problems[start : start + ROWS]
        prompts = [_prompt_ids(tokenizer, problem, card) for problem in some]
        answers = (
            _checked(model, drafter, prompts, card, end, say)
            if drafter
            else _plain(model, prompts, card, end, say)
        )
        for problem, prompt, (full, score) in zip(some, prompts, answers, strict=True):
            completion = full[: full.index(end)] if end in full else full
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


def _drafter(checkpoint: Path, model: Any) -> Any:
    """The checkpoint in bfloat16 where that is quicker here, None where it is not."""
    import torch

    if model.config.is_encoder_decoder or not quick_bfloat16():
        return None
    from export.checkpoint_engine.decoder import CachedDecoder

    return CachedDecoder(load_student(checkpoint, dtype=torch.bfloat16))


def _plain(
    model: Any, prompts: Sequence[Sequence[int]], card: CheckpointCard, end: int, say: Say
) -> list[Answer]:
    rows = _greedy(model, prompts, probe_tokens(card), end, say)
    answers = [_to_end(row, end) for row in rows]
    return list(zip(answers, _log_probabilities(model, prompts, answers, say), strict=True))


def _to_end(ids: list[int], end: int) -> list[int]:
    """Tokens up to the first end token, which stays."""
    return ids[: ids.index(end) + 1] if end in ids else ids


def _checked(
    model: Any, drafter: Any, prompts: Sequence[Sequence[int]], card: CheckpointCard, end: int, say: Say
) -> list[Answer]:
    """The greedy answers of `model`: what `drafter` writes, up to where `model` writes otherwise, and on from there."""
    limit = probe_tokens(card)
    kept: list[list[int]] = [[] for _ in prompts]
    answers: dict[int, Answer] = {}
    for draft_round in count():
        waiting = [row for row in range(len(prompts)) if row not in answers]
        if not waiting:
            break
        # A model that is sure of nothing differs in bfloat16 at every other token: then it writes for itself.
        write, writer = (_drafted, drafter) if draft_round < DRAFT_ROUNDS else (_greedy, model)
        starts = [[*prompts[row], *kept[row]] for row in waiting]
        room = limit - min(len(kept[row]) for row in waiting)
        written = write(writer, starts, room, end, say)
        drafts = [
            _to_end([*kept[row], *more][:limit], end) for row, more in zip(waiting, written, strict=True)
        ]
        scores = _log_probabilities(model, [prompts[row] for row in waiting], drafts, say)
        for row, draft, score in zip(waiting, drafts, scores, strict=True):
            own = score.argmax(axis=-1).tolist()
            same = next((place for place, token in enumerate(draft) if own[place] != token), len(draft))
            kept[row] = [*draft[:same], *own[same : same + 1]]
            if same == len(draft) or own[same] == end or len(kept[row]) == limit:
                answers[row] = kept[row], score[: len(kept[row])]
    return [answers[row] for row in range(len(prompts))]


def _drafted(
    drafter: Any, prompts: Sequence[Sequence[int]], room: int, end: int, say: Say
) -> list[list[int]]:
    """Up to `room` greedy tokens of each prompt by our own passes, end token included."""
    from export.checkpoint_engine.rows import CheckpointRows
    from runtime.engines.engine import Decoding
    from runtime.engines.row_streams import RowStreams
    from runtime.engines.sampling import chooser

    rows = CheckpointRows(drafter, len(prompts), max(map(len, prompts)) + room)
    streams = RowStreams(rows, end.__eq__, chooser, len(prompts))
    slots = streams.start((), [(prompt, Decoding(room)) for prompt in prompts])
    step, written = paced("answers are written, token", say), {slot: list[int]() for slot in slots}
    for written_tokens in range(1, room + 1):
        for token in streams.step():
            written[token.slot].append(end if token.id is None else token.id)
        step(written_tokens, room, "")
    streams.close()
    return [written[slot] for slot in slots]


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
