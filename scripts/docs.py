"""Writes the pages of docs/ that are made from code: `settings.md` from settings, `commands.md` from the command line.

python -m scripts.docs            writes them
python -m scripts.docs --check    says which are out of date, and fails if one is
"""

import argparse
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer import Context
from typer.models import ArgumentInfo, OptionInfo

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Written by `python -m scripts.docs`; change the code, not this page. -->\n"
Command = Callable[..., Any]


def settings_page() -> str:
    """Every setting of a recipe as a table a model: name, default, what is allowed, what it is for."""
    from distill.labeling.settings import ReplaySettings
    from distill.recipes.agree.settings import AgreeSettings
    from distill.recipes.rounds import RoundSettings
    from distill.teachers.local.settings import LocalSettings
    from distill.teachers.openai.settings import OpenAISettings
    from distill.teachers.symbolic.settings import SymbolicSettings
    from distill.training.settings import TrainSettings
    from edgethought.stages.recipe import Recipe, ScoreSettings, SourceSettings

    sections: list[tuple[str, str, type[BaseModel]]] = [
        ("Recipe", "", Recipe),
        ("One of several sources", "sources[].", SourceSettings),
        ("Training", "train.", TrainSettings),
        ("A round", "rounds[].", RoundSettings),
        ("Scoring", "score.", ScoreSettings),
        ("Stored rationales", "replay.", ReplaySettings),
        ("Rewritten problems", "symbolic.", SymbolicSettings),
        ("A teacher behind a server", "openai.", OpenAISettings),
        ("A teacher on this machine", "local.", LocalSettings),
        ("Agreement", "agree.", AgreeSettings),
    ]
    intro = (
        "# Settings\n\n"
        "A recipe is a YAML file of these settings; `--set NAME=VALUE` changes one for a run. A setting that a recipe\n"
        "does not name has the default below. An unknown name, or a value that is not allowed, ends the command with\n"
        "one line that says what is expected. What each recipe sets is in [recipes](recipes.md).\n"
    )
    return NOTE + "\n" + intro + "".join(_settings_section(*section) for section in sections)


def _settings_section(title: str, prefix: str, model: type[BaseModel]) -> str:
    rows = [
        f"| `{prefix}{name}` | {_default(field)} | {_allowed(field)} | {_cell(field.description or '')} |\n"
        for name, field in model.model_fields.items()
        if not _is_group(field)
    ]
    summary = inspect.cleandoc(model.__doc__ or "")
    return (
        f"\n## {title}\n\n{summary}\n\n| setting | default | allowed | what it is |\n|---|---|---|---|\n"
        + "".join(rows)
    )


