"""The application: routes, and what is done about requests that are refused."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from runtime.answering.modes import Mode
from runtime.serve.api.asks import Ask, chat_ask, completion_ask, responses_ask, solve_ask, split_model
from runtime.serve.api.bodies import ChatBody, CompletionBody, ResponsesBody, SolveBody
from runtime.serve.api.description import Described
from runtime.serve.api.desk import Desk
from runtime.serve.api.gate import CLIENT, Gate
from runtime.serve.api.refusals import refused_input, refused_route
from runtime.serve.api.replies import ChatFormat, CompletionFormat, ReplyFormat, Row, SolveFormat
from runtime.serve.api.responses import ResponsesFormat
from runtime.serve.api.streaming import EventStream, JsonReply, Whole
from runtime.serve.errors import ApiError
from runtime.serve.work.models import ServedModel, resident_bytes
from runtime.values.errors import InputError

READ = ["GET", "HEAD"]
PAGE = Path(__file__).parent / "page"
# Modes whose thoughts can be told as they are written: as one text, or each as its own.
ONE_TEXT: tuple[Mode, ...] = ("single",)
ONE_BY_ONE: tuple[Mode, ...] = ("single", "fallback")


def application(desk: Desk) -> ASGIApp:
    """The server's application, its gate in front."""
    settings = desk.settings
    app = Described(title="edgethought", docs_url=None, redoc_url=None)
    _add_refusals(app)
    _add_solving(app, desk)
    _add_openai(app, desk)
    _add_telling(app, desk)
    _add_page(app)
    gate: ASGIApp = Gate(app, settings, desk.metrics)
    if settings.cors:
        gate = CORSMiddleware(
            gate,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
        )
    return gate


