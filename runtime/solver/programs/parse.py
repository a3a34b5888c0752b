"""The text of a program as a tree; nothing of it runs here."""

import ast
import textwrap
import warnings

from runtime.solver.budget import OverBudget
from runtime.solver.programs.literals import TOO_LONG
from runtime.solver.programs.machine import BadSyntax

_FENCE = "```"
_SOURCE = "<thought>"
# What Python would like to tell the author of a program (`1if x`, `"\\d"`) is of no use to whoever has a model write it.
warnings.filterwarnings("ignore", module=_SOURCE)


def program_text(text: str) -> str:
    """The program itself: without Markdown fences and without common indentation."""
    before, fence, rest = text.partition(_FENCE)
    if fence:
        language, _, body = rest.partition("\n")
        inside = body.partition(_FENCE)[0]
        named = language.strip().lower() in ("python", "py", "python3")
        if named or (not language.strip() and not before.strip()):
            text = inside
        elif not rest.strip():
            text = before
    if text[:1] in (" ", "\t"):
        text = textwrap.dedent(text)
    return text.strip("\n")


def parse_program(text: str) -> ast.Module:
    """The tree; raises BadSyntax with the line, in words."""
    try:
        return ast.parse(text, filename=_SOURCE)
    except SyntaxError as error:
        if error.msg.startswith("Exceeds the limit"):  # Python's own bound for written numbers
            raise OverBudget(TOO_LONG) from None
        raise BadSyntax(f"line {error.lineno or 1}: {error.msg}") from None
    except ValueError as error:
        raise BadSyntax(str(error)) from None
