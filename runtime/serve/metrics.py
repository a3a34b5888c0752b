"""What a server counts, as text that Prometheus reads."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Histogram:
    """How often a time fell into each of the buckets."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS_S) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(BUCKETS_S, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str) -> Iterator[str]:
        """The buckets, each with all that is below it, the sum and the count."""
        total = sum(self._counts)
        for limit, below in zip([*BUCKETS_S, "+Inf"], accumulate(self._counts), strict=True):
            yield f'{name}_bucket{{le="{limit}"}} {below}'
        yield f"{name}_sum {self._sum:.6f}"
        yield f"{name}_count {total}"


class Metrics:
    """Counts of one server; its event loop's thread alone adds to them."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.tokens: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.left = 0
        self.times = {"queue": Histogram(), "first_token": Histogram(), "request": Histogram()}

    def text(self, gauges: Sequence[tuple[str, str, float]]) -> str:
        """All counts, and gauges: a name, its labels and its value."""
        return "\n".join([*self._counters(), *_gauges(gauges), *self._times()]) + "\n"

    def _counters(self) -> Iterator[str]:
        yield "# TYPE edgethought_requests_total counter"
        for (route, status), count in sorted(self.requests.items()):
            yield f'edgethought_requests_total{{route="{route}",status="{status}"}} {count}'
        yield "# TYPE edgethought_tokens_total counter"
        for kind, count in sorted(self.tokens.items()):
            yield f'edgethought_tokens_total{{kind="{kind}"}} {count}'
        yield "# TYPE edgethought_solutions_total counter"
        for outcome, count in sorted(self.statuses.items()):
            yield f'edgethought_solutions_total{{status="{outcome}"}} {count}'
        yield "# TYPE edgethought_clients_left_total counter"
        yield f"edgethought_clients_left_total {self.left}"

    def _times(self) -> Iterator[str]:
        for what, histogram in self.times.items():
            name = f"edgethought_{what}_seconds"
            yield f"# TYPE {name} histogram"
            yield from histogram.lines(name)


def _gauges(gauges: Sequence[tuple[str, str, float]]) -> Iterator[str]:
    typed = ""
    for name, labels, value in sorted(gauges):
        if name != typed:
            typed = name
            yield f"# TYPE edgethought_{name} gauge"
        yield f"edgethought_{name}{labels} {value:g}"
