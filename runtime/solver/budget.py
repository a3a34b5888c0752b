"""Meter: what one thought may spend. Fuel, the clock and sizes are checked here and nowhere else.

Every loop over model text or values calls `spend` with the cost of what it is about to do, *before* doing it.
One unit is about a tenth of a microsecond of plain Python. Counting steps is not enough (one `pow` can take a
minute), so sizes are guarded too, and the clock is looked at once per slice of fuel.
"""

from time import process_time

# Fuel between two looks at the clock: well under a millisecond.
SLICE = 5_000
DEFAULT_FUEL = 3_000_000
# Bits of the largest whole number a thought may hold (about 9,800 digits; 1000! needs 8,530 bits).
MAX_BITS = 32_768
# Items of the longest list, text or table a thought may hold.
MAX_ITEMS = 100_000


class OverBudget(Exception):
    """The thought spent its fuel, its time or its size; the text says which."""


class NeedsSympy(Exception):
    """Exact elimination cannot finish this: the solver hands the same request to the worker with sympy.

    Raise it only where `meter.symbolic` is false; where it is true, sympy is imported and ready.
    """


class Budget:
    """Fuel and clock of one request. `deadline` is in `process_time` seconds; None means no clock."""

    __slots__ = ("_next_look", "deadline", "fuel", "symbolic")

    def __init__(
        self, fuel: int = DEFAULT_FUEL, deadline: float | None = None, *, symbolic: bool = False
    ) -> None:
        self.fuel = fuel
        self.deadline = deadline
        self.symbolic = symbolic
        self._next_look = fuel - SLICE

    def spend(self, cost: int = 1) -> None:
        """Pay for the work that comes next; raises OverBudget when fuel or time is gone."""
        self.fuel -= cost
        if self.fuel < self._next_look:
            self._look()

    def _look(self) -> None:
        if self.fuel < 0:
            raise OverBudget("too many steps")
        if self.deadline is not None and process_time() > self.deadline:
            raise OverBudget("out of time")
        self._next_look = self.fuel - SLICE

    def check_bits(self, bits: int) -> None:
        """Refuse a whole number of `bits` bits before it is computed; pays for its size."""
        if bits > MAX_BITS:
            raise OverBudget(f"a number of more than {MAX_BITS * 3 // 10:,} digits")
        self.spend(1 + (bits >> 8))

    def check_digits(self, digits: int) -> None:
        """Refuse a whole number of `digits` decimal digits before it is read, printed or computed."""
        self.check_bits(digits * 10 // 3)

    def check_items(self, items: int) -> None:
        """Refuse a list, text or table of `items` items before it is built; pays for its length."""
        if items > MAX_ITEMS:
            raise OverBudget(f"more than {MAX_ITEMS:,} items in one value")
        self.spend(1 + (items >> 2))
