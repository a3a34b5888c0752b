"""Models with other tokens are compared at the same places of the same text."""

from itertools import accumulate

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import log_softmax

from distill.training.losses.divergences import DIVERGENCES, LOSSES, DivergenceConfig
from distill.training.losses.spans import NONE, Span, align, shared_tokens, side, span_events

CUTS = st.lists(st.integers(1, 4), min_size=1, max_size=12)


def cut(text: bytes, sizes: list[int]) -> list[bytes]:
    ends = [min(end, len(text)) for end in accumulate(sizes)]
    pieces = [text[begin:end] for begin, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [piece for piece in pieces if piece]


@given(text=st.binary(min_size=1, max_size=30), ours=CUTS, theirs=CUTS)
def test_spans_are_the_shortest_pieces_that_both_have(
    text: bytes, ours: list[int], theirs: list[int]
) -> None:
    first, second = cut(text, ours), cut(text, theirs)
    spans = list(align(first, second))
    assert [token for span in spans for token in span.ours] == list(range(len(first)))
    assert [token for span in spans for token in span.theirs] == list(range(len(second)))
    for span in spans:
        mine, other = [first[n] for n in span.ours], [second[n] for n in span.theirs]
        assert b"".join(mine) == b"".join(other)
        inner = set(list(accumulate(map(len, mine)))[:-1]) & set(list(accumulate(map(len, other)))[:-1])
        assert not inner


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([b"an", b"s"], [b"ans"], [Span(range(2), range(1))]),
        # What follows a difference is not compared, nor a token that only one of them has ended.
        ([b"ans", b" =", b" 3"], [b"ans", b" :", b" 3"], [Span(range(1), range(1))]),
        ([b"ans", b" = 4"], [b"ans", b" "], [Span(range(1), range(1))]),
        # A token without bytes goes with the one before it.
        ([b"a", b"", b"b"], [b"a", b"b"], [Span(range(2), range(1)), Span(range(2, 3), range(1, 2))]),
        ([], [b"a"], []),
        ([b"\xc3"], [b""], []),
    ],
)
def test_where_texts_part(ours: list[bytes], theirs: list[bytes], expected: list[Span]) -> None:
    assert list(align(ours, theirs)) == expected


def test_the_same_tokens_are_compared_as_ever() -> None:
    """With all tokens shared, every divergence over events is the one over tokens."""
    torch.manual_seed(0)
    tokens = [bytes([65 + number]) for number in range(9)]
    ours, theirs, written = torch.randn(5, 9), torch.randn(5, 9), [3, 1, 4, 1, 5]
    shared = shared_tokens(tokens, tokens, "cpu")
    part = side([range(place, place + 1) for place in range(5)], written, "cpu")
    begins = shared.place_of_ours[part.begins], shared.place_of_theirs[part.begins]
    events = [span_events(logits, part, shared.ours, begins) for logits in (ours, theirs)]
    for name in (divergence.__name__ for divergence in DIVERGENCES):
        config = DivergenceConfig(beta=0.3)
        assert LOSSES[name](*events, config).item() == pytest.approx(
            LOSSES[name](ours, theirs, config).item(), rel=1e-4
        )


def test_events_of_a_span_by_hand() -> None:
    """Ours writes `an`, `s`; theirs `ans`. Both have `an` and `x`: only `x` is an event of its own."""
    our_tokens, their_tokens = [b"an", b"s", b"x"], [b"ans", b"x", b"an", b"y"]
    ours = torch.tensor([[0.5, 0.2, 0.3], [0.1, 0.7, 0.2]]).log()
    theirs = torch.tensor([[0.4, 0.1, 0.2, 0.3]]).log()
    shared = shared_tokens(our_tokens, their_tokens, "cpu")
    assert (shared.ours.tolist(), shared.theirs.tolist()) == ([0, 2], [2, 1])
    own, other = side([range(2)], [0, 1], "cpu"), side([range(1)], [0], "cpu")
    begins = shared.place_of_ours[own.begins], shared.place_of_theirs[other.begins]
    assert [places.tolist() for places in begins] == [[0], [-1]]
    found = span_events(ours, own, shared.ours, begins).exp()
    # `x`, then `ans` = 0.5 * 0.7, then the rest: `s`, and `an` with something else after it.
    assert found.tolist() == [pytest.approx([0, 0.3, 0.35, 0.2 + 0.15], abs=1e-6)]
    found = span_events(theirs, other, shared.theirs, begins).exp()
    assert found.tolist() == [pytest.approx([0, 0.1, 0.4, 0.3 + 0.2], abs=1e-6)]


@given(seed=st.integers(0, 10**6), sizes=CUTS, other_sizes=CUTS)
def test_events_are_a_whole_distribution_and_teach(
    seed: int, sizes: list[int], other_sizes: list[int]
) -> None:
    torch.manual_seed(seed)
    text = b"ans = 12 * 30 + 5"
    first, second = cut(text, sizes), cut(text, other_sizes)
    our_tokens, their_tokens = [*dict.fromkeys(first), b"q", b"only"], [*dict.fromkeys(second), b"q"]
    our_ids, their_ids = [our_tokens.index(t) for t in first], [their_tokens.index(t) for t in second]
    shared, spans = shared_tokens(our_tokens, their_tokens, "cpu"), list(align(first, second))
    logits = torch.randn(len(first), len(our_tokens), requires_grad=True)
    own = side([span.ours for span in spans], our_ids, "cpu")
    other = side([span.theirs for span in spans], their_ids, "cpu")
    begins = shared.place_of_ours[own.begins], shared.place_of_theirs[other.begins]
    ours = span_events(logits, own, shared.ours, begins)
    theirs = span_events(torch.randn(len(second), len(their_tokens)), other, shared.theirs, begins)
    assert ours.exp().sum(1).tolist() == pytest.approx([1.0] * len(spans), abs=1e-4)
    assert theirs.exp().sum(1).tolist() == pytest.approx([1.0] * len(spans), abs=1e-4)
    loss = LOSSES["forward_kl"](ours, theirs, DivergenceConfig())
    loss.backward()
    assert loss.item() >= -1e-5 and logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())


def test_a_token_that_the_student_lacks_costs_no_infinity() -> None:
    our_tokens, their_tokens = [b"a", b"b"], [b"a", b"b", b"c"]
    shared = shared_tokens(our_tokens, their_tokens, "cpu")
    part = side([range(1)], [0], "cpu")
    begins = shared.place_of_ours[part.begins], shared.place_of_theirs[part.begins]
    logits = torch.tensor([[2.0, 0.0]], requires_grad=True)
    theirs = torch.tensor([[0.2, 0.2, 0.6]]).log()
    events = span_events(logits, part, shared.ours, begins)
    loss = LOSSES["forward_kl"](events, span_events(theirs, part, shared.theirs, begins), DivergenceConfig())
    assert 0 < loss.item() < -NONE
    loss.backward()
    # What the teacher has for the shared tokens is even, so the student moves there.
    assert logits.grad is not None and logits.grad[0, 0] > 0 > logits.grad[0, 1]


def test_a_shared_tokens_place_is_the_first_ids() -> None:
    shared = shared_tokens([b"", b"a", b"a", b"b"], [b"b", b"", b"a"], "cpu")
    assert (shared.ours.tolist(), shared.theirs.tolist()) == ([1, 3], [2, 0])
    assert shared.place_of_ours.tolist() == [-1, 0, -1, 1] and shared.place_of_theirs.tolist() == [1, -1, 0]
    assert log_softmax(torch.zeros(1, 2), -1).exp().tolist() == [[0.5, 0.5]]
