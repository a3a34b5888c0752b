"""How fast the solver is, and how it stands beside the usual way: `python -m scripts.speed.solver_speed [--json]`.

Latency through the isolated worker, throughput, the worst of a few hostile texts, the parent's memory over
100,000 requests, and the time to import. The usual way (`parse_expr` and `sympy.solve`) runs in the same
process on the same FIXED texts below, and on nothing else: it evaluates what it is given.
"""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

from runtime.solver.solver import Solver
from runtime.values.prompt import Thought
from scripts.speed.harness import arguments, memory, show

# Five lines each, with the values asked for. Written here; never read from anywhere.
EQUATIONS = (
    "apples = 12\nprice = 3 / 4\ncost = apples * price\npaid = 20\nans = paid - cost",
    "total = boys + girls\ntotal = 30\nboys = 2 * girls\nlost = 4\nans = boys - lost",
    "speed = 60\nhours = 5 / 2\nway = speed * hours\nrest = 200 - way\nans = rest / 2",
    "x + y = 50\n3 * x + 2 * y = 120\nbonus = 5\ntwice = 2 * x\nans = twice + bonus",
    "a = 7\nb = a + 5\nc = b * 4\nd = c / 6\nans = a + b + c + d",
)
PROGRAMS = (
    "apples = 12\nprice = 0.75\ncost = apples * price\npaid = 20\nans = paid - cost",
    "girls = 10\nboys = 2 * girls\nlost = 4\nleft = boys - lost\nans = left",
    "speed = 60\nhours = 2.5\nway = speed * hours\nrest = 200 - way\nans = rest / 2",
    "total = 0\nfor day in range(5):\n    total += day * 2\nbonus = 5\nans = total + bonus",
    "a = 7\nb = a + 5\nc = b * 4\nd = c / 6\nans = a + b + c + d",
)
# The worst of each class in the project's attack table: endless, growing, deep, seen only by C, and sympy's own.
_DEEP = "a, b = [1], [1]\nfor _ in range(60):\n    a, b = [a, a], [b, b]\n"
HOSTILE: tuple[tuple[Thought, str], ...] = (
    ("pot", "while True: pass"),
    ("pot", "ans = 9 ** 9 ** 9"),
    ("pot", "x = [0]\nwhile True: x += x"),
    ("pot", "x = []\nwhile True: x = [x, x]"),
    ("pot", _DEEP + "ans = a == b"),
    ("pot", _DEEP + "ans = a in [b]"),
    ("pot", "t = 1\nfor i in range(10 ** 6): t = (t, t)\nans = len({t})"),
    ("pot", "g = iter([1])\nfor i in range(10 ** 6): g = map(abs, g)\nans = next(g)"),
    ("pot", "from itertools import *\nans = sum(count())"),
    ("pot", "from itertools import *\nans = sum(1 for x in product(range(100), repeat=10))"),
    (
        "pot",
        "from fractions import Fraction\nans = len({Fraction(1, k * (2 ** 61 - 1)) for k in range(1, 10 ** 5)})",
    ),
    ("pot", "ans = pow(2, 10 ** 9000, 10 ** 9000 + 1)"),
    ("pot", "a = list(range(99999))\nwhile True: a.sort(key=lambda x: (x * 7919) % 99991)"),
    ("pot", "x = 1 / 3 ** 800\nwhile True: x.limit_denominator(10 ** 300)"),
    ("pot", "x = symbols('x')\ny = (x + 1) ** 8\nfor i in range(8): y = y * (x + i)\nans = solve(y - 5, x)"),
    ("eot", "ans = " + "(" * 5000 + "1" + ")" * 5000),
    ("eot", "(x + 1/3) ^ 60 - (x - 1/7) ^ 59 = 1/11\nans = x"),
    ("eot", "2 ^ x + 3 ^ x = x ^ 7\nans = x"),
    ("eot", "sqrt(x + sqrt(x + sqrt(x + 1))) = 7 / 3\nans = x"),
    ("eot", "x ^ 2 + y ^ 2 + z ^ 2 = 14\nx * y * z = 6\nx + y ^ 3 + z = 12\nans = x"),
    ("eot", "x ^ (1/3) + x ^ (1/5) = 7\nans = x"),
    ("eot", "x ^ y = 8\ny ^ x = 9\nans = x"),
    ("cot", "The answer is 5" + " or 6" * 3000),
)
WARM_UP = 200
ROUNDS = 400
FLAT_REQUESTS = 100_000