def _add_refusals(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> Response:
        return JsonReply(error.to_row(), error.status, dict(error.headers()))

    @app.exception_handler(InputError)
    async def refused_by_the_model(request: Request, error: InputError) -> Response:
        return JsonReply(ApiError(400, str(error)).to_row(), 400)

    @app.exception_handler(RequestValidationError)
    async def refused_by_its_form(request: Request, error: RequestValidationError) -> Response:
        return JsonReply(refused_input(error).to_row(), 400)

    @app.exception_handler(HTTPException)
    async def refused_by_the_routes(request: Request, error: HTTPException) -> Response:
        return JsonReply(refused_route(error).to_row(), error.status_code)


def _add_solving(app: FastAPI, desk: Desk) -> None:
    @app.post("/solve")
    async def solve(body: SolveBody, request: Request) -> Response:
        """Answer a word problem: the row of `edgethought solve --json`, or server-sent events."""
        served = desk.models.default if body.model is None else desk.models.named(split_model(body.model)[0])
        modes = ONE_BY_ONE if body.stream else ()
        return await _answer(desk, request, served, solve_ask(body), SolveFormat(), modes, bool(body.stream))


def _add_openai(app: FastAPI, desk: Desk) -> None:
    @app.post("/v1/chat/completions")
    async def chat(body: ChatBody, request: Request) -> Response:
        """A chat completion, as OpenAI's clients ask for it."""
        served, way = _served(desk, body.model)
        form = ChatFormat(body.model, bool(body.stream_options and body.stream_options.include_usage))
        ask = chat_ask(body, served.manifest, way)
        return await _answer(desk, request, served, ask, form, ONE_TEXT, bool(body.stream))

    @app.post("/v1/completions")
    async def complete(body: CompletionBody, request: Request) -> Response:
        """A text completion, as OpenAI's clients ask for it."""
        served, way = _served(desk, body.model)
        form = CompletionFormat(body.model, bool(body.stream_options and body.stream_options.include_usage))
        ask = completion_ask(body, way)
        return await _answer(desk, request, served, ask, form, ONE_TEXT, bool(body.stream))

    @app.post("/v1/responses")
    async def respond(body: ResponsesBody, request: Request) -> Response:
        """A response in its plain form: text in, text out."""
        served, way = _served(desk, body.model)
        ask = responses_ask(body, served.manifest, way)
        form = ResponsesFormat(body.model)
        return await _answer(desk, request, served, ask, form, ONE_TEXT, bool(body.stream))

    @app.head("/v1/models", include_in_schema=False)
    @app.get("/v1/models")
    async def list_models() -> Response:
        """Two ids of every model: NAME:solve, which answers problems, and NAME:raw, which is the model alone."""
        ids = [f"{one.name}:{way}" for one in desk.models for way in ("solve", "raw")]
        return JsonReply({"object": "list", "data": [_model_row(id) for id in ids]})

    @app.head("/v1/models/{id:path}", include_in_schema=False)
    @app.get("/v1/models/{id:path}")
    async def one_model(id: str) -> Response:
        """One id of a model, with which requests may name it."""
        _served(desk, id)
        return JsonReply(_model_row(id))


def _model_row(id: str) -> Row:
    return {"id": id, "object": "model", "created": 0, "owned_by": "edgethought"}


def _served(desk: Desk, model: str) -> tuple[ServedModel, str]:
    name, way = split_model(model)
    return desk.models.named(name), way


async def _answer(
    desk: Desk,
    request: Request,
    served: ServedModel,
    ask: Ask,
    form: ReplyFormat,
    modes: tuple[Mode, ...],
    stream: bool,
) -> Response:
    accepted = await desk.accept(request.scope[CLIENT], served, ask, stream=modes if stream else ())
    return EventStream(desk, accepted, form) if stream else Whole(desk, accepted, form)


def _add_telling(app: FastAPI, desk: Desk) -> None:
    @app.head("/models", include_in_schema=False)
    @app.get("/models")
    async def models() -> Response:
        """The models, what each can be asked, and which one answers where none is named."""
        rows = [one.to_row() for one in desk.models]
        return JsonReply({"models": rows, "default": desk.models.default.name})

    @app.head("/health", include_in_schema=False)
    @app.get("/health")
    async def health() -> Response:
        """Whether the server lives."""
        return JsonReply({"status": "ok"})

    @app.head("/metrics", include_in_schema=False)
    @app.get("/metrics")
    async def metrics() -> Response:
        """Counts and times, as text that Prometheus reads."""
        gauges: list[tuple[str, str, float]] = [("resident_bytes", "", float(resident_bytes()))]
        for one in desk.models:
            label = f'{{model="{one.name}"}}'
            gauges.append(("loaded", label, float(one.loaded)))
            if one.batch:
                gauges.append(("running_requests", label, float(one.batch.running)))
                gauges.append(("waiting_requests", label, float(one.batch.waiting)))
        return PlainTextResponse(desk.metrics.text(gauges), media_type="text/plain; version=0.0.4")


def _add_page(app: FastAPI) -> None:
    def file(name: str, media_type: str | None = None) -> Response:
        path = (PAGE / name).resolve()
        if not path.is_relative_to(PAGE.resolve()) or not path.is_file():
            raise ApiError(404, "no such file; expected: a file of the page")
        return FileResponse(path, media_type=media_type, headers={"cache-control": "no-cache"})

    @app.api_route("/", methods=READ, include_in_schema=False)
    async def index() -> Response:
        return file("index.html")

    @app.api_route("/manifest.webmanifest", methods=READ, include_in_schema=False)
    async def web_manifest() -> Response:
        return file("manifest.webmanifest", "application/manifest+json")

    @app.api_route("/sw.js", methods=READ, include_in_schema=False)
    async def service_worker() -> Response:
        return file("sw.js", "text/javascript")

    @app.api_route("/static/{name:path}", methods=READ, include_in_schema=False)
    async def static(name: str) -> Response:
        if "\0" in name:
            raise ApiError(404, "no such file; expected: a file of the page")
        return file(name)
