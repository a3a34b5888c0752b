"""An engine on this machine, asked as an endpoint is: text in, text out. No special token is put in front but `start`."""

from collections.abc import Sequence

from benchmarks.scoring.external.baselines import complete
from benchmarks.scoring.external.endpoint import EndpointReply
from runtime.engines.engine import Decoding, Engine


class EngineText:
    """Continues texts with an engine. Closes nothing it was given."""

    def __init__(self, engine: Engine, start: Sequence[int] = ()) -> None:
        self._engine = engine
        self._start = list(start)
        self.model = engine.name

    def complete(self, prompt: str, *, stop: Sequence[str] = (), max_tokens: int = 256) -> EndpointReply:
        """Continue `prompt`, stopping at the first text of `stop`; InputError when it does not fit the context."""
        ids = [*self._start, *self._engine.encode(prompt)]
        reply = complete(
            self._engine,
            ids,
            Decoding(max_tokens),
            stop=lambda text: _first(text, stop) < len(text),
            every=True,
        )
        end = _first(reply.text, stop)
        return EndpointReply(
            text=reply.text[:end],
            finish_reason="length" if reply.cut and end == len(reply.text) else "stop",
            prompt_tokens=reply.prompt_tokens,
            generated_tokens=reply.generated_tokens,
            round_trip_ms=reply.prefill_ms + reply.decode_ms,
            prefill_ms=reply.prefill_ms,
            decode_ms=reply.decode_ms,
        )


def _first(text: str, stop: Sequence[str]) -> int:
    """Where the first of these texts begins, or the text's length."""
    return min((place for part in stop if (place := text.find(part)) >= 0), default=len(text))
