"""The program interpreter: what it computes, exactly, and why it does not."""

from fractions import Fraction

import pytest

from runtime.solver.budget import Budget, NeedsSympy, OverBudget
from runtime.solver.programs.running import run_program

SOLVED: list[tuple[str, object]] = [
    ("ans = 0.1 + 0.2", "3/10"),
    ("ans = 7 / 2", "7/2"),
    ("ans = -7 // 2", -4),
    ("ans = -7 % 3", 2),
    ("ans = 7.5 // 2", 3),
    ("ans = 2 ** -2", "1/4"),
    ("ans = 10 ** 9000 // 10 ** 8999", 10),
    ("from collections import deque\nd = deque([1, 2, 3], maxlen=2)\nd.append(4)\nans = sum(d)", 7),
    ("ans = 27 ** (1/3)", 3),
    ("ans = 1e3", 1000),
    ("ans = 1_000 + 0x10", 1016),
    ("ans = round(2.675, 2)", "67/25"),
    ("ans = round(2.5)", 2),
    ("ans = round(1234, -2)", 1200),
    ("ans = int(0.29 * 100)", 29),
    ("x = 5\nx += 2\nx *= 3\nans = x", 21),
    ("a, b = 3, 4\na, b = b, a\nans = a - b", 1),
    ("a, *rest, z = [1, 2, 3, 4]\nans = sum(rest) + z", 9),
    ("a = b = 2\nans = a + b", 4),
    ("x: int = 5\nans = x", 5),
    ("ans = 5 if 3 > 2 else 6", 5),
    ("ans = 1 if 1 < 2 < 3 != 4 else 0", 1),
    ("ans = (0 or 5) + (3 and 4)", 9),
    (
        "total = 0\nfor i in range(1, 11):\n    if i % 2: continue\n    if i > 8: break\n"
        "    total += i\nans = total",
        20,
    ),
    ("n = 0\nwhile n < 10:\n    n += 3\nelse:\n    n += 100\nans = n", 112),
    ("ans = sum(x ** 2 for x in range(4))", 14),
    ("ans = len([x for x in range(10) if x % 3 == 0])", 4),
    ("ans = sum(a * b for a, b in zip([1, 2], [3, 4]))", 11),
    ("d = {'a': 1, 'b': 2}\nd['c'] = 3\nans = sum(d.values()) + len(d)", 9),
    ("ans = {k: v * 2 for k, v in {'x': 4}.items()}['x']", 8),
    ("ans = len({1, 2, 2, 3} | {9})", 4),
    ("ans = next(x for x in range(100) if x * x > 50)", 8),
    ("xs = [3, 1, 2]\nxs.sort(reverse=True)\nxs.append(9)\nans = xs[0] * 100 + xs[-1]", 309),
    ("xs = [5, 6, 7, 8]\nans = sum(xs[1:3])", 13),
    ("ans = max([1, 5, 3], key=lambda x: -x)", 1),
    ("ans = sorted(['bb', 'a', 'ccc'], key=len)[-1].count('c')", 3),
    ("ans = sum(map(int, '1 2 3'.split()))", 6),
    ("ans = sum(int(d) for d in str(12345))", 15),
    ("ans = list(enumerate('ab', 1))[1][0]", 2),
    ("ans = [y for x in [[1, 2], [3]] for y in x][2]", 3),
    ("ans = any(x > 2 for x in [1, 2, 3]) + all([1, 1])", 2),
    ("ans = divmod(17, 5)[1]", 2),
    ("ans = pow(3, 4, 5)", 1),
    ("ans = abs(-3) + min(4, 2) + max(1, 6)", 11),
    ("ans = (n := 4) * n", 16),
    (
        "def f(x, y=2, *more, z=1, **named):\n    return x + y + sum(more) + z + len(named)\n"
        "ans = f(1, 2, 3, z=4, q=5)",
        11,
    ),
    ("def fact(n):\n    return 1 if n <= 1 else n * fact(n - 1)\nans = fact(20)", 2432902008176640000),
    ("def make(n):\n    def add(x):\n        return x + n\n    return add\nans = make(3)(4)", 7),
    (
        "def f():\n    count = 0\n    def g():\n        nonlocal count\n        count += 1\n    g()\n"
        "    g()\n    return count\nans = f()",
        2,
    ),
    ("total = 1\ndef f():\n    global total\n    total = 5\nf()\nans = total", 5),
    ("fs = [lambda x: x + 1, lambda x: x * 2]\nans = fs[1](fs[0](3))", 8),
    ("def solution():\n    money = 10\n    return money / 4", "5/2"),
    ("result = 12", 12),
    ("x = 3\nprint(x * 2)", 6),
    ("print('The answer is', 3 / 4)", "3/4"),
    ("print(f'Total: ${1234.5:,.2f}')", "1234.5"),
    ("ans = f'{2/3:.2f}'", "0.67"),
    ("ans = '%d' % 7", 7),
    ("ans = '{:.1f}'.format(2.25)", "2.2"),
    ("ans = str(5) + '0'", 50),
    ("ans = int('12') + float('1.5')", "13.5"),
    ("ans = [42]", 42),
    ("import math\nans = math.sqrt(16) + math.ceil(1.2) + math.floor(1.8)", 7),
    ("import math\nans = math.sqrt(2) ** 2", 2),
    ("from math import comb, factorial as f\nans = comb(5, 2) + f(4)", 34),
    ("import math\nans = math.gcd(12, 18) * math.lcm(4, 6)", 72),
    ("import math\nans = math.log2(8) + math.log10(1000) + math.log(1)", 6),
    ("import math\nans = round(math.pi, 2)", "3.14"),
    ("import math\nans = round(math.sin(math.radians(30)), 6)", "1/2"),
    ("from fractions import Fraction\nans = Fraction(1, 3) + Fraction('1/6')", "1/2"),
    ("from fractions import Fraction\nans = Fraction(3, 4).numerator", 3),
    ("from datetime import date\nans = (date(2024, 3, 1) - date(2024, 2, 1)).days", 29),
    (
        "from datetime import datetime, timedelta\na = datetime.strptime('10:30', '%H:%M')\n"
        "ans = (a + timedelta(hours=2.5)).hour",
        13,
    ),
    ("import datetime\nans = datetime.timedelta(days=1, hours=1).total_seconds() / 3600", 25),
    (
        "from collections import Counter\n"
        "ans = Counter('banana')['a'] + Counter([1, 1]).most_common(1)[0][1]",
        5,
    ),
    ("from collections import Counter\nans = sum(n for _, n in Counter('banana').most_common(2))", 5),
    ("import statistics\nans = statistics.mode([3, 1, 3])", 3),
    ("import math\nans = 1 if math.isclose(0.1 + 0.2, 0.3, rel_tol=1e-9) else 2", 1),
    ("from collections import defaultdict\nd = defaultdict(int)\nd['x'] += 4\nans = d['x']", 4),
    ("from itertools import permutations\nans = len(list(permutations([1, 2, 3])))", 6),
    ("from functools import reduce\nans = reduce(lambda a, b: a * b, [1, 2, 3, 4])", 24),
    ("import statistics\nans = statistics.mean([1, 2, 4]) * 3 + statistics.median([5, 1, 9])", 12),
    (
        "from sympy import symbols, Eq, solve\nx, y = symbols('x y')\n"
        "s = solve([Eq(x + y, 10), Eq(x - y, 2)], [x, y])\nans = s[x]",
        6,
    ),
    ("from sympy import Symbol, solve\nx = Symbol('x')\nans = solve(3 * x - 12, x)[0]", 4),
    ("import sympy as sp\nx = sp.symbols('x', positive=True)\nans = sp.solve(x**2 - x - 6, x)[0]", 3),
    ("from sympy import *\nx = symbols('x')\nans = max(solve(Eq(x**2, 49)))", 7),
    ("from sympy import *\nx = symbols('x')\nans = solve(Eq(120 / x - 120 / (x + 10), 1), x)[1]", 30),
    ("from sympy import *\nx, y = symbols('x y')\nans = sum(solve([x * y - 12, x + y - 7], [x, y])[0])", 7),
    ("from sympy import *\nx = symbols('x')\nans = solve(x**3 - 6*x**2 + 11*x - 6, x)[2]", 3),
    ("x = Symbol('x')\nans = solve_it(Eq(2 * x, 9), x)[x]", "9/2"),
    ("x, y = symbols('x y')\nans = (x + y).subs({x: 2, y: 3})", 5),
    ("try:\n    x = 1 / 0\nexcept ZeroDivisionError:\n    x = 9\nfinally:\n    y = 1\nans = x + y", 10),
    ("assert 2 > 1\nans = 1", 1),
    ("if __name__ == '__main__':\n    ans = 4", 4),
    ("```python\nans = 5\n```", 5),
    ("Here it is:\n```python\nans = 5\n```\nDone.", 5),
    ("ans = 5\n```", 5),
    ("    ans = 1 + 1", 2),
    ("from typing import List\ndef f(xs: List[int]) -> int:\n    return xs[0]\nans = f([3])", 3),
    (
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef f(n):\n"
        "    return n if n < 2 else f(n-1) + f(n-2)\nans = f(60)",
        1548008755920,
    ),
    ("p = 1000\nfor day in range(365):\n    p *= 1 + 0.05 / 365\nans = round(p, 2)", "1051.27"),
    ("ans = isinstance(3, int) + isinstance(3.0, float) + isinstance('a', (int, str))", 3),
    ("xs = [1, 2, 3]\ndel xs[0]\nans = xs[0]", 2),
    ("m = [[0] * 2 for _ in range(2)]\nm[1][0] = 7\nans = m[1][0] + m[0][0]", 7),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SOLVED)
