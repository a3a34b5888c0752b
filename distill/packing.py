"""Examples laid end to end: one row of tokens without padding, and who may attend to whom.

Every product of a decoder but attention's works on single tokens, so padding there is waste. Attention needs one
square an example; squares of nearly equal size are computed together as a `Group`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distill.examples import Example

if TYPE_CHECKING:
    from torch import Tensor

# A group is closed before its squares would hold more than this many times the area that its examples need.
PADDED_AREA = 1.25


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring examples that attend together: rows `start` to `end`, `count` examples padded to `length`.

    `padded` (count * length) says which row of the group, counted from its start, stands at a padded place, and
    `real` (end - start) at which padded place a row stands; both are None where all examples are equally long.
    """

    start: int
    end: int
    count: int
    length: int
    padded: "Tensor | None"
    real: "Tensor | None"


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

    ids = [token for example in micro for token in example.ids]
    positions = [position for example in micro for position in range(len(example.ids))]
    labelled: list[int] = []
    start = 0
    for example in micro:
        labelled += range(start + example.labelled_from - 1, start + len(example.ids) - 1)
        start += len(example.ids)
    return Pack(
        torch.tensor(ids),
        torch.tensor(positions),
        torch.tensor(labelled),
        torch.tensor([ids[row + 1] for row in labelled]),
        tuple(_groups([len(example.ids) for example in micro])),
    )


def _groups(lengths: Sequence[int]) -> Sequence[Group]:
    groups, members, start = [], [lengths[0]], 0
    for length in lengths[1:]:
        longest = max(*members, length)
        needed = sum(member**2 for member in members) + length**2
        if (len(members) + 1) * longest**2 > PADDED_AREA * needed:
            groups.append(_group(members, start))
            start += sum(members)
            members = []
        members.append(length)
    return [*groups, _group(members, start)]


def _group(lengths: Sequence[int], start: int) -> Group:
    import torch

    longest = max(lengths)
    if min(lengths) == longest:
        return Group(start, start + sum(lengths), len(lengths), longest, None, None)
    padded: list[int] = []
    real: list[int] = []
    row = 0
    for number, length in enumerate(lengths):
        # What stands at the end of a short example is never read; any row will do.
        padded += [*range(row, row + length), *[row] * (longest - length)]
        real += range(number * longest, number * longest + length)
        row += length
    return Group(start, start + row, len(lengths), longest, torch.tensor(padded), torch.tensor(real))
