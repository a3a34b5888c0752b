"""Equations: text of a system in, one exact value or a named failure out.

The order of the work, one file a step: `plain_text` (unicode to ASCII), `tokens`, `parser` (trees of `tree`),
`reading` (a whole text to a `System`), `substitution` (known right-hand sides), `elimination` (exact linear systems),
`reassignment` (names given twice), `symbolic` (sympy, only in its own worker), all called in turn by `solving`.
`canonical` compares systems up to names and order; `printing` writes a tree back as text.
Nothing here evaluates text: a hand-written tokenizer and parser build trees, and only trees are computed.
"""
