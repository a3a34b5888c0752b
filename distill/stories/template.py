"""Template: the declarative form in which a story is written down.

    Template(
        "pens_in_boxes",
        draw={"boxes": whole(2, 9), "each": whole(4, 24), "item": one_of("pen", "crayon")},
        ask=("{who} buys {boxes box} of {items}. A box holds {each item}. How many {items} does {he} have?",),
        solve=(("ans", "boxes * each", "{who} has {=} {items}."),),
    )

In texts, `[a|b]` is a free choice of wording. Slots:

- `{boxes}` a number as people write it; `{boxes box}` with its noun, singular or plural; the noun may be a
  drawn word (`{each item}`);
- `{item}` a drawn word, `{items}` its plural;
- `{who}`, `{friend}`, `{third}` three different people; `{he}`, `{him}`, `{his}` mean `who`, `{friend.he}`
  the friend;
- in the sentence of a step `{=}` is the arithmetic with its result. It also says what the result may be:
  `{=}` a whole number, `{=$}` dollars and cents, `{=.}` up to two decimals, `{=%}` a whole percentage.
  Results are always positive.

`a` becomes `an` and sentences get their capital by themselves. Names of steps may hold slots (`{items}_left`)
and become snake_case; expressions refer to earlier steps by the same text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from distill.stories.draws import Draw

Line = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """One story: `ask` its wordings, `solve` its steps (name, expression, sentence), the last named `ans`.

    `draw` maps a slot, or several slots with spaces between them, to what fills it. `check` lists comparisons
    over drawn numbers and steps that must hold besides the results being positive and of their kind.
    """

    name: str
    draw: Mapping[str, Draw]
    ask: tuple[str, ...]
    solve: tuple[Line, ...]
    check: tuple[str, ...] = ()
