"""Equations: text of a system in, one exact value or a named failure out.

The order of the work, one file a step: `plain_text` (unicode to ASCII), `tokens` and `numerals`, `parser` (trees of
`tree`), `reading` (a whole text to its equations), `substitution` (known right-hand sides), `elimination` over
`polynomial` (exact linear systems), `reassignment` (names given twice), `branching` over `real_roots` (quadratics and
what hangs on them), `symbolic` (sympy, only in its own worker), all called in turn by `solving`; `choosing` says which of
several roots a problem means. `canonical` compares systems up to names and order, `eot` also tells whether a growing
text is done, `printing` writes trees back. `prose`, `runs` and `statements` find arithmetic in sentences, `closing` and
`stated` the number behind an answer phrase.
Nothing here evaluates text: a hand-written tokenizer and parser build trees, and only trees are computed.

What the contract leaves open, decided here:

- Words in a row are one name (`clips in may` is `clips_in_may`). `;` and a comma outside brackets part equations.
- A word after a number is a unit and dropped, unless the text uses it as a name elsewhere, it is the target, it is a
  single letter (`3x`, `2 y`; of `m g h l L s` only when glued), or it stands in a sum of an equation that defines no
  single name (`2 adult + 3 child = 40`). `/ word` behind a quantity is dropped alike (`60 miles / hour`).
- `of` behind a number, `x` between numbers and `mod` are operators; `million` and its like multiply. An unknown name
  in front of a bracket is a product if the text uses it as a name (`price (2 + 1)`), else an unknown function: refused.
- A line may check or annotate (`sold = 48 / 2 = 24`); a false one makes the system inconsistent. A number written with
  decimals agrees with what rounds to it, and the exact value is kept (`share = 10 / 3 = 3.33` is 10/3).
- Functions (`min max round floor ceil abs sqrt mod`) take known values; `round` rounds halves away from zero.
- Equations that the target does not need may stay unsolved, but none that can be checked may be false.
- Without any equation that names the target the system is `ambiguous`: nothing determines the value asked for.
"""
