"""Examples laid end to end: one row of tokens without padding, and who may attend to whom.

Every product of a decoder but attention's works on single tokens, so padding there is waste, and so is reading a
question once for each of its thoughts: neighbours that begin alike are a `PrefixGroup`, one prefix and a suffix each.
Attention needs one square a prefix group; squares of nearly equal size are computed together as a `Group`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distill.training.examples import Example, shared_tokens

if TYPE_CHECKING:
    from torch import Tensor

# A group is closed before its squares would hold more than this many times the area that its examples need.
PADDED_AREA = 1.25
# A prefix shorter than this is not worth sharing, nor one whose square has more than this many times the area.
MIN_PREFIX = 16
TREE_AREA = 1.5


@dataclass(frozen=True, slots=True)
class PrefixGroup:
    """Rows of neighbouring examples: `prefix` that all of them share, then `suffixes` of their own; no prefix for one."""

    prefix: int
    suffixes: tuple[int, ...]

    @property
    def rows(self) -> int:
        """All of them."""
        return self.prefix + sum(self.suffixes)


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring prefix groups that attend together: rows `start` to `end`, as squares of `length`, the longest's."""

    start: int
    members: tuple[PrefixGroup, ...]

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.start + sum(member.rows for member in self.members)

    @property
    def length(self) -> int:
        """Rows of the longest."""
        return max(member.rows for member in self.members)

    @property
    def count(self) -> int:
        """How many members it has."""
        return len(self.members)


@dataclass(frozen=True, slots=True)
class Pack:
    """A micro-batch end to end: `ids` and `positions` (row), the rows whose next token is labelled, and that token.

    `labeled` and `targets` (labelled position) stand in the order of the examples given, like padded ones.
    """

    ids: "Tensor"
    positions: "Tensor"
    labeled: "Tensor"
    targets: "Tensor"
    groups: tuple[Group, ...]


def pack(micro: Sequence[Example]) -> Pack:
    """Lay examples end to end in the order given; sorted by length they need the least padding in attention."""
    import torch

    ids: list[int] = []
    positions: list[int] = []
    labeled: list[int] = []
    trees: list[PrefixGroup] = []
    for prefix, members in prefix_groups(micro):
        ids += members[0].ids[:prefix]
        positions += range(prefix)
        for example in members:
            # The row of a suffix's token number n is n after this one.
            begin = len(ids) - prefix
            ids += example.ids[prefix:]
            positions += range(prefix, len(example.ids))
            labeled += range(begin + example.prompt_len - 1, begin + len(example.ids) - 1)
        trees.append(PrefixGroup(prefix, tuple(len(example.ids) - prefix for example in members)))
    return Pack(
        torch.tensor(ids),
        torch.tensor(positions),
        torch.tensor(labeled),
        torch.tensor([token for example in micro for token in example.ids[example.prompt_len :]]),
        tuple(_groups(trees)),
    )


def prefix_groups(micro: Sequence[Example]) -> Iterator[tuple[int, list[Example]]]:
    """Neighbours that pay as one prefix group, with the length of their prefix."""
    members, prefix = [micro[0]], 0
    for example in micro[1:]:
        longer = [*members, example]
        shared = shared_tokens(longer)
        tree = shared + sum(len(member.ids) - shared for member in longer)
        if shared >= MIN_PREFIX and tree**2 <= TREE_AREA * sum(len(member.ids) ** 2 for member in longer):
            members, prefix = longer, shared
            continue
        yield prefix, members
        members, prefix = [example], 0
    yield prefix, members


def _groups(prefix_groups: Sequence[PrefixGroup]) -> Iterator[Group]:
    members, start = [prefix_groups[0]], 0
    for group in prefix_groups[1:]:
        longest = max(group.rows, *(member.rows for member in members))
        needed = sum(member.rows**2 for member in members) + group.rows**2
        if (len(members) + 1) * longest**2 > PADDED_AREA * needed:
            closed = Group(start, tuple(members))
            yield closed
            start, members = closed.end, []
        members.append(group)
    yield Group(start, tuple(members))
