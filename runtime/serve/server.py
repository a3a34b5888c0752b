"""Running the server: the socket, the signals, the end."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from runtime.serve.errors import ApiError
from runtime.serve.settings import MAX_CONNECTIONS, ServeSettings
from runtime.values.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from runtime.serve.work.models import ServedModel

_BACKLOG = 256
# What a client that is refused at the end still has to read.
_KEEP_ALIVE_S = 5


def serve(names: Sequence[str], settings: ServeSettings, say: Callable[[str], None] = print) -> None:
    """Serve artifacts until a signal ends it (SIGINT or SIGTERM): what runs is finished, a second one ends that too.

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
            raise InputError(
                f"port {settings.port} of {settings.host}: {(error.strerror or str(error)).lower()}; expected: a free "
                "one, --port 0 takes any"
            ) from error
        yield listener


async def _serve(
    served: "list[ServedModel]", settings: ServeSettings, listener: socket.socket, say: Callable[[str], None]
) -> None:
    import uvicorn

    from runtime.serve.api.desk import Desk
    from runtime.serve.app import application
    from runtime.serve.metrics import Metrics
    from runtime.serve.protocol import PatientProtocol
    from runtime.serve.work.models import Models

    models = Models(served, settings)
    app = application(Desk(models, settings, Metrics()), settings)
    config = uvicorn.Config(
        app,
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

    class Server(uvicorn.Server):
        """Ends with status 0 at a signal, and has the models refuse what is new."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            before = {number: signal.signal(number, self.handle_exit) for number in _signals()}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if self.should_exit:
                self.force_exit = True
                loop.call_soon_threadsafe(models.cancel)
            else:
                self.should_exit = True
                loop.call_soon_threadsafe(models.refuse)
                print("finishing what runs; once more ends it at once", file=sys.stderr, flush=True)

    loop = asyncio.get_running_loop()
    try:
        try:
            await models.open_first()
        except ApiError as error:
            raise InputError(error.message) from error
        say(f"edgethought serves {', '.join(one.name for one in models)} at {_address(listener)}")
        await Server(config).serve(sockets=[listener])
    finally:
        await models.close()


def _signals() -> Sequence[signal.Signals]:
    return (signal.SIGINT, signal.SIGTERM)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
