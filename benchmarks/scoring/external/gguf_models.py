"""GGUF files that are none of ours: read for scoring in their own chat template, or as text models.

The template in a file is Jinja, written by a stranger. It is rendered in Jinja's immutable sandbox, as transformers
does, once, with a mark where the question goes: no question and no reply ever meets a template. What it rendered to
is tokenised with special tokens, the question without, so that a question cannot forge a turn.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.scoring.external.baselines import ChatPrompt
from export.chat_template import render_chat_template
from runtime.engines.engine import Engine
from runtime.values.errors import InputError
from runtime.values.manifest import Manifest, file_sha256
from runtime.values.prompt import TAGS, THOUGHTS

MARK = "QUESTIONGOESHERE"
# A longer context costs memory and no problem needs it.
MAX_CONTEXT_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself. `template` is its chat template, None where it has none."""

    name: str
    file_type: str
    license: str
    parameters: int
    template: str | None
    begin: str
    end: str
    begin_ids: tuple[int, ...]
    end_ids: tuple[int, ...]


@contextmanager
def _vocabulary(file: Path) -> Iterator[Any]:
    """llama.cpp's handle on a file's vocabulary and metadata, without its weights."""
    from runtime.engines.llama.complaints import refused_file, silence_log
    from runtime.engines.llama.library import library

    if not file.is_file():
        raise InputError(f"no file {file}; expected: a GGUF file or an artifact folder")
    silence_log()
    settings = library.llama_model_default_params()
    settings.vocab_only = True
    model = library.llama_model_load_from_file(str(file).encode(), settings)
    if not model:
        raise refused_file(file)
    try:
        yield model
    finally:
        library.llama_model_free(model)


@lru_cache(maxsize=4)
def read_header(file: Path) -> Header:
    """Read a file's header; raises InputError when it is no GGUF file."""
    from runtime.engines.llama.library import library

    with _vocabulary(file) as model:
        vocab = library.llama_model_get_vocab(model)
        template = library.llama_model_chat_template(model, None)
        begin, end = library.llama_vocab_bos(vocab), library.llama_vocab_eos(vocab)
        return Header(
            name=_text(model, "general.name") or file.stem,
            file_type=_file_type(_text(model, "general.file_type")),
            license=_text(model, "general.license") or "unstated",
            parameters=int(library.llama_model_n_params(model)),
            template=template.decode("utf-8", "replace") if template else None,
            begin=_token(vocab, begin),
            end=_token(vocab, end),
            begin_ids=(begin,) if library.llama_vocab_get_add_bos(vocab) and begin >= 0 else (),
            end_ids=tuple(dict.fromkeys(id for id in (end, library.llama_vocab_eot(vocab)) if id >= 0)),
        )


def _text(model: Any, key: str) -> str:
    from runtime.engines.llama.library import library

    buffer = ctypes.create_string_buffer(256)
    length = library.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if length >= 0 else ""


def _file_type(number: str) -> str:
    """The name of a file type: `3` is `q4_1`. Single tensors may be stored otherwise."""
    from runtime.engines.llama.library import library

    prefix = "LLAMA_FTYPE_MOSTLY_"
    names = {str(getattr(library, name)): name for name in dir(library) if name.startswith(prefix)}
    return names[number].removeprefix(prefix).lower() if number in names else "unknown type"


def _token(vocab: Any, token: int) -> str:
    from runtime.engines.llama.library import library

    if token < 0:
        return ""
    buffer = ctypes.create_string_buffer(64)
    length = library.llama_token_to_piece(vocab, token, buffer, len(buffer), 0, True)
    return buffer.raw[: max(length, 0)].decode("utf-8", "replace")


@lru_cache(maxsize=4)
def external_manifest(file: Path) -> Manifest:
    """A manifest for a GGUF file that has none, from its header; it was taught none of our thoughts."""
    header = read_header(file)
    return Manifest(
        name=file.stem,
        format="gguf",
        quantization=header.file_type,
        parameters=header.parameters,
        bytes=file.stat().st_size,
        files={file.name: file_sha256(file)},
        parent="",
        license=header.license,
        default_thought="eot",
        thoughts=THOUGHTS,
        # llama.cpp knows the file's own end tokens.
        end_tokens=(),
        prompt_template=header.template or "",
        tags={thought: TAGS[thought] for thought in THOUGHTS},
        max_tokens=256,
        context_tokens=MAX_CONTEXT_TOKENS,
        tensor_types={},
        tools={},
        gate={},
    )


def open_external(file: Path, manifest: Manifest, threads: int | None) -> Engine:
    """Open a GGUF file with the engine that runs our own."""
    from runtime.engines.opening import ENGINES
    from runtime.values.cores import physical_cores

    return ENGINES["gguf"].open(file, manifest, threads or physical_cores())


def start_ids(file: Path) -> tuple[int, ...]:
    """The token that this model wants in front of every text, if it wants one."""
    return read_header(file).begin_ids


def embedded_chat(file: Path) -> ChatPrompt:
    """The chat prompt that the file's own template makes; raises InputError when it has none that can be used."""
    if read_header(file).template is None:
        raise InputError(f"{file} has no chat template; expected: --prompt-mode few-shot or lm-eval")
    return chat_prompt(file, ())


def chat_prompt(file: Path, before: Sequence[dict[str, str]]) -> ChatPrompt:
    """The same with messages before the user's, for a file that has a template.

    They are ours: markup in them would count as such.
    """
    header = read_header(file)
    rendered = render_around_mark(header.template or "", header.begin, header.end, file, before)
    head, _, tail = rendered.partition(MARK)
    with _vocabulary(file) as model:
        ids = _special_ids(model, head)
        start = () if ids[: len(header.begin_ids)] == header.begin_ids else header.begin_ids
        return ChatPrompt((*start, *ids), _special_ids(model, tail))


def render_around_mark(
    template: str, begin: str, end: str, file: Path, before: Sequence[dict[str, str]] = ()
) -> str:
    """A template's text for a last user message, which is `MARK`, up to where the model is to write."""
    asked = [*before, {"role": "user", "content": MARK}]
    rendered = render_chat_template(template, asked, file, begin=begin, end=end)
    if rendered.count(MARK) != 1:
        raise InputError(
            f"the chat template of {file} shows a user message {rendered.count(MARK)} times; expected: once"
        )
    return rendered


def _special_ids(model: Any, text: str) -> tuple[int, ...]:
    """Token ids of markup: special tokens are recognised, none is added."""
    from runtime.engines.llama.library import library

    data = text.encode("utf-8")
    ids = (library.llama_token * (len(data) + 1))()
    vocab = library.llama_model_get_vocab(model)
    count = library.llama_tokenize(vocab, data, len(data), ids, len(ids), False, True)
    return tuple(ids[:count])
