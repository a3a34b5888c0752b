"""Messages: whatever the user gave that was wrong, the line says what was expected."""

import ast
from collections.abc import Iterator

import pytest

from tests.test_layers import MODULES, ROOT

# What ends a message with another's words, which say it: an error that is told where it happened, a reason in a variable.
PASSED_ON = {"error", "told", "allowed", "foreign", "complaint", "_NO_SOLUTIONS", "_ADVICE"}


def silent(source: str) -> Iterator[int]:
    """The lines of a module that make an InputError of their own words without saying what was expected."""
    for node in ast.walk(ast.parse(source)):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InputError"
        ):
            continue
        (message,) = node.args
        if not isinstance(message, ast.JoinedStr | ast.Constant):
            continue
        texts = [part.value for part in ast.walk(message) if isinstance(part, ast.Constant)]
        last = message.values[-1] if isinstance(message, ast.JoinedStr) else message
        names = {part.id for part in ast.walk(last) if isinstance(part, ast.Name)}
        passed_on = isinstance(last, ast.FormattedValue) and names & PASSED_ON
        if not passed_on and not any("expected" in text for text in texts if isinstance(text, str)):
            yield node.lineno


def test_every_message_about_input_says_what_was_expected() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in MODULES
        for line in silent(path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ('InputError(f"{file} is damaged")', [1]),
        ('InputError("no file")', [1]),
        ('InputError(f"{file} is damaged ({error})")', [1]),
        ('InputError(f"{where}: {error}")', []),
        ('InputError(f"no file {file}; expected: one")', []),
        ("InputError(line)", []),
    ],
)
def test_a_message_without_it_is_found(call: str, lines: list[int]) -> None:
    assert list(silent(call)) == lines
