"""A ticket: one request on its way through a batch, between the thread that writes and the task that answers."""

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from time import perf_counter

from runtime.answering.batch_solver import Job
from runtime.answering.completion import Writing
from runtime.serve.errors import ApiError
from runtime.serve.work.pieces import Decode, PieceReader, StopFinder
from runtime.values.prompt import Thought
from runtime.values.solution import Solution


@dataclass(frozen=True, slots=True)
class Text:
    """What a model wrote after a prompt; `finish_reason` is `stop` or `length`."""

    text: str
    finish_reason: str
    prompt_tokens: int
    generated_tokens: int


Result = Solution | Text
Piece = tuple[Thought, str]


class Ticket:
    """One request: its client, its job, the pieces that were written and were not told yet, and in the end the result.

    Made in the event loop's thread, which alone waits for it; the batch's thread adds to it and then has it `wake`n.
    """

    def __init__(self, client: str) -> None:
        self.client = client
        self.job: Job | None = None
        self.arrived = perf_counter()
        self.begun = self.first = self.ended = 0.0
        self.left = False
        self.result: Result | ApiError | None = None
        # Rings at the job's deadline.
        self.alarm: asyncio.TimerHandle | None = None
        self._pieces: deque[Piece] = deque()
        self._news = asyncio.Event()

    def add(self, thought: Thought, piece: str) -> None:
        """Tell a piece of text."""
        self._pieces.append((thought, piece))

    def has_news(self) -> bool:
        """Whether pieces were added that nobody took yet."""
        return bool(self._pieces)

    def end(self, result: Result | ApiError) -> None:
        """Tell the result, which is the last thing."""
        self.ended, self.result = perf_counter(), result

    def wake(self) -> None:
        """Have the waiting task look; in the event loop's thread."""
        self._news.set()

    async def news(self) -> None:
        """Wait until something was told."""
        await self._news.wait()
        self._news.clear()

    def pieces(self) -> list[Piece]:
        """The pieces that were told since the last call, those of one thought joined."""
        joined: list[Piece] = []
        while self._pieces:
            thought, piece = self._pieces.popleft()
            if joined and joined[-1][0] == thought:
                joined[-1] = thought, joined[-1][1] + piece
            else:
                joined.append((thought, piece))
        return joined

    async def whole(self) -> Result:
        """The result; raises the ApiError that it may be."""
        while self.result is None:
            await self.news()
        if isinstance(self.result, ApiError):
            raise self.result
        return self.result

    def timed(self, solution: Solution) -> Solution:
        """The solution with what the request took, waiting counted; nobody asked for its probability."""
        total = (perf_counter() - self.arrived) * 1e3
        return replace(solution, logprob=None, timings=replace(solution.timings, total=total))


class ThoughtFollower:
    """Tells a ticket each thought as it grows; white space at its end waits for what comes after it."""

    def __init__(self, ticket: Ticket, decode: Decode, *, tells: bool) -> None:
        self._ticket, self._decode, self._tells = ticket, decode, tells
        self._writing: Writing | None = None
        self._held = ""

    def __call__(self, place: int, writing: Writing) -> bool:
        """See `Follow`."""
        ticket = self._ticket
        ticket.first = ticket.first or perf_counter()
        if not self._tells:
            return False
        if writing is not self._writing:
            self._writing, self._reader, self._held = writing, PieceReader(self._decode), ""
        text = self._held + self._reader.next(writing.ids)
        told = text.rstrip()
        self._held = text[len(told) :]
        if told:
            ticket.add(writing.thought, told)
        return False


class TextFollower:
    """Tells a ticket a text as it grows, and ends it before the first of its stops."""

    def __init__(self, ticket: Ticket, decode: Decode, stops: tuple[str, ...]) -> None:
        self._ticket, self._decode = ticket, decode
        self._reader, self._stops = PieceReader(decode), StopFinder(stops)
        self._writing: Writing | None = None
        self._told: list[str] = []

    def __call__(self, place: int, writing: Writing) -> bool:
        """See `Follow`."""
        self._writing = writing
        self._ticket.first = self._ticket.first or perf_counter()
        self._tell(self._stops.add(self._reader.next(writing.ids)))
        return self._stops.stopped

    def text(self, prompt_tokens: int) -> Text:
        """What was written in the end; what was held back is told."""
        writing = self._writing
        if writing is None:
            return Text("", "stop", prompt_tokens, 0)
        if not self._stops.stopped:
            self._tell(self._stops.add(self._reader.next(writing.ids, last=True)))
            self._tell(self._stops.rest())
        cut = bool(writing.finish_reason) and not self._stops.stopped
        return Text("".join(self._told), "length" if cut else "stop", prompt_tokens, len(writing.ids))

    def _tell(self, piece: str) -> None:
        if piece and self._writing is not None:
            self._told.append(piece)
            self._ticket.add(self._writing.thought, piece)