def _is_group(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else _literal(field.get_default(call_default_factory=True))


def _literal(value: object) -> str:
    """A value as one writes it after `--set NAME=`."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`" if value else "empty"
    return f"`{value}`" if value != "" else "empty"


def _allowed(field: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    bounds = [
        f"{sign} {getattr(limit, name):g}"
        for limit in field.metadata
        for name, sign in signs.items()
        if getattr(limit, name, None) is not None
    ]
    return ", ".join([_type(field.annotation), *bounds])


def _type(annotation: Any) -> str:
    """An annotation in words: choices one by one, the rest by kind."""
    choices = list(_choices(annotation))
    if choices:
        return ", ".join(f"`{choice}`" if choice else "empty" for choice in choices)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (tuple, list):
        return f"list of {_type(parts[0])}"
    if origin is dict:
        return f"map of {_type(parts[0])} to {_type(parts[1])}"
    if origin in (Union, UnionType):
        return _type(next(part for part in parts if part is not NoneType))
    if annotation is Any:
        return "anything"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"{{{', '.join(annotation.model_fields)}}}"
    words = {int: "whole number", float: "number", bool: "`true`, `false`", str: "text", Path: "path"}
    return words[annotation]


def _choices(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _choices(part)


def commands_page() -> str:
    """Every command with its arguments and options, grouped as `edgethought` alone groups them."""
    from edgethought.cli.app import app

    panels: dict[str, list[str]] = {}
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        panels.setdefault(str(command.rich_help_panel), []).append(_command(name, command.callback))
    for group in app.registered_groups:
        assert group.typer_instance is not None
        sections = panels.setdefault(str(group.rich_help_panel), [])
        for command in group.typer_instance.registered_commands:
            assert command.callback is not None
            sections.append(
                _command(f"{group.name} {command.name or command.callback.__name__}", command.callback)
            )
    intro = (
        "# Commands\n\n"
        "Exit status: 0 done, 1 the work failed (or no answer was found), 2 the input was wrong (one line says what is\n"
        "allowed), 130 stopped by Ctrl-C (what is done is kept wherever the command says that it goes on).\n"
        "`edgethought COMMAND --help` says the same as this page. `edgethought --version` prints the version.\n"
    )
    return NOTE + "\n" + intro + "".join(f"\n## {panel}\n{''.join(parts)}" for panel, parts in panels.items())


def _command(name: str, callback: Command) -> str:
    arguments, options = _parameters(callback)
    usage = " ".join(
        ["edgethought", name, *(word for word, _ in arguments), *(["[OPTIONS]"] if options else [])]
    )
    rows = "".join(row for _, row in arguments) + "".join(options)
    table = (
        f"| argument or option | value | default | what it is |\n|---|---|---|---|\n{rows}" if rows else ""
    )
    return f"\n### {name}\n\n    {usage}\n\n{inspect.cleandoc(callback.__doc__ or '')}\n" + (
        f"\n{table}" if table else ""
    )


def _parameters(callback: Command) -> tuple[list[tuple[str, str]], list[str]]:
    """A command's arguments, each as its word in the usage line and its row, and the rows of its options."""
    hints = get_type_hints(callback, include_extras=True)
    arguments, options = [], []
    for name, parameter in inspect.signature(callback).parameters.items():
        if hints[name] is Context:
            continue
        annotation, info = _declared(hints[name])
        required = parameter.default is inspect.Parameter.empty
        if isinstance(info, ArgumentInfo):
            word = name.upper() + ("…" if get_origin(_inner(annotation)) is list else "")
            word = word if required else f"[{word}]"
            arguments.append((word, _row(f"`{word}`", annotation, info, parameter.default)))
        else:
            options.append(_row(f"`{_flags(name, annotation, info)}`", annotation, info, parameter.default))
    return arguments, options


def _declared(hint: Any) -> tuple[Any, ArgumentInfo | OptionInfo]:
    annotation, *extras = get_args(hint)
    return annotation, next(extra for extra in extras if isinstance(extra, ArgumentInfo | OptionInfo))


def _flags(name: str, annotation: Any, info: OptionInfo) -> str:
    # Typer keeps the first name that an option inside `Annotated` declares where its default would be.
    declared = [word for word in (info.default, *(info.param_decls or ())) if isinstance(word, str)]
    if declared:
        return ", ".join(declared)
    flag = name.replace("_", "-")
    return f"--{flag}, --no-{flag}" if annotation is bool else f"--{flag}"


def _inner(annotation: Any) -> Any:
    """What is in an `X | None`."""
    parts = [part for part in get_args(annotation) if part is not NoneType]
    return parts[0] if get_origin(annotation) in (Union, UnionType) else annotation


def _row(name: str, annotation: Any, info: ArgumentInfo | OptionInfo, default: object) -> str:
    value = "" if annotation is bool else f"`{info.metavar}`" if info.metavar else _type(annotation)
    if default is inspect.Parameter.empty:
        told = "required"
    else:
        told = "" if default is None or default is False else "on" if default is True else _literal(default)
    return f"| {name} | {value} | {told} | {_cell(info.help or '')} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings_page, "commands.md": commands_page}


def outdated(folder: Path = DOCS) -> list[str]:
    """Names of the generated pages that are not what the code would write now."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != page()
    ]


def main() -> int:
    """Write the generated pages, or with `--check` say which are out of date."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")
    if parser.parse_args().check:
        old = outdated()
        for name in old:
            print(f"docs/{name} is out of date: python -m scripts.docs", file=sys.stderr)
        return 1 if old else 0
    for name in outdated():
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
