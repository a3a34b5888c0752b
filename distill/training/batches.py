"""Examples laid end to end: one row of tokens without padding, and who may attend to whom.

Every product of a decoder but attention's works on single tokens, so padding there is waste, and so is reading a
question once for each of its thoughts: neighbours that begin alike are a `Family`, a tree of one trunk and a branch
each. Attention needs one square a family; squares of nearly equal size are computed together as a `Group`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distill.training.examples import Example, shared_tokens

if TYPE_CHECKING:
    from torch import Tensor

# A group is closed before its squares would hold more than this many times the area that its examples need.
PADDED_AREA = 1.25
# A trunk shorter than this is not worth a tree, nor one whose square has more than this many times the area.
LEAST_TRUNK = 16
TREE_AREA = 1.5


@dataclass(frozen=True, slots=True)
class Family:
    """Rows of neighbouring examples: `trunk` that all of them share, then `branches` of their own; no trunk for one."""

    trunk: int
    branches: tuple[int, ...]

    @property
    def rows(self) -> int:
        """All of them."""
        return self.trunk + sum(self.branches)


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring families that attend together: rows `start` to `end`, as squares of `length`, the longest's."""

    start: int
    families: tuple[Family, ...]

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.start + sum(family.rows for family in self.families)

    @property
    def length(self) -> int:
        """Rows of the longest."""
        return max(family.rows for family in self.families)

    @property
    def count(self) -> int:
        """Families in it."""
        return len(self.families)


@dataclass(frozen=True, slots=True)
class Pack:
    """A micro-batch end to end: `ids` and `positions` (row), the rows whose next token is labelled, and that token.

    `labelled` and `targets` (labelled position) stand in the order of the examples given, like padded ones.
    """

    ids: "Tensor"
    positions: "Tensor"
    labelled: "Tensor"
    targets: "Tensor"
    groups: tuple[Group, ...]


def pack(micro: Sequence[Example]) -> Pack:
    """Lay examples end to end in the order given; sorted by length they need the least padding in attention."""
    import torch

    ids: list[int] = []
    positions: list[int] = []
    labelled: list[int] = []
    trees: list[Family] = []
    for trunk, members in families(micro):
        ids += members[0].ids[:trunk]
        positions += range(trunk)
        for example in members:
            # The row of a branch's token number n is n after this one.
            begin = len(ids) - trunk
            ids += example.ids[trunk:]
            positions += range(trunk, len(example.ids))
            labelled += range(begin + example.labelled_from - 1, begin + len(example.ids) - 1)
        trees.append(Family(trunk, tuple(len(example.ids) - trunk for example in members)))
    return Pack(
        torch.tensor(ids),
        torch.tensor(positions),
        torch.tensor(labelled),
        torch.tensor([token for example in micro for token in example.ids[example.labelled_from :]]),
        tuple(_groups(trees)),
    )


def families(micro: Sequence[Example]) -> Iterator[tuple[int, list[Example]]]:
    """Neighbours that pay as one tree, with the length of their trunk."""
    members, trunk = [micro[0]], 0
    for example in micro[1:]:
        longer = [*members, example]
        shared = shared_tokens(longer)
        tree = shared + sum(len(member.ids) - shared for member in longer)
        if shared >= LEAST_TRUNK and tree**2 <= TREE_AREA * sum(len(member.ids) ** 2 for member in longer):
            members, trunk = longer, shared
            continue
        yield trunk, members
        members, trunk = [example], 0
    yield trunk, members


def _groups(families: Sequence[Family]) -> Iterator[Group]:
    members, start = [families[0]], 0
    for family in families[1:]:
        longest = max(family.rows, *(member.rows for member in members))
        needed = sum(member.rows**2 for member in members) + family.rows**2
        if (len(members) + 1) * longest**2 > PADDED_AREA * needed:
            group = Group(start, tuple(members))
            yield group
            start, members = group.end, []
        members.append(family)
    yield Group(start, tuple(members))
