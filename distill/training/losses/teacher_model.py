"""The white-box teacher: a frozen checkpoint whose logits the student learns from, by its own tokens or by spans.

Where teacher and student have the same tokens and the teacher reads the student's prompts, position stands beside
position. Any other teacher reads the same texts in its own tokens, perhaps after worked examples in our format, and the
two are compared where tokens of both end (`spans`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from distill.training.examples import Example
from distill.training.kernels.decoder import PackedDecoder, packed_decoder
from distill.training.losses.divergences import DivergenceConfig, Loss
from distill.training.losses.forward import labeled_logits
from distill.training.losses.reading import Reading, TeacherPlan, ids_of
from distill.training.losses.spans import SharedTokens, Span, align, shared_tokens, side, span_events
from distill.training.losses.spelling import token_bytes, unspaced, whole_text
from export.checkpoint import load_student, load_tokenizer, read_config


@dataclass(frozen=True, slots=True)
class Spelling:
    """What the ids of both models write, which tokens they share, and the teacher's tokenizer."""

    ours: tuple[bytes, ...]
    theirs: tuple[bytes, ...]
    shared: SharedTokens
    tokenizer: Any


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as both models have it, and the spans that their tokens make of it."""

    ours: Example
    theirs: Example
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Teacher:
    """The teacher, frozen, computing as its student does; the packed way where it has one."""

    model: Any
    device: Any
    decoder: PackedDecoder | None = None
    reading: Reading | None = None
    spelling: Spelling | None = None

    def compare(
        self, logits: Tensor, micro: Sequence[Example], loss: Loss, config: DivergenceConfig
    ) -> Tensor:
        """The loss of the student's `logits` (labelled position, vocabulary) of a micro-batch, in nats, summed."""
        if self.reading is None or self.spelling is None:
            return loss(logits, self._logits(micro), config)
        shared = self.spelling.shared
        read = [_read(example, self.reading, self.spelling) for example in micro]
        # Those with the same worked examples stand side by side, so that these are read once.
        order = sorted(range(len(read)), key=lambda place: read[place].theirs.ids)
        ours, theirs = [text.ours for text in read], [read[place].theirs for place in order]
        starts, their_starts = _starts(ours), dict(zip(order, _starts(theirs), strict=True))
        places = [(place, span) for place, text in enumerate(read) for span in text.spans]
        own = side([_after(starts[place], span.ours) for place, span in places], _written(ours), self.device)
        other = side(
            [_after(their_starts[place], span.theirs) for place, span in places],
            _written(theirs),
            self.device,
        )
        begins = shared.place_of_ours[own.begins], shared.place_of_theirs[other.begins]
        with torch.no_grad():
            their_events = span_events(self._logits(theirs), other, shared.theirs, begins)
        return loss(span_events(logits, own, shared.ours, begins), their_events, config)

    def _logits(self, micro: Sequence[Example]) -> Tensor:
        with torch.no_grad():
            if self.decoder:
                return self.decoder.logits(micro)[0]
            return labeled_logits(self.model, micro, self.device)[0]


def open_teacher(plan: TeacherPlan, base: Path, end: int, device: Any, dtype: Any) -> Teacher:
    """The teacher of a student of `base`, whose texts end with the id `end`."""
    model = load_student(plan.folder, dtype=dtype).to(device).requires_grad_(False)
    decoder, _ = packed_decoder(model)
    if plan.reading is None:
        return Teacher(model, device, decoder)
    ours, theirs = _spelled(base, end), _spelled(plan.folder, plan.reading.end)
    spelling = Spelling(ours, theirs, shared_tokens(ours, theirs, device), load_tokenizer(plan.folder))
    return Teacher(model, device, decoder, plan.reading, spelling)


def _spelled(folder: Path, end: int) -> tuple[bytes, ...]:
    return token_bytes(folder, read_config(folder)["vocab_size"], end)


def _read(example: Example, reading: Reading, spelling: Spelling) -> _Text:
    prompt, completion = example.ids[: example.prompt_len], example.ids[example.prompt_len :]
    written = unspaced([spelling.ours[token] for token in completion])
    text, ended = whole_text(b"".join(written))
    ids = (*ids_of(spelling.tokenizer, text), *([reading.end] if ended else []))
    asked = reading.prompt(prompt)
    spans = align(written, unspaced([spelling.theirs[token] for token in ids]))
    return _Text(example, Example((*asked, *ids), len(asked)), list(spans))


def _starts(examples: Sequence[Example]) -> list[int]:
    """The row of each one's first labelled logits."""
    return list(accumulate((example.labels for example in examples), initial=0))[:-1]


def _written(examples: Sequence[Example]) -> list[int]:
    return [token for example in examples for token in example.ids[example.prompt_len :]]


def _after(start: int, tokens: range) -> range:
    return range(start + tokens.start, start + tokens.stop)
