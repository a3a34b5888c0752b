"""Rationales to token ids, and token ids to the batches of every step.

The whole plan of a run is a pure function of the examples and the seed, so that a run that was killed goes on with
exactly the batches it would have seen.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from runtime.values.errors import InputError
from runtime.values.prompt import render_prompt
from runtime.values.rationale import Rationale


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids of prompt, completion and end token; the loss counts from `prompt_len` on.

    `right` is False of a sample that is there to be turned from, in preference training.
    """

    ids: tuple[int, ...]
    prompt_len: int
    right: bool = True

    @property
    def labels(self) -> int:
        """How many tokens carry loss."""
        return len(self.ids) - self.prompt_len


def tokenize(rationales: Iterable[Rationale], tokenizer: Any, end_token: int) -> Iterator[Example]:
    """Prompt and completion are tokenised apart and joined, as the device does it."""
    for rationale in rationales:
        prompt = tokenizer.encode(
            render_prompt(rationale.problem.question, rationale.thought), add_special_tokens=False
        )
        completion = tokenizer.encode(rationale.text.rstrip(), add_special_tokens=False)
        yield Example((*prompt, *completion, end_token), len(prompt), rationale.verified)


def check_spelling(rationales: Iterable[Rationale], tokenizer: Any) -> None:
    """Raise InputError when the tokenizer cannot give a rationale back as it was written."""
    for rationale in rationales:
        text = rationale.text.rstrip()
        back = tokenizer.decode(tokenizer.encode(text, add_special_tokens=False))
        if back != text:
            raise InputError(
                f"this base's tokenizer gives {text[:60]!r} back as {back[:60]!r}; expected: one that keeps every "
                "character, line breaks too (CodeT5's does; FlanT5's needs them added)"
            )


def shared_tokens(examples: Sequence[Example]) -> int:
    """How many first tokens of their prompts are the same for all; a prompt's last token, which is labelled, never is."""
    most = min(example.prompt_len for example in examples) - 1
    columns = zip(*(example.ids[:most] for example in examples), strict=True)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def by_prompt(examples: Sequence[Example]) -> Iterator[list[int]]:
    """Places of the examples that answer the same prompt."""
    found: dict[tuple[int, ...], list[int]] = {}
    for place, example in enumerate(examples):
        found.setdefault(example.ids[: example.prompt_len], []).append(place)
    yield from found.values()


def plan_steps(
    units: Sequence[Sequence[Example]], *, epochs: int, batch_size: int, max_tokens_per_batch: int, seed: int
) -> list[list[list[Example]]]:
    """Steps of micro-batches of examples: shuffled each epoch, then sorted by length inside a step.

    A unit's examples stay together, what they share counted once; a step has at least `batch_size` of them, but
    for an epoch's last. A micro-batch holds at most `max_tokens_per_batch` tokens, padding
    included (a longer unit stands alone).
    """
    order = random.Random(seed)
    steps = []
    for _ in range(epochs):
        for batch in _batches(order.sample(list(units), len(units)), batch_size):
            steps.append(list(_micro_batches(sorted(batch, key=_tokens), max_tokens_per_batch)))
    return steps


def _tokens(unit: Sequence[Example]) -> int:
    return sum(len(example.ids) for example in unit) - (len(unit) - 1) * shared_tokens(unit)


def _batches(units: Iterable[Sequence[Example]], examples: int) -> Iterator[list[Sequence[Example]]]:
    batch: list[Sequence[Example]] = []
    for unit in units:
        batch.append(unit)
        if sum(map(len, batch)) >= examples:
            yield batch
            batch = []
    if batch:
        yield batch


def _micro_batches(batch: Sequence[Sequence[Example]], max_tokens_per_batch: int) -> Iterator[list[Example]]:
    """Cut a batch sorted by length; the last unit is the longest, so it decides the padding."""
    micro: list[Sequence[Example]] = []
    for unit in batch:
        if micro and (len(micro) + 1) * _tokens(unit) > max_tokens_per_batch:
            yield [example for one in micro for example in one]
            micro = []
        micro.append(unit)
    if micro:
        yield [example for one in micro for example in one]
