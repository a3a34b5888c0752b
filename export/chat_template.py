"""Chat templates, rendered as transformers and serving programs do: by Jinja2, in its immutable sandbox.

A template may be a stranger's: whatever goes wrong inside it is one line about its file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from runtime.values.errors import InputError, MissingExtra

LONGEST_TEMPLATE = 100_000


def render_chat_template(
    template: str, messages: Sequence[dict[str, str]], file: Path, *, begin: str = "", end: str = ""
) -> str:
    """The text of these messages up to where the model is to write; `begin` and `end` are the model's own tokens.

    Raises InputError, naming `file`, for a template that is too long or cannot be rendered.
    """
    try:
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise MissingExtra("chat templates need jinja2: pip install 'edgethought[gguf]'") from error

    def refuse(message: str) -> NoReturn:
        raise TemplateError(message)

    if len(template) > LONGEST_TEMPLATE:
        raise InputError(
            f"{file} has a chat template of {len(template):,} characters; expected: {LONGEST_TEMPLATE:,}"
        )
    box = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    box.globals["raise_exception"] = refuse
    try:
        return box.from_string(template).render(
            messages=list(messages), add_generation_prompt=True, bos_token=begin, eos_token=end
        )
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise InputError(
            f"the chat template of {file} cannot be rendered ({str(error)[:200]}); expected: a Jinja template as chat "
            "models have it"
        ) from error