def test_programs_are_computed_exactly(text: str, value: object) -> None:
    outcome = run_program(text, None, Budget())
    assert (outcome.status, outcome.value) == ("solved", Fraction(str(value))), outcome.reason


FAILED = [
    ("ans = ", "bad_syntax", "line 1"),
    ("ans = 1 +* 2", "bad_syntax", "line 1"),
    ("break", "bad_syntax", "break"),
    ("x = 1\nans = x / 0", "no_solution", "line 2: ZeroDivisionError: division by zero"),
    ("ans = 2.5 ** 1e9", "no_solution", "more than 9,999 digits"),
    ("import math\nans = math.sin(1, 2, 3)", "no_solution", "sin"),
    ("ans = round(1, digits=2)", "no_solution", "round() does not take these arguments"),
    ("import statistics\nans = statistics.stdev([1])", "no_solution", "too few values"),
    ("ans = [1][3]", "no_solution", "IndexError"),
    ("ans = {}['a']", "no_solution", "KeyError"),
    ("ans = missing + 1", "no_solution", "NameError"),
    ("ans = 'a' + 1", "no_solution", "TypeError"),
    ("ans = int('x')", "no_solution", "ValueError"),
    ("import statistics\nans = statistics.median([[1], [2]])", "no_solution", "Error"),
    ("import math\nans = math.isclose(1, 1, rel_tol='1e999999999')", "no_solution", "TypeError"),
    ("from datetime import *\nans = datetime.strptime('11', '%d%d')", "no_solution", "ValueError"),
    ("def f():\n    return y\n    y = 1\nans = f()", "no_solution", "UnboundLocalError"),
    ("def f(a):\n    return a\nans = f()", "no_solution", "needs the argument"),
    ("raise ValueError('no')", "no_solution", "ValueError"),
    ("x = 5", "no_solution", "sets no ans"),
    ("ans = (-1) ** 0.5", "no_solution", "ValueError"),
    ("ans = range(6 / 2)[0]", "no_solution", "TypeError"),
    ("ans = 'twelve'", "not_numeric", "str"),
    ("ans = None", "not_numeric", "NoneType"),
    ("ans = True", "not_numeric", "bool"),
    ("ans = [1, 2]", "ambiguous", "2 values"),
    ("print(1)\nprint(2)", "ambiguous", "2 numbers"),
    ("x = Symbol('x')\nans = x + 1", "ambiguous", "unknown"),
    ("import os\nans = 1", "refused", "import of os"),
    ("ans = 1\nif False:\n    import os", "refused", "line 3: import of os"),
    ("ans = 1\ndef f():\n    open('x')", "refused", "line 3: open"),
    ("ans = (1).__class__", "refused", "__class__"),
    ("class A: pass\nans = 1", "refused", "class"),
    ("ans = datetime.datetime.now().year", "refused", "today"),
    ("x: __import__('os') = 1\nans = 1", "refused", "annotation"),
    ("ans = (1).real.imag", "refused", "imag"),
]


