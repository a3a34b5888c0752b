"""Sizes that a system of equations may have. Anything larger is refused before it is computed."""

# Characters of a whole text: a thought of a small model stays under 2,000.
MAX_CHARACTERS = 20_000
# Equations after chains are taken apart; 200 is ten times the longest thought seen.
MAX_EQUATIONS = 200
# Brackets, signs and powers inside one another; bounds the recursion of parser and evaluator.
MAX_NESTING = 40
# Digits of one written number.
MAX_DIGITS = 400
# Bits of a numerator or denominator that a computation may reach (about 1,200 digits).
MAX_VALUE_BITS = 4_096
# Terms and degree of a polynomial that elimination may build.
MAX_TERMS = 200
MAX_DEGREE = 8
# Characters of a name that a reason quotes.
MAX_QUOTED = 40
# Unknowns of a system that is not linear that sympy may be asked about: beyond that its time is anybody's guess.
MAX_UNKNOWNS = 8
# With more unknowns than this and fewer equations sympy searches long and in vain.
FEW_UNKNOWNS = 3
# Powers of an unknown that sympy may be asked about.
MAX_EXPONENT = 64
