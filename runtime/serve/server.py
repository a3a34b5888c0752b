"""Running the server: the socket, the signals, the end."""

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from runtime.serve.errors import ApiError
from runtime.serve.settings import MAX_CONNECTIONS, ServeSettings
from runtime.values.errors import InputError, MissingExtra

if TYPE_CHECKING:
    import uvicorn

    from runtime.serve.api.desk import Desk
    from runtime.serve.work.models import Models, ServedModel

_BACKLOG = 256
# Seconds for which a connection is kept for a next request.
_KEEP_ALIVE_S = 5
# Seconds after which a thread that computes lets another one have the interpreter.
SWITCH_S = 0.0005


def _told(line: str) -> None:
    print(line, flush=True)


def serve(names: Sequence[str], settings: ServeSettings, say: Callable[[str], None] = _told) -> None:
    """Serve artifacts until SIGINT, SIGTERM or SIGHUP ends it: what runs is finished, a second one ends that too.

    `say` is told the address once the first model is loaded. Raises InputError for a model or an address that cannot
    be used, MissingExtra without the extra `serve`.
    """
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MissingExtra("serving needs FastAPI and uvicorn: pip install 'edgethought[serve]'") from error
    from runtime.serve.work.models import served_models

    served = served_models(names)
    # The batch's thread and the event loop take turns: one that waits gets its own sooner than after the usual 5 ms.
    sys.setswitchinterval(SWITCH_S)
    with _listening(settings) as listener:
        asyncio.run(_serve(served, settings, listener, say))


@contextmanager
def _listening(settings: ServeSettings) -> Iterator[socket.socket]:
    """The socket, taken before anything is loaded."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise InputError(f"host {settings.host!r}; expected: an address of this machine") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError as error:
            raise refused_address(settings, error) from error
        yield listener


def refused_address(settings: ServeSettings, error: OSError) -> InputError:
    """Why the system does not let us listen there, and what would do."""
    expected = {
        errno.EADDRINUSE: "a free one, --port 0 takes any",
        errno.EACCES: "1024 or more, or the right to take lower ones (CAP_NET_BIND_SERVICE)",
        errno.EADDRNOTAVAIL: "an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them",
    }.get(error.errno or 0, "an address and a port that can be listened at")
    reason = (error.strerror or str(error)).lower()
    if error.errno == errno.EADDRNOTAVAIL:
        return InputError(f"host {settings.host} is not this machine's; expected: {expected}")
    return InputError(f"port {settings.port} of {settings.host}: {reason}; expected: {expected}")


async def _serve(
    served: "list[ServedModel]", settings: ServeSettings, listener: socket.socket, say: Callable[[str], None]
) -> None:
    from runtime.serve.api.desk import Desk
    from runtime.serve.metrics import Metrics
    from runtime.serve.work.models import Models

    models = Models(served, settings)
    desk = Desk(models, settings, Metrics())
    try:
        try:
            await models.open_first()
        except ApiError as error:
            raise InputError(error.message) from error
        say(f"serving {', '.join(one.name for one in models)} at {address(listener)}")
        with _signals_ending(http := http_server(desk), models):
            await http.serve(sockets=[listener])
    finally:
        await models.close()
        desk.close()


def http_server(desk: "Desk") -> "uvicorn.Server":
    """uvicorn with the application of this desk. It leaves signals alone."""
    import uvicorn

    from runtime.serve.app import application
    from runtime.serve.protocol import PatientProtocol

    class Server(uvicorn.Server):
        """Without signals: uvicorn raises those again that it took, and a server's end is no error."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(
        uvicorn.Config(
            application(desk),
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
    )


@contextmanager
def _signals_ending(http: "uvicorn.Server", models: "Models") -> Iterator[None]:
    """The first signal has what runs finished and refuses what is new, the second ends that too."""
    loop = asyncio.get_running_loop()

    def end(number: int, frame: FrameType | None) -> None:
        if http.should_exit:
            http.force_exit = True
            loop.call_soon_threadsafe(models.cancel)
            return
        http.should_exit = True
        loop.call_soon_threadsafe(models.refuse)
        # Of a terminal that was closed there is none to tell.
        with suppress(OSError):
            print("finishing what runs; once more ends it at once", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, end) for number in _ending_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ending_signals() -> list[signal.Signals]:
    """SIGHUP too, which a closed terminal sends, unless `nohup` has it ignored."""
    ending = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ending.append(signal.SIGHUP)
    return ending


def address(listener: socket.socket) -> str:
    """The server's address, as browsers take it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
