"""What more samples of one question are worth: pass@k and vote@k, from the votes that samples carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from benchmarks.scoring.samples import Sample
from runtime.answering.questions.expected import expected_of
from runtime.values.answers import MAX_DIGITS, Tolerance, matches_gold, parse_answer
from runtime.values.errors import InputError

RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Attempts:
    """By k: the chance that one of k samples is right, and that a plain majority vote of k samples is.

    `n` problems had all their `drawn` samples. Fractions of one.
    """

    n: int
    drawn: int
    pass_at: dict[int, float]
    vote_at: dict[int, float]


def attempts_of(
    samples: Sequence[Sample], drawn: int, tolerance: Tolerance = "exact", seed: int = 0
) -> Attempts | None:
    """Count the votes of `drawn` samples a question, all of which were written; None where no answer carries votes.

    pass@k is the unbiased estimate of Chen et al. (arXiv 2107.03374). vote@k is the mean over random choices of k of
    the samples, ties shared; samples that came to nothing do not vote. Both take samples as exchangeable, also where
    they are of several thoughts. Raises InputError where a question has more votes than samples.
    """
    voted = [sample for sample in samples if sample.votes or sample.status != "solved"]
    if not any(sample.votes for sample in samples):
        return None
    ks = sorted({*(2**power for power in range(drawn.bit_length())), drawn})
    passed, votes = dict.fromkeys(ks, 0.0), dict.fromkeys(ks, 0.0)
    for number, sample in enumerate(voted):
        counts, right = list(sample.votes.values()), _right_ones(sample, tolerance)
        if sum(counts) > drawn:
            raise InputError(
                f"{sample.id} has {sum(counts)} votes of {drawn} samples; expected: at most these"
            )
        correct = sum(count for count, good in zip(counts, right, strict=True) if good)
        shares = _vote_shares(counts, right, drawn, ks, seed + number)
        for k in ks:
            passed[k] += 1 - comb(drawn - correct, k) / comb(drawn, k)
            votes[k] += shares[k]
    n, votes[1] = len(voted), passed[1]  # one vote is one sample
    return Attempts(n, drawn, {k: passed[k] / n for k in ks}, {k: votes[k] / n for k in ks})


def _right_ones(sample: Sample, tolerance: Tolerance) -> list[bool]:
    read = expected_of(sample.question).read
    return [
        len(value) <= MAX_DIGITS and matches_gold(read(parse_answer(value)), sample.gold, tolerance)
        for value in sample.votes
    ]


def _vote_shares(
    counts: Sequence[int], right: Sequence[bool], drawn: int, ks: Sequence[int], seed: int
) -> dict[int, float]:
    """How often a majority of k of the samples is right, over random orders of them; a tie counts by its right share."""
    import numpy as np

    if not any(right):
        return dict.fromkeys(ks, 0.0)
    values = np.repeat(np.arange(len(counts) + 1), [*counts, drawn - sum(counts)])
    orders = np.random.default_rng(seed).permuted(np.tile(values, (RESAMPLES, 1)), axis=1)
    # (order, sample, value): how many votes each value has after so many samples; the last value is none.
    tally = np.cumsum(orders[:, :, None] == np.arange(len(counts)), axis=1)
    most = tally.max(axis=2, keepdims=True)
    leading = (tally == most) & (most > 0)
    good = (leading & np.asarray(right)).sum(axis=2) / np.maximum(1, leading.sum(axis=2))
    return {k: float(good[:, k - 1].mean()) for k in ks}
