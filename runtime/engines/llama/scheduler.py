"""Streams of a GGUF model: seats spread over lanes, each lane with a context and threads of its own.

Two lanes of one thread write more than one lane of two: threads that share a pass wait for each other some six hundred
times in it (measured on two cores, 16 rows: 615 against 500 tokens a second, prompts 890 against 700). Lanes run
independently of each other: `step` gives the tokens of whichever has finished its pass.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from runtime.engines.engine import Decoding, Tail, Token
from runtime.engines.llama.context import Lane, Stream, alike
from runtime.engines.sampling import Choose
from runtime.engines.seating import check_seating


class LlamaStreams:
    """Sequences of one loaded GGUF model, on contexts of their own."""

    def __init__(
        self,
        model: Any,
        is_end: Callable[[int], bool],
        chooser: Callable[[Decoding], Choose],
        threads: int,
        seats: int,
        room: int,
        lanes: int,
    ) -> None:
        lanes = max(1, min(lanes, seats, threads))
        each = -(-seats // lanes)
        self.seats, self.room, self.lanes = lanes * each, room, lanes
        self._chooser = chooser
        self._lanes = [Lane(model, is_end, max(1, threads // lanes), each, room) for _ in range(lanes)]
        self._lane_of: dict[int, Lane] = {}
        self._running: dict[Future[None], Lane] = {}
        self._pool = ThreadPoolExecutor(lanes) if lanes > 1 else None

    def free(self) -> int:
        """How many seats are free."""
        return self.seats - len(self._lane_of)

    def start(self, prefix: Sequence[int], tails: Sequence[Tail]) -> list[int]:
        """Seat one stream for each tail, see `engine.Streams`. They keep to one lane if one has the room."""
        check_seating(self, prefix, tails)
        seats = [seat for seat in range(self.seats) if seat not in self._lane_of][: len(tails)]
        streams = [
            (tuple(tail), Stream(seat, self._chooser(decoding), decoding.max_tokens))
            for seat, (tail, decoding) in zip(seats, tails, strict=True)
        ]
        while streams:
            lane = max(self._lanes, key=Lane.free)
            here, streams = streams[: lane.free()], streams[lane.free() :]
            self._lane_of |= {stream.seat: lane for _, stream in here}
            lane.add(tuple(prefix), alike(here))
        return seats

    def step(self) -> list[Token]:
        """The next tokens, see `runtime.engines.engine.Streams`."""
        written = self._step_one() if self._pool is None else self._step_many(self._pool)
        for token in written:
            if token.left:
                del self._lane_of[token.seat]
        return written

    def stop(self, seat: int) -> None:
        """End a stream; what lies on its seat may still serve as a prefix."""
        self._lane_of.pop(seat).stop(seat)

    def close(self) -> None:
        """Free the contexts, once their passes have ended; a second call does nothing."""
        if self._pool:
            self._pool.shutdown()
        self._running.clear()
        self._lane_of.clear()
        for lane in self._lanes:
            lane.close()

    def _step_one(self) -> list[Token]:
        (lane,) = self._lanes
        while lane.busy():
            lane.compose()
            lane.decode()
            if written := lane.tokens():
                return written
        return []

    def _step_many(self, pool: ThreadPoolExecutor) -> list[Token]:
        """Keep every lane that has work running; the tokens of those that are done."""
        while True:
            idle = [lane for lane in self._lanes if lane.busy() and lane not in self._running.values()]
            for lane in idle:
                lane.compose()
                self._running[pool.submit(lane.decode)] = lane
            if not self._running:
                return []
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            written = []
            for future in done:
                lane = self._running.pop(future)
                future.result()
                written += lane.tokens()
            if written:
                return written