def main() -> None:
    """Measure, and print a table or one JSON row."""
    parser = arguments(__doc__)
    parser.add_argument("--requests", type=int, default=FLAT_REQUESTS, help="requests of the memory test")
    options = parser.parse_args()
    show([measure(options.requests)], options.json)


def measure(flat_requests: int) -> dict[str, object]:
    """Every figure, by name; times in the unit that the name ends in."""
    row: dict[str, object] = {"machine": platform.machine(), "python": platform.python_version()}
    row["load_average"] = round(os.getloadavg()[0], 1)
    row["import_ms"] = round(import_milliseconds(), 1)
    with on_one_core(), Solver(workers=1) as solver:
        row["isolation"] = solver.solve("pot", PROGRAMS[0]).isolation
        sets: tuple[tuple[Thought, tuple[str, ...]], ...] = (("eot", EQUATIONS), ("pot", PROGRAMS))
        for thought, texts in sets:
            times = sorted(latencies(partial(solver.solve, thought), texts))
            row[f"{thought}_median_ms"] = round(median(times), 4)
            row[f"{thought}_p99_ms"] = round(times[len(times) * 99 // 100], 4)
        row["solve_many_1_worker_per_s"] = throughput(solver)
    with Solver(workers=2) as solver:
        row["solve_many_2_workers_per_s"] = throughput(solver)
        row["worst_hostile_s"] = round(worst_hostile(solver), 3)
        row["parent_growth_kib"] = growth(solver, flat_requests)
    with on_one_core():
        usual = median(latencies(usual_way, EQUATIONS))
    row["usual_way_median_ms"] = round(usual, 3)
    row["times_faster"] = round(usual / float(str(row["eot_median_ms"])), 1)
    return row


@contextmanager
def on_one_core() -> Iterator[None]:
    """This process, and the workers that it starts meanwhile, on one core, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def latencies(solve: Callable[[str], object], texts: tuple[str, ...]) -> Iterator[float]:
    """Milliseconds of each call after a warm-up."""
    for n in range(WARM_UP):
        solve(texts[n % len(texts)])
    for n in range(ROUNDS * len(texts)):
        started = time.perf_counter()
        solve(texts[n % len(texts)])
        yield (time.perf_counter() - started) * 1000


def requests(count: int) -> Iterator[tuple[Thought, str]]:
    """Equations and programs in turn."""
    for n in range(count):
        yield ("eot", EQUATIONS[n % 5]) if n % 2 else ("pot", PROGRAMS[n % 5])


def throughput(solver: Solver, count: int = 10_000) -> int:
    """Requests a second through `solve_batch`; raises RuntimeError unless every one of them is solved."""
    solved = sum(outcome.solved for outcome in solver.solve_batch(requests(500)))
    started = time.perf_counter()
    solved += sum(outcome.solved for outcome in solver.solve_batch(requests(count)))
    seconds = time.perf_counter() - started
    if solved != count + 500:
        raise RuntimeError(f"{count + 500 - solved} honest thoughts were not solved")
    return round(count / seconds)


def worst_hostile(solver: Solver) -> float:
    """Seconds of the slowest hostile text, with both kinds of worker warm."""
    solver.solve("eot", "sqrt(x + 2) = 3\nans = x")
    worst = 0.0
    for thought, text in HOSTILE:
        started = time.perf_counter()
        outcome = solver.solve(thought, text)
        worst = max(worst, time.perf_counter() - started)
        if outcome.solved:
            raise RuntimeError(f"a hostile text was solved: {text[:60]!r}")
    return worst


def growth(solver: Solver, count: int) -> int | None:
    """KiB by which the parent's resident memory grows over `count` requests; None where there is no /proc."""
    held = []
    for share in (count // 10, count):
        sum(outcome.solved for outcome in solver.solve_batch(requests(share)))
        held.append(memory(os.getpid())[0])
    return (held[1] - held[0]) // 1024 if held[0] else None


def import_milliseconds() -> float:
    """Least of seven: what `import runtime.solver.solver` adds to an empty interpreter."""
    code = (
        "import time; a = time.perf_counter(); import runtime.solver.solver; print(time.perf_counter() - a)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
        )
        for _ in range(7)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def usual_way(text: str) -> object:
    """What scripts of this field do: sympy's parser (which evaluates) and `solve`. Only for the texts above."""
    if text not in EQUATIONS:
        raise RuntimeError("sympy's parser evaluates its text: only this script's own texts may go in")
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    sides = [line.split(" = ") for line in text.split("\n")]
    equations = [sympy.Eq(parse_expr(left), parse_expr(right)) for left, right in sides]
    return sympy.solve(equations, dict=True)[0][sympy.Symbol("ans")]


if __name__ == "__main__":
    main()