@pytest.mark.parametrize(("text", "status", "reason"), FAILED)
def test_failures_are_named_with_a_reason(text: str, status: str, reason: str) -> None:
    outcome = run_program(text, None, Budget())
    assert outcome.status == status and outcome.value is None
    assert reason in outcome.reason


SPENT = [
    "while True: pass",
    "ans = 10 ** 100000",
    "ans = 9 ** 9 ** 9",
    "xs = [0] * 10 ** 9",
    "ans = 'a' * 10 ** 9",
    "ans = sum(x for x in range(10 ** 9))",
    "ans = list(range(10 ** 7))",
    "ans = 1 << 10 ** 9",
    "import math\nans = math.factorial(10 ** 6)",
    "import math\nans = math.comb(10 ** 6, 5 * 10 ** 5)",
    "ans = pow(3, 10 ** 9000, 10 ** 9000 + 1)",
    "x = 2\nwhile True: x = x * x",
    "ans = int('9' * 5000)",
    "ans = float('9' * 5000)",
    "ans = 1" + "0" * 5000,
    "d = {k * (2 ** 61 - 1): 1 for k in range(50000)}\nans = len(d)",
    "x = [1]\nwhile True: x = x + x",
    "s = 'ab'\nwhile True: s = s.replace('a', 'aa')",
    "from itertools import count\nans = list(count())",
    "s = 'a'\nwhile True: s += s",
]


@pytest.mark.parametrize("text", SPENT)
def test_costly_programs_are_stopped_before_they_cost(text: str) -> None:
    with pytest.raises(OverBudget):
        run_program(text, None, Budget(fuel=500_000))


def test_a_target_names_the_variable_that_is_asked_for() -> None:
    assert run_program("a = 3\nans = 4", "a", Budget()).value == 3
    assert run_program("ans = 4", "a", Budget()).status == "no_solution"


def test_rounded_answers_say_so_and_exact_ones_do_not() -> None:
    assert "rounded" in run_program("ans = 2 ** 0.5", None, Budget()).reason
    assert run_program("ans = 4 ** 0.5 / 3", None, Budget()).reason == ""


def test_systems_that_exact_methods_cannot_do_are_handed_to_sympy() -> None:
    text = "x, y = symbols('x y')\nans = solve([x**2 + y**2 - 25, x**2 * y**2 - 144], [x, y])[0][0]"
    with pytest.raises(NeedsSympy):
        run_program(text, None, Budget())


def test_an_exhausted_budget_cannot_be_caught_by_the_program() -> None:
    with pytest.raises(OverBudget):
        run_program(
            "while True:\n    try:\n        x = 10 ** 100000\n    except Exception:\n        pass",
            None,
            Budget(),
        )
